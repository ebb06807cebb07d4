"""Simulates what the workbench shows first of each shipped case, into offramp/looks/: a wheel that
is built then brings it, so that numbers stand there before anything is simulated.

    python docs/looks.py        # before a release; half a minute
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import offramp
from offramp.api.looks import SHIPPED, ship


def main() -> None:
    folder = Path(str(resources.files("offramp"))) / SHIPPED
    for path in folder.glob("*.look"):  # of another version of the code
        path.unlink()
    for name in offramp.cases():
        path = ship(name, folder)
        print(f"{name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
