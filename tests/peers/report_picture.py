"""Draws the picture of the HTML report that the documentation shows: `report_picture.py docs/report.png`."""

import pathlib
import sys
import tempfile

import report_page
from test_html_report import browser


def draw(picture):
    """Writes the top of a page, of a run with a bit of everything, as a PNG file."""
    with tempfile.TemporaryDirectory() as directory:
        report_page.leave_runs(pathlib.Path(directory))
        driver = browser(width=1280, height=1100)
        try:
            driver.get((pathlib.Path(directory) / "report.html").as_uri())
            driver.save_screenshot(str(picture))
        finally:
            driver.quit()


if __name__ == "__main__":
    draw(pathlib.Path(sys.argv[1]))
