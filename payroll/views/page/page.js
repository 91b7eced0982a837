"use strict";
// The review page without a framework: search, filters, one person's pay. The file is all there is, and
// text only reaches the page as text. Amounts are whole cents and are only added and written.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const say = (name, values = {}) => data.say[name].replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
  const $ = (id) => document.getElementById(id);
  const PAGE = 50;
  const count = data.id.length;

  // --- columns: a cell, and the rows of a payee -------------------------------------------------
  const cell = (table, name, row) => (table[name].d ? table[name].d[table[name].i[row]] : table[name][row]);
  const offsets = new Map();
  function rows(table, payee) {
    if (!table) return [];
    if (!offsets.has(table)) {
      const first = new Uint32Array(count + 1);
      for (let at = 0; at < count; at += 1) first[at + 1] = first[at] + table.n[at];
      offsets.set(table, first);
    }
    const first = offsets.get(table);
    return Array.from({ length: first[payee + 1] - first[payee] }, (_, number) => first[payee] + number);
  }
  const source = (table, row) => cell(table, "place", row) + (cell(table, "row", row) ? `!R${cell(table, "row", row)}` : "");

  // --- amounts: digits of whole cents, never a fraction -----------------------------------------
  const [THOUSANDS, POINT] = data.signs;
  function eur(cents, signed = false) {
    const digits = String(Math.abs(cents)).padStart(3, "0");
    const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, THOUSANDS);
    return `${cents < 0 ? "-" : signed && cents > 0 ? "+" : ""}${whole}${POINT}${digits.slice(-2)}`;
  }

  // --- elements ---------------------------------------------------------------------------------
  function el(name, properties = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key === "class") made.className = value;
      else made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null && child !== ""));
    return made;
  }
  const address = (payee) => `#p=${data.kind[payee]}:${encodeURIComponent(data.id[payee]).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)}`;
  const mark = (severity) => el("span", { class: `mark ${severity}` }, say(severity));
  const amount = (cents, signed) => el("td", { class: "number" }, cents === null ? "–" : eur(cents, signed));
  function table(headings, body, label) {
    const head = headings.map(([words, kind]) => el("th", { scope: "col", class: kind ?? "" }, words));
    return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": label },
      el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)));
  }

  // --- what is known of everybody, once ---------------------------------------------------------
  const plain = (words) => words.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const everybody = Array.from({ length: count }, (_, payee) => payee);
  const haystack = everybody.map((payee) => plain(`${data.id[payee]} ${data.name[payee]}`));
  const total = { pay: new Array(count).fill(0), held: new Array(count).fill(0), owed: new Array(count).fill(0) };
  const delta = new Array(count).fill(null);
  const has = everybody.map(() => new Set()); // states, streams and rules of a payee, by name
  for (const payee of everybody) {
    for (const row of rows(data.payments, payee)) {
      const state = cell(data.payments, "held", row) ? "held" : "pay";
      total[state][payee] += cell(data.payments, "cents", row);
      has[payee].add(state).add(data.streams[cell(data.payments, "stream", row)][0]);
    }
    for (const row of rows(data.owed, payee)) {
      total.owed[payee] += cell(data.owed, "cents", row);
      has[payee].add("owed").add(data.streams[cell(data.owed, "stream", row)][0]);
    }
    if (!has[payee].size) has[payee].add("none");
    for (const row of rows(data.later, payee)) has[payee].add("later").add(data.streams[cell(data.later, "stream", row)][0]);
    for (const row of rows(data.findings, payee)) {
      const severity = cell(data.findings, "severity", row);
      has[payee].add(`rule ${cell(data.findings, "rule", row)}`).add(severity === "hold" ? "held" : severity);
    }
    for (const row of rows(data.changes, payee)) {
      delta[payee] = cell(data.changes, "net_after", row) - cell(data.changes, "net_before", row);
      if (delta[payee]) has[payee].add("moved").add(cell(data.changes, "reasons", row) ? "" : "unexplained");
    }
  }

  // --- the list of payees: searched, filtered, sorted, a page at a time -------------------------
  const list = { found: everybody, page: 0, sort: "id", down: false };
  const sorters = {
    id: null,
    name: (a, b) => collator.compare(data.name[a], data.name[b]),
    site: (a, b) => collator.compare(cell(data, "site", a), cell(data, "site", b)),
    pay: (a, b) => total.pay[a] - total.pay[b],
    held: (a, b) => total.held[a] - total.held[b],
    delta: (a, b) => Math.abs(delta[a] ?? -1) - Math.abs(delta[b] ?? -1),
  };
  const collator = new Intl.Collator(data.lang);
  const chosen = (id) => ($(id) ? $(id).value : "");

  function find() {
    const words = plain($("q").value).split(/\s+/).filter(Boolean);
    const [stream, state, rule, site] = ["f-stream", "f-state", "f-rule", "f-site"].map(chosen);
    const wanted = [stream, state, rule && `rule ${rule}`].filter(Boolean);
    list.found = everybody.filter((payee) => words.every((word) => haystack[payee].includes(word))
      && wanted.every((name) => has[payee].has(name)) && (!site || cell(data, "site", payee) === site));
    if (sorters[list.sort]) list.found.sort(sorters[list.sort]);
    if (list.down) list.found.reverse();
    list.page = 0;
    draw();
  }

  function draw() {
    const first = list.page * PAGE;
    const shown = list.found.slice(first, first + PAGE);
    $("payee-list").replaceChildren(...shown.map(payeeRow));
    $("payee-count").textContent = shown.length
      ? say("shown", { first: first + 1, last: first + shown.length, count: list.found.length }) : say("nobody");
    $("prev").disabled = first === 0;
    $("next").disabled = first + PAGE >= list.found.length;
    for (const button of document.querySelectorAll("[data-sort]")) {
      const own = button.dataset.sort === list.sort;
      button.closest("th").setAttribute("aria-sort", own ? (list.down ? "descending" : "ascending") : "none");
    }
  }

  function payeeRow(payee) {
    const flags = ["held", "owed", "warn", "unexplained", "later"].filter((name) => has[payee].has(name));
    const sum = (cents, signed) => el("td", { class: "number" }, cents ? eur(cents, signed) : "");
    const change = sum(delta[payee], true);
    change.classList.add("roomy");
    return el("tr", {}, el("td", { class: "mono" }, data.id[payee]),
      el("td", {}, el("a", { href: address(payee) }, data.name[payee] || data.id[payee])),
      ...($("f-site") ? [el("td", { class: "roomy" }, cell(data, "site", payee))] : []),
      sum(total.pay[payee]), sum(total.held[payee]), change,
      el("td", { class: "roomy" }, ...flags.map((name) => el("span", { class: `mark ${name === "warn" ? "warn" : name === "later" ? "" : "hold"}` }, say(`flag_${name}`)))));
  }

  // --- the held list: what was written is narrowed, never rebuilt -------------------------------
  const held = [...document.querySelectorAll("#held-list > li")].map((item) => ({ item, words: plain(item.textContent) }));
  function narrow() {
    const words = plain($("held-q").value).split(/\s+/).filter(Boolean);
    const fits = ({ item, words: own }) => words.every((word) => own.includes(word))
      && ["stream", "rule"].every((name) => !chosen(`held-${name}`) || item.dataset[name].split(" ").includes(chosen(`held-${name}`)))
      && (!chosen("held-site") || item.dataset.site === chosen("held-site"));
    let left = 0;
    for (const one of held) {
      one.item.hidden = !fits(one);
      left += one.item.hidden ? 0 : 1;
    }
    $("held-count").textContent = say("held_shown", { shown: left, count: held.length });
  }

  // --- one person -------------------------------------------------------------------------------
  // gross first, then the steps in the order of the law, then what is left and third parties
  const ORDER = [...data.steps.map(([step]) => step), "special_contribution_settlement", "deductions_estimated", "residual", "one_off_net", "other_deductions", "garnishment"];
  const rank = (row) => { const at = ORDER.indexOf(cell(data.lines, "component", row)); return at < 0 ? ORDER.indexOf("gross") : at; };
  const inOrder = (a, b) => rank(a) - rank(b) || a - b;

  function sumOf(lines, names) {
    return lines.reduce((sum, row) => sum + (names.includes(cell(data.lines, "component", row)) ? cell(data.lines, "cents", row) : 0), 0);
  }

  function findingsPart(payee) {
    const body = rows(data.findings, payee).map((row) => el("tr", {},
      el("td", {}, mark(cell(data.findings, "severity", row))), el("td", { class: "mono nowrap" }, cell(data.findings, "rule", row)),
      el("td", {}, el("p", {}, cell(data.findings, "message", row)), cell(data.findings, "remedy", row) && el("p", { class: "remedy" }, el("strong", {}, say("remedy")), " ", cell(data.findings, "remedy", row)),
        el("p", { class: "soft cell" }, [cell(data.findings, "id", row), cell(data.findings, "source", row), cell(data.findings, "decision", row)].filter(Boolean).join(" · ")))));
    return body.length ? [el("h3", {}, say("findings")), table([[say("severity")], [say("rule")], [say("why")]], body, say("findings"))] : [];
  }

  function paymentsPart(payee) {
    const body = rows(data.payments, payee).map((row) => el("tr", {},
      el("td", {}, data.streams[cell(data.payments, "stream", row)][1], el("p", { class: "soft cell mono" }, cell(data.payments, "id", row))),
      amount(cell(data.payments, "cents", row)),
      el("td", { class: "nowrap" }, cell(data.payments, "held", row) ? el("span", { class: "mark hold" }, say("hold"), " ", cell(data.payments, "rules", row)) : `${say("paid")} ${cell(data.payments, "day", row)}`),
      el("td", {}, el("span", { class: "mono" }, cell(data.payments, "iban", row) || "–"), cell(data.payments, "creditor", row) && el("p", { class: "soft cell" }, cell(data.payments, "creditor", row))), el("td", {}, cell(data.payments, "ref", row)), el("td", {}, cell(data.payments, "legal", row))));
    body.push(...rows(data.owed, payee).map((row) => el("tr", {}, el("td", {}, data.streams[cell(data.owed, "stream", row)][1]), amount(cell(data.owed, "cents", row)),
      el("td", {}, el("span", { class: "mark hold" }, say("flag_owed"))), el("td", {}), el("td", {}), el("td", { class: "soft cell" }, cell(data.owed, "source", row)))));
    const notes = rows(data.later, payee).map((row) => el("p", { class: "note" }, `${say("flag_later")} · ${data.streams[cell(data.later, "stream", row)][1]} · ${cell(data.later, "reason", row)} · ${cell(data.later, "source", row)}`));
    return [el("h3", {}, say("payments")), ...notes, body.length ? table([[say("stream")], [say("eur"), "number"], [say("state")], ["IBAN"], [say("reference")], [say("legal")]], body, say("payments")) : el("p", {}, say("no_payment"))];
  }

  /** The steps of the known month beside the same steps of this month's lines. */
  function stepRows(payee, known, change) {
    const lines = rows(data.lines, payee).filter((row) => cell(data.lines, "stream", row) === data.of_staff);
    const register = Object.fromEntries(data.steps.map(([step]) => [step, cell(data.known_month, step, known)]));
    const off = Object.fromEntries(data.steps.map(([step], at) => [step, (data.known_month.off[payee] ?? [])[at] ?? 0]));
    const third = ["other_deductions", "garnishment"];
    const now = { base_salary: sumOf(lines, ["base_salary"]), gross: change.gross_after, work_bonus: sumOf(lines, ["work_bonus"]),
      personal_contribution: -sumOf(lines, ["personal_contribution"]), withholding: -sumOf(lines, ["withholding"]), fiscal_work_bonus: sumOf(lines, ["fiscal_work_bonus"]),
      special_contribution: -sumOf(lines, ["special_contribution", "special_contribution_settlement"]), net: change.net_after - sumOf(lines, third) };
    const alike = register.gross - register.personal_contribution + register.work_bonus === register.taxable;
    now.taxable = alike ? now.gross - now.personal_contribution + now.work_bonus : null;
    const estimated = lines.some((row) => cell(data.lines, "component", row) === "deductions_estimated");
    if (estimated) for (const step of ["personal_contribution", "work_bonus", "taxable", "withholding", "fiscal_work_bonus", "special_contribution"]) now[step] = null;
    const made = [];
    const add = (words, values, look) => made.push({ words, values, look: look ?? "" });
    for (const [step, words] of data.steps) {
      if (step === "net") {
        const own = ["residual", "deductions_estimated"].filter((name) => sumOf(lines, [name]));
        for (const name of own) add(data.lines.words[name], [null, null, sumOf(lines, [name])]);
        const rest = now.net - now.gross + (now.personal_contribution + now.withholding + now.special_contribution) - (now.work_bonus + now.fiscal_work_bonus) - sumOf(lines, own);
        if (rest) add(say("rest"), [null, null, rest]); // what is added to the net itself: the column adds up
      }
      add(words, [register[step], register[step] + off[step], now[step]], step === "net" || step === "gross" ? "whole" : "");
    }
    const before = change.net_before - register.net;
    if (before || sumOf(lines, third)) add(say("third"), [before, null, sumOf(lines, third)]);
    add(say("net_paid"), [change.net_before, null, change.net_after], "total");
    return made;
  }

  function monthsPart(payee) {
    const [row] = rows(data.changes, payee);
    if (row === undefined) return [];
    const change = Object.fromEntries(["gross_before", "gross_after", "net_before", "net_after"].map((name) => [name, cell(data.changes, name, row)]));
    const [known] = rows(data.known_month, payee);
    const steps = known === undefined
      ? [{ words: say("gross"), values: [change.gross_before, null, change.gross_after] }, { words: say("net_paid"), values: [change.net_before, null, change.net_after], look: "total" }]
      : stepRows(payee, known, change);
    const body = steps.map(({ words, values, look }) => {
      const [before, rebuilt, now] = values;
      const moved = before === null || now === null ? null : now - before;
      const shown = rebuilt === null ? el("td", { class: "number" }) : el("td", { class: `number${rebuilt === before || before === null ? "" : " diff"}` }, eur(rebuilt));
      return el("tr", { class: look ?? "" }, el("th", { scope: "row" }, words), amount(before), shown, amount(now),
        el("td", { class: `number ${!moved ? "soft" : !look ? "" : moved > 0 ? "gain" : "diff"}` }, moved === null ? "–" : moved ? eur(moved, true) : "="));
    });
    const reasons = cell(data.changes, "reasons", row);
    const dropped = rows(data.dropped, payee).map((at) => el("tr", {}, el("td", {}, cell(data.dropped, "component", at)), el("td", {}, cell(data.dropped, "nature", at)),
      amount(cell(data.dropped, "cents", at)), el("td", { class: "soft cell" }, source(data.dropped, at))));
    return [el("h3", {}, say("months", { known: data.known || say("known"), period: data.period })),
      el("p", {}, reasons ? `${say("reasons")} ${reasons}` : change.net_after === change.net_before ? say("same") : say("no_reason")),
      table([[say("step")], [say("register", data), "number"], [say("rebuilt", data), "number"], [data.period, "number"], [say("difference"), "number"]], body, say("months", { known: data.known, period: data.period })),
      ...(known === undefined ? [] : [el("p", { class: "soft cell" }, source(data.known_month, known))]),
      ...(dropped.length ? [el("h3", {}, say("dropped")), table([[say("component")], [say("nature")], [say("eur"), "number"], [say("source")]], dropped, say("dropped"))] : [])];
  }

  function linesPart(payee) {
    if (!data.full) return [el("p", { class: "note" }, say("not_full"))];
    return data.streams.flatMap(([, words], stream) => {
      const own = rows(data.lines, payee).filter((row) => cell(data.lines, "stream", row) === stream).sort(inOrder);
      if (!own.length) return [];
      const body = own.map((row) => el("tr", {}, el("th", { scope: "row" }, data.lines.words[cell(data.lines, "component", row)], el("p", { class: "soft cell" }, cell(data.lines, "rule", row))),
        el("td", { class: "nowrap" }, cell(data.lines, "period", row)), el("td", {}, cell(data.lines, "basis", row)), el("td", { class: "number" }, cell(data.lines, "quantity", row)), el("td", { class: "number" }, cell(data.lines, "rate", row)),
        amount(cell(data.lines, "cents", row)), el("td", { class: "soft cell" }, source(data.lines, row))));
      const sum = own.reduce((all, row) => all + cell(data.lines, "cents", row), 0);
      body.push(el("tr", { class: "total" }, el("th", { scope: "row" }, say("sum")), el("td"), el("td"), el("td"), el("td"), amount(sum), el("td")));
      return [el("h3", {}, say("lines", { stream: words })), table([[say("component")], [say("period")], [say("basis")], [say("quantity"), "number"], [say("rate"), "number"], [say("eur"), "number"], [say("source")]], body, say("lines", { stream: words }))];
    });
  }

  function person(payee) {
    const kind = data.kinds.find(([letter]) => letter === data.kind[payee])[1];
    const where = [kind, cell(data, "site", payee)].filter(Boolean).join(" · ");
    const quoted = /^[\w.-]+$/.test(data.id[payee]) ? data.id[payee] : `"${data.id[payee]}"`;
    const command = `payroll ${data.kind[payee] === "e" ? "explain-pay" : "trace"} ${data.period}/runs/${data.run} ${quoted}`;
    const heading = el("h2", { id: "h-person", tabindex: "-1" }, data.name[payee] || data.id[payee]);
    const back = el("button", { type: "button", class: "js" }, say("back"));
    back.addEventListener("click", leave);
    $("person").replaceChildren(el("header", {}, el("div", {}, heading, el("p", { class: "soft" }, el("span", { class: "mono" }, data.id[payee]), ` · ${where}`)), back),
      ...findingsPart(payee), ...paymentsPart(payee), ...monthsPart(payee), ...linesPart(payee),
      el("h3", {}, say("trail")), el("p", {}, say("trail_note")), el("code", {}, command));
    return heading;
  }

  // --- what is on screen: overview, search results, or a person ---------------------------------
  let scrolled = 0;
  function show() {
    const [, kind, id] = /^#p=(.):(.*)$/s.exec(location.hash) ?? [];
    let wanted = "";
    try { wanted = decodeURIComponent(id ?? ""); } catch { /* a damaged address is nobody's */ }
    const payee = kind ? everybody.find((one) => data.id[one] === wanted && data.kind[one] === kind) : undefined;
    const searching = payee === undefined && $("q").value.trim() !== "";
    if (payee !== undefined && $("person").hidden) scrolled = scrollY;
    const came = $("person").hidden === (payee !== undefined);
    $("overview").hidden = $("more").hidden = payee !== undefined || searching;
    $("payees").hidden = payee !== undefined;
    $("person").hidden = payee === undefined;
    if (payee !== undefined) {
      const heading = person(payee);
      scrollTo({ top: 0, behavior: "instant" });
      heading.focus({ preventScroll: true });
      document.title = `${data.id[payee]} · ${data.run}`;
    } else if (came) {
      document.title = title;
      scrollTo({ top: scrolled, behavior: "instant" });
      [...document.links].find((link) => link.getAttribute("href") === opened && link.offsetParent)?.focus({ preventScroll: true });
    }
  }
  const title = document.title;
  let opened = ""; // the address by which a person's page was opened from here
  function leave() {
    if (opened) history.back();
    else location.hash = "";
  }

  function search() {
    opened = "";
    if (/^#p=/.test(location.hash)) location.hash = "";
    show();
    find();
  }

  function move(event) {
    const links = [...$("payee-list").querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const page = { PageDown: "next", PageUp: "prev" }[event.key];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || (to === undefined && !page)) return;
    event.preventDefault();
    if (page) { if (!$(page).disabled) { turn(page === "next" ? 1 : -1); $("payee-list").querySelector("a").focus(); } }
    else if (to < 0) $("q").focus();
    else links[Math.min(to, links.length - 1)].focus();
  }
  function turn(by) { list.page += by; draw(); }

  function keys(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !typing) { event.preventDefault(); $("q").focus(); $("q").select(); }
    else if (event.key === "Escape") {
      if (!$("person").hidden) leave();
      else if ($("q").value) { $("q").value = ""; search(); }
    } else if (event.key === "ArrowDown" && document.activeElement === $("q")) {
      event.preventDefault();
      $("payee-list").querySelector("a")?.focus();
    } else move(event);
  }

  function theme() {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    $("theme").setAttribute("aria-pressed", String(!dark));
  }

  // --- wiring -----------------------------------------------------------------------------------
  addEventListener("hashchange", show);
  addEventListener("keydown", keys);
  $("q").addEventListener("input", search);
  $("theme").addEventListener("click", theme);
  $("prev").addEventListener("click", () => turn(-1));
  $("next").addEventListener("click", () => turn(1));
  $("payee-filters").addEventListener("change", find);
  $("f-clear").addEventListener("click", () => { $("payee-filters").reset(); $("q").value = ""; search(); });
  for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
  if ($("held-filters")) for (const kind of ["input", "change"]) $("held-filters").addEventListener(kind, narrow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#p=']");
    const row = event.target.closest("#payee-list tr");
    if (link) opened = link.getAttribute("href");
    else if (row && !getSelection().toString()) row.querySelector("a").click();
    const only = event.target.closest("[data-rule-only]");
    if (only) { $("payee-filters").reset(); $("f-rule").value = only.dataset.ruleOnly; find(); $("payees").scrollIntoView(); $("f-rule").focus({ preventScroll: true }); }
    const sort = event.target.closest("[data-sort]");
    if (sort) { list.down = sort.dataset.sort === list.sort ? !list.down : /pay|held|delta/.test(sort.dataset.sort); list.sort = sort.dataset.sort; find(); }
  });
  $("theme").setAttribute("aria-pressed", String(matchMedia("(prefers-color-scheme: dark)").matches));
  document.documentElement.classList.add("ready");
  if (held.length) narrow();
  find();
  show();
})();
