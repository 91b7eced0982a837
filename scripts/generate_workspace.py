"""Write the small sample workspace again: python scripts/generate_workspace.py."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "fixtures" / "hospital-small"
SIZE, SEED = "small", 1


def main() -> int:
    """Replace fixtures/hospital-small by what payroll.demo makes of the same seed."""
    sys.path.insert(0, str(ROOT))
    from payroll.demo.workspace import demo_files

    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    for name, content in demo_files(SIZE, SEED).items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{FOLDER.relative_to(ROOT)}: written again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
