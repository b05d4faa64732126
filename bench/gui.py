"""The part of scripts/bench about the web GUI: in Debian's Chromium, as the tests drive it, and by Lighthouse from npm."""

import http.client
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import threading
import time

from servers import DEMO_PASSWORD, ROOT, Platform

sys.path.insert(0, ROOT + "/tests")
# pylint: disable=wrong-import-position
from support.browser import Browser

LIGHTHOUSE = "lighthouse@12.8.2"
POINTS = 1_000_000
THROTTLED = 4  # times slower: what Lighthouse takes for a middling telephone
LIVE_SENSORS = 20
LIVE_PER_S = 10
AUDIT_TRIES = 3  # it does not always find the beginning of its own trace


def lighthouse():
    """The program, installed where the tests' packages are not."""
    directory = pathlib.Path(ROOT) / "build" / "lighthouse"
    program = directory / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "package.json").write_text('{"private": true}')
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", LIGHTHOUSE], cwd=directory, check=True)
    return program


class Sender:
    """A device's connection."""

    def __init__(self, platform, header):
        name, value = header.split(": ", 1)
        self.connection, self.headers = http.client.HTTPConnection("127.0.0.1", platform.http), {name: value, "Content-Type": "application/json"}

    def send(self, readings):
        for start in range(0, len(readings), 10_000):
            self.connection.request("POST", "/", json.dumps(readings[start:start + 10_000]), self.headers)
            answer = self.connection.getresponse()
            if answer.status != 200:
                sys.exit(f"bench: {answer.read().decode()}")
            answer.read()


def signed_in(browser, platform, **options):
    context = browser.context(f"http://127.0.0.1:{platform.core}", **options)
    answer = context.request.post("/api/session", data={"username": "root", "password": DEMO_PASSWORD})
    if not answer.ok:
        sys.exit(f"bench: {answer.text()}")
    return context


def audit(url, cookie, form):
    """Lighthouse's scores of a page, in percent."""
    arguments = [lighthouse(), url, "--quiet", "--output", "json", "--only-categories", "performance,accessibility,best-practices",
                 "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage",
                 "--extra-headers", json.dumps({"Cookie": cookie})]
    if form == "desktop":
        arguments += ["--preset", "desktop"]
    for _ in range(AUDIT_TRIES):
        done = subprocess.run(arguments, env={**os.environ, "CHROME_PATH": "/usr/bin/chromium"}, stdout=subprocess.PIPE, check=False)
        if done.returncode == 0:
            return json.loads(done.stdout)
    sys.exit(f"bench: Lighthouse failed {AUDIT_TRIES} times at {url}")


def bench_lighthouse(options, browser, platform, pages):
    context = signed_in(browser, platform)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    context.close()
    print("Lighthouse, median of rounds (performance, accessibility, best practices):")
    for form in ("desktop", "mobile"):
        for name, path in pages.items():
            found = [audit(f"http://127.0.0.1:{platform.core}{path}", cookie, form) for _ in range(options.rounds)]
            scores = [statistics.median(100 * one["categories"][each]["score"] for one in found)
                      for each in ("performance", "accessibility", "best-practices")]
            paint = statistics.median(one["audits"]["first-contentful-paint"]["numericValue"] for one in found)
            largest = statistics.median(one["audits"]["largest-contentful-paint"]["numericValue"] for one in found)
            faults = sorted({audit["id"] for one in found for audit in one["audits"].values()
                             if audit["scoreDisplayMode"] == "binary" and audit["score"] == 0})
            print(f"  {form:8} {name:10} {' '.join(f'{score:.0f}' for score in scores)}; first paint {paint:.0f} ms, largest {largest:.0f} ms"
                  f"{'; ' + ', '.join(faults) if faults else ''}")


def bench_first_view(options, browser, platform, pages):
    """From the request to the page's heading, without anything cached."""
    print(f"First view, CPU {THROTTLED} times slower, nothing cached:")
    for name, path in pages.items():
        paints, views = [], []
        for _ in range(max(options.rounds, 5)):
            context = signed_in(browser, platform)
            page = context.new_page()
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": THROTTLED})
            page.add_init_script("""new MutationObserver((_, watch) => {
                if (document.querySelector('h1')) { window.viewed ??= performance.now(); watch.disconnect(); }
            }).observe(document, { childList: true, subtree: true })""")
            page.goto(path)
            page.locator("h1").first.wait_for()
            page.wait_for_load_state("networkidle")
            views.append(page.evaluate("window.viewed"))
            paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
            context.close()
        print(f"  {name:10} first paint {statistics.median(paints):.0f} ms, heading {statistics.median(views):.0f} ms")


def metrics(session):
    return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}


def bench_zoom(options, browser, platform, path):
    """Frames while the wheel turns over a chart of a million points, and what the page computes for each."""
    context = signed_in(browser, platform)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(path)
    page.wait_for_selector(".u-over")
    page.get_by_text("All", exact=True).click()
    page.wait_for_load_state("networkidle")
    box = page.locator(".u-over").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    page.evaluate("""() => {
        window.frames = [];
        const each = (now) => { window.frames.push(now); requestAnimationFrame(each); };
        requestAnimationFrame(each);
    }""")
    before = metrics(session)
    page.keyboard.down("Control")
    for turn in range(int(options.seconds * 60)):
        page.mouse.wheel(0, -30 if (turn // 90) % 2 == 0 else 30)
    after = metrics(session)
    frames = page.evaluate("window.frames")
    context.close()
    lengths = sorted(b - a for a, b in zip(frames, frames[1:]))
    busy = 1000 * (after["TaskDuration"] - before["TaskDuration"]) / len(lengths)
    print(f"Zoom over {POINTS:,} points: {1000 / statistics.mean(lengths):.1f} frames a second, median {statistics.median(lengths):.1f} ms,"
          f" p95 {lengths[int(0.95 * len(lengths))]:.1f} ms, longest {lengths[-1]:.0f} ms; the page computes {busy:.1f} ms a frame")


def bench_live(options, browser, platform, kind, path, shown):
    """What a page of live sensors takes of a core: of its main thread, and of all threads of the browser."""
    sensors, header = shown
    context = signed_in(browser, platform)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(path)
    page.wait_for_load_state("load")
    stop = threading.Event()

    def feed():
        sender, next_at = Sender(platform, header), time.monotonic()
        while not stop.is_set():
            sender.send([{"sensor_id": sensor, "value": round(random.gauss(20, 1), 2)} for sensor in sensors])
            next_at += 1 / LIVE_PER_S
            stop.wait(max(0, next_at - time.monotonic()))

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        time.sleep(5)
        before, cpu, start = metrics(session), browser_cpu_s(), time.monotonic()
        time.sleep(4 * options.seconds)
        after, whole, took = metrics(session), browser_cpu_s() - cpu, time.monotonic() - start
    finally:
        stop.set()
        feeder.join()
    context.close()
    share = {name: 100 * (after[name] - before[name]) / took for name in ("TaskDuration", "ScriptDuration", "LayoutDuration")}
    print(f"{LIVE_SENSORS} live sensors at {LIVE_PER_S} readings a second each, {kind}: the page takes {share['TaskDuration']:.1f} % of a core"
          f" (scripts {share['ScriptDuration']:.1f} %, layout {share['LayoutDuration']:.1f} %), the whole browser without a GPU {100 * whole / took:.0f} %")


def browser_cpu_s():
    """Of all processes of the browsers that this one has started."""
    ticks = 0
    for each in pathlib.Path("/proc").iterdir():
        try:
            if each.name.isdigit() and b"chromium" in (each / "cmdline").read_bytes().split(b"\0")[0]:
                fields = (each / "stat").read_text().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def dashboard(platform, name, panels, **more):
    document = {"version": 1, "variables": [], "range": {"last": "7d"}, "refresh_s": None, "panels": panels, **more}
    return f"/dashboards/{platform.call('POST', '/api/dashboards', {'name': name, 'document': document})['result']['id']}"


def panels_of(indices, kind, options):
    """Five beside each other."""
    return [{"id": f"p{at}", "kind": kind, "title": f"Sensor {at}", "x": at % 4 * 3, "y": at // 4 * 4, "w": 3, "h": 4, "sensors": [index],
             "labels": {index: {"name": f"sensor {at}", "unit": "°C"}}, "options": options} for at, index in enumerate(indices)]


def bench_gui(options):
    platform, browser = Platform(), Browser()
    try:
        device, sensors, header = platform.device(LIVE_SENSORS)
        now, walk, readings = int(time.time()), 20.0, []
        for i in range(POINTS):
            walk += random.gauss(0, 0.1)
            readings.append({"sensor_id": sensors[0], "timestamp": now - POINTS + i, "value": round(walk, 2)})
        Sender(platform, header).send(readings)
        indices = [f"{device}_{sensor}" for sensor in sensors]
        pages = {"devices": "/devices", "sensor": f"/devices/{device}/sensors/{sensors[0]}",
                 "dashboard": dashboard(platform, "Walk", panels_of(indices[:1], "time-series", {"band": True}))}
        bench_first_view(options, browser, platform, {"sign-in": "/sign-in", **pages})
        bench_zoom(options, browser, platform, pages["sensor"])
        for kind, settings in (("latest", {"warn": None, "alarm": None}), ("time-series", {"band": True})):
            live = dashboard(platform, kind, panels_of(indices, kind, settings), range={"last": "15m"}, live=True)
            bench_live(options, browser, platform, f"a dashboard of {LIVE_SENSORS} panels '{kind}'", live, (sensors, header))
        bench_lighthouse(options, browser, platform, pages)
    finally:
        browser.close()
        platform.stop()


PARTS = {"gui": bench_gui}
