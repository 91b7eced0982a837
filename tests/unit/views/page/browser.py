"""A headless Chromium driven over a pipe (DevTools protocol), with the standard library only."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome", "chrome")
        if (path := shutil.which(name))
    ),
    None,
)
#: Starts a program with the two files given as its files 3 and 4, where Chromium has its pipe.
_AS_3_AND_4 = (
    "import os, sys; [os.dup2(int(end), place) for end, place in zip(sys.argv[1:3], (3, 4))];"
    " os.execv(sys.argv[3], sys.argv[3:])"
)
LIMIT = 60  # seconds for any single answer


class BrowserError(Exception):
    """The page raised, or the browser did not answer."""


class Browser:
    """One tab. `requests` holds every address asked for, `complaints` whatever the console said."""

    def __init__(self, profile: Path) -> None:
        down, self._write = os.pipe()
        self._read, up = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (down, up)]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                _AS_3_AND_4,
                *map(str, ends),
                str(CHROMIUM),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-extensions",
                "--disable-ipc-flooding-protection",
                "--disable-background-networking",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--remote-debugging-pipe",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=ends,
        )
        for end in (down, up, *ends):
            os.close(end)
        self._rest, self._number, self._session = b"", 0, ""
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._loaded = False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """Ask the browser one thing and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                return answer["result"]

    def _receive(self) -> dict[str, Any]:
        until = time.monotonic() + LIMIT
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(until - time.monotonic(), 0))
            part = os.read(self._read, 1 << 20) if ready else b""
            if not part:
                raise BrowserError("the browser does not answer")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        event: dict[str, Any] = json.loads(message)
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"])[:1_000])
        elif method in ("Runtime.consoleAPICalled", "Log.entryAdded"):
            self.complaints.append(json.dumps(params)[:1_000])
        elif method == "Page.loadEventFired":
            self._loaded = True
        return event

    def open(self, address: str) -> None:
        """Go to an address and wait until it is loaded."""
        self._loaded = False
        within = "loaderId" not in self.call("Page.navigate", url=address)  # another #address
        while not (self._loaded or within):
            self._receive()

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"])[:1_000])
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression in the page is true: going to an #address takes its time."""
        until = time.monotonic() + LIMIT
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > until:
                raise BrowserError(f"never true: {condition}")
            time.sleep(0.02)

    def press(self, key: str, text: str = "") -> None:
        """One key, as a person presses it."""
        codes = {
            "Enter": 13,
            "Escape": 27,
            "Tab": 9,
            "ArrowDown": 40,
            "ArrowUp": 38,
            "PageDown": 34,
            "PageUp": 33,
            "Home": 36,
            "End": 35,
        }
        typed = {"text": "\r"} if key == "Enter" else {"text": text} if text else {}
        code = codes.get(key, ord(key[0].upper()))
        self.call(
            "Input.dispatchKeyEvent",
            type="keyDown" if typed else "rawKeyDown",
            key=key,
            windowsVirtualKeyCode=code,
            **typed,
        )
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)
        self.settle()

    def type(self, words: str) -> None:
        """Text into what has the focus."""
        self.call("Input.insertText", text=words)
        self.settle()

    def settle(self) -> None:
        """Wait until events are handled and the page is drawn."""
        self.run("new Promise((done) => setTimeout(() => requestAnimationFrame(done), 60))")

    def size(self, width: int, height: int) -> None:
        """The size of the window, as of a telephone when it is narrow."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def prefer(self, scheme: str, media: str = "") -> None:
        """What the person's system prefers: light or dark; and screen or print."""
        self.call(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def without_script(self, off: bool = True) -> None:
        """Switch the page's scripts off for the next address."""
        self.call("Emulation.setScriptExecutionDisabled", value=off)

    def picture(self, whole: bool = False) -> bytes:
        """A PNG of the window, or of the whole page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def printed(self) -> bytes:
        """The page as the PDF that the browser prints."""
        done = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(done["data"])

    def close(self) -> None:
        """End the browser and wait for it."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for end in (self._read, self._write):
            os.close(end)
