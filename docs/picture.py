"""Draws docs/pictures/workbench.png: the real page, in Debian's Chromium.

pip install playwright && python docs/picture.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

OUT = Path(__file__).parent / "pictures" / "workbench.png"
VIEW = "/c/us-iran-2020/forecast/us_strikes_again?w=tempo:.16~.26"


def main() -> None:
    served = subprocess.Popen(
        [sys.executable, "-m", "offramp", "serve", "us-iran-2020"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert served.stdout is not None
        address = served.stdout.readline().strip()
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(address)
            page.goto(address.split("/-/")[0] + VIEW)
            page.get_by_text("3,000 worlds are worth").wait_for(timeout=120_000)
            page.screenshot(path=str(OUT))
            browser.close()
    finally:
        served.terminate()


if __name__ == "__main__":
    main()
