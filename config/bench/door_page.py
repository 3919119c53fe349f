"""How soon a phone can scan: the door's page on a slow line, the first time and from what the phone has kept.

Chromium plays the phone, its camera is a made-up one, and its line is Lighthouse's slow 4G (1.6 Mbit/s, an answer after
150 ms at the soonest). The phone is paired beforehand; “the first time” is with empty caches and without service
worker. Ready is the mark that the page itself sets: camera on, a reader there. Needs Chromium and playwright, which the
development environment has; without them it says so.
"""

from datetime import timedelta

from django.urls import reverse

from config.bench import chromium
from config.bench.measuring import Report
from config.bench.stage import Stage
from registrations.services import devices

TIMES = 3
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
READY = """() => new Promise((resolve) => {
    const look = () => {
        const [mark] = performance.getEntriesByName("ready to scan");
        if (mark) resolve(mark.startTime);
        else setTimeout(look, 10);
    };
    look();
})"""
FORGET = """async () => {
    for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
}"""
KEPT = """async () => {
    await navigator.serviceWorker.ready;
    const moment = () => new Promise((resolve) => setTimeout(resolve, 50));
    while (!(await caches.keys()).some((name) => name.startsWith("door /"))) await moment();
    while (!(await navigator.serviceWorker.getRegistration()).active) await moment();
}"""


def measure(stage: Stage, report: Report) -> None:
    event = stage.event("seminario-pisa", timedelta(hours=-1))
    _device, code = devices.create_pairing(events=[event], name="bench")
    stage.serve()
    address = f"http://127.0.0.1:{stage.port}{reverse('registrations:checkin')}"
    with chromium.running() as browser:
        context = browser.new_context(viewport=chromium.PHONE, permissions=["camera"])
        page = context.new_page()
        page.goto(f"{address}#{code}")
        page.evaluate(READY)
        page.evaluate(KEPT)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        first = [_first(page, session, address) for _time in range(TIMES)]
        report.add("the first time, slow 4G", **_spread([ms for ms, _bytes in first]), aim="≤ 2000 ms")
        report.add("what that weighed until it was ready", kilobytes=round(first[-1][1] / 1000))
        page.evaluate(KEPT)
        again = []
        for _time in range(TIMES):
            page.goto(address)
            again.append(page.evaluate(READY))
        report.add("from what was kept, slow 4G", **_spread(again), aim="≤ 500 ms")


def _first(page, session, address: str) -> tuple[float, int]:
    """The milliseconds until it can scan, and the bytes that had come by then."""
    page.evaluate(FORGET)
    session.send("Network.clearBrowserCache")
    weights: list[int] = []
    session.on("Network.loadingFinished", lambda told: weights.append(told["encodedDataLength"]))
    page.goto(address, wait_until="commit")
    ms = page.evaluate(READY)
    return ms, int(sum(weights))


def _spread(taken: list[float]) -> dict[str, int]:
    return {
        "best_ms": round(min(taken)),
        "median_ms": round(sorted(taken)[len(taken) // 2]),
        "worst_ms": round(max(taken)),
    }
