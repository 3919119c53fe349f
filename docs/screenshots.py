"""Makes the pictures of README.md from a running demo.

    uv run manage.py up                       # in one terminal
    uv run python docs/screenshots.py         # in another; --address when it is not http://127.0.0.1:8000

Asks nothing of other hosts, changes nothing in the demo but one login.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def login_link(email: str) -> str:
    """A link that logs `email` in once, as `manage.py login_code` prints it."""
    said = subprocess.run(
        [sys.executable, "manage.py", "login_code", email], cwd=HERE.parent, capture_output=True, text=True, check=True
    ).stdout
    return re.search(r"http\S+", said).group(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    address = parser.parse_args().address
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        desk = browser.new_page(viewport={"width": 1280, "height": 860}, locale="it-IT")
        desk.goto(f"{address}/")
        desk.screenshot(path=HERE / "images" / "home.png")
        phone = browser.new_page(viewport={"width": 390, "height": 780}, locale="it-IT", device_scale_factor=2)
        phone.goto(login_link("carla@vlt.example"))
        phone.get_by_role("button").last.click()
        phone.goto(f"{address}/gestione/")
        phone.screenshot(path=HERE / "images" / "desk.png")
        browser.close()


if __name__ == "__main__":
    main()
