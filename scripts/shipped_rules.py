"""Pack rules/ into the program, so that a run's rules are compared with the rules as they shipped.

.venv-dev/bin/python scripts/shipped_rules.py    after every change in rules/, for the same commit
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
#: The same files give the same bytes, whenever they were written.
WRITTEN = (1980, 1, 1, 0, 0, 0)


def main() -> int:
    """Write the packed rules where they are not those of rules/ any more."""
    from payroll.rulebook.shipped import PACKED, shipped_rules
    from payroll.store import load_rule_files

    files = load_rule_files(ROOT / "rules")
    if PACKED.is_file() and files == shipped_rules():
        print("unchanged:", PACKED.relative_to(ROOT))
        return 0
    with zipfile.ZipFile(PACKED, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted(files.items()):
            packed.writestr(zipfile.ZipInfo(name, WRITTEN), content, zipfile.ZIP_DEFLATED)
    print("written:", PACKED.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
