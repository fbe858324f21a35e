"""Takes the README's pictures anew: a verdict, and the report of the class in course/ (make it with `make course`).

Both are what the program really shows, photographed in Chromium.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from grader import check

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
REPORT = ROOT / "course" / "report" / "01-perceptron.html"
PAGE = '<body style="margin:12px;font:15px/1.5 system-ui,sans-serif;background:#fff;color:#111">{}</body>'


def decide(inputs: Sequence[float], weights: Sequence[float], threshold: float) -> int:
    """Decide as a student might who takes reaching the threshold for passing it."""
    return int(sum(x * w for x, w in zip(inputs, weights, strict=True)) >= threshold)


def main() -> None:
    """Write docs/pictures/verdict.png and docs/pictures/report.png."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("The pictures are taken with Chromium, which is not installed: apt install chromium.")
    if not REPORT.is_file():
        sys.exit("The report's picture is taken of course/, which is not there: run `make course` first.")
    check("01-perceptron/decide", decide)
    verdict = check("01-perceptron/decide", decide)  # the second failure shows the hint as well
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 780, "height": 400}, device_scale_factor=1.5)
        page.set_content(PAGE.format(verdict.html()))
        page.locator("section").screenshot(path=PICTURES / "verdict.png")
        page = browser.new_page(viewport={"width": 1280, "height": 1560})
        page.goto(REPORT.as_uri())
        page.screenshot(path=PICTURES / "report.png")
        browser.close()
    print(f"Two pictures are in {PICTURES.relative_to(ROOT)}/.")


if __name__ == "__main__":
    main()
