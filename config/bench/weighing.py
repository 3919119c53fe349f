"""What a first visit carries over the line: a page with its styles, scripts, fonts and pictures.

Weighed in a real Chromium, on a phone's screen, with an empty cache, from the web server as `up` starts it: the bytes
that crossed the line, headers included, compressed as they were sent. Without Chromium there is no row.
"""

import shutil

PHONE = {"width": 390, "height": 844}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def first_visit(port: int, path: str) -> dict[str, float] | None:
    """Kilobytes (1000 bytes) in all and of each kind; None where there is no browser to ask."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if browser is None:
        return None
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_context(viewport=PHONE).new_page()
        line = page.context.new_cdp_session(page)
        kinds: dict[str, str] = {}
        sizes: dict[str, float] = {}

        def finished(event: dict) -> None:
            kind = kinds.get(event["requestId"], "Other").lower()
            sizes[kind] = sizes.get(kind, 0) + event["encodedDataLength"]

        line.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
        line.on("Network.loadingFinished", finished)
        line.send("Network.enable")
        page.goto(f"http://127.0.0.1:{port}{path}", wait_until="networkidle")
        chromium.close()
    return {"kB": round(sum(sizes.values()) / 1000, 1)} | {
        kind: round(size / 1000, 1) for kind, size in sorted(sizes.items())
    }
