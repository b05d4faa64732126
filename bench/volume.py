"""The parts of scripts/bench about much data: 100 million points, scans that nothing shortens, queries beside ingestion."""

import json
import statistics
import subprocess
import time

from load import Load, load
from queries import compare, measure
from servers import PROGRAM, Platform, files_bytes, median, resident_mb, victoria_or_none
from walks import Walks


def bench_volume(options):
    """Many points: bytes of each, the start with them, memory after it, and the queries on them."""
    platform, peer = Platform(), victoria_or_none()
    try:
        walks = Walks(platform, options.sensors, options.points)
        walks.into(platform)
        resident = resident_mb(platform.pid)
        start = time.monotonic()
        platform.process.stop()
        stopping = time.monotonic() - start
        left = files_bytes(platform.data + "/store") / walks.total
        subprocess.run([PROGRAM, "compact", "--data-dir", platform.data], check=True, stdout=subprocess.DEVNULL)
        packed = files_bytes(platform.data + "/store") / walks.total
        platform.start()
        # The key that signs tokens is made after the start; memory is read when that is over.
        walks.platform_count()
        time.sleep(1)
        print(f"{walks.total:,} points of {options.sensors:,} sensors: {packed:.3f} bytes a point ({left:.3f} before `compact`); ready after"
              f" {platform.ready['start_ms']:.0f} ms; resident {resident:.0f} MB after loading, {resident_mb(platform.pid):.0f} MB after the"
              f" restart; stopped within {stopping:.1f} s", flush=True)
        if peer:
            walks.into(peer)
            time.sleep(5)
            print(f"  VictoriaMetrics: {files_bytes(peer.directory + '/data') / walks.total:.3f} bytes a point; resident"
                  f" {resident_mb(peer.pid):.0f} MB", flush=True)
        compare(walks, [peer] if peer else [], options)
        print(f"  resident after the queries: {resident_mb(platform.pid):.0f} MB")
    finally:
        platform.stop()
        if peer:
            peer.stop()


def bench_scan(options):
    """A filter on the value that no summary decides, over 10 million points: what a core looks at in a second."""
    for kept, flags in (("nothing kept decoded", ("--store.decoded_bytes", "0")), ("kept decoded where it fits", ())):
        platform = Platform(None, *flags)
        try:
            # Each walk crosses its middle in every hour, so that half of each run fits.
            walks = Walks(platform, 100, 100_000, pull=16)
            walks.into(platform)
            platform.process.stop()
            subprocess.run([PROGRAM, "compact", "--data-dir", platform.data], check=True, stdout=subprocess.DEVNULL)
            platform.start(*flags)
            walks.platform_count()
            fits = {"range": {"value": {"gte": 20}}}
            # A range that a reading's minimum and maximum may decide, but not here; and one as an aggregation.
            asked = {"_count": {"query": fits}, "_search": {"size": 0, "query": fits, "aggs": {"n": {"value_count": {"field": "value"}}}}}
            for call, body in asked.items():
                path = f"/{walks.device}_*/{call}"
                answer = platform.call("POST", path, body, platform.query)
                count = answer["count"] if call == "_count" else answer["aggregations"]["n"]["value"]
                rows = [measure(platform, path, json.dumps(body), options) for _ in range(options.rounds)]
                rate = statistics.median(walks.total * row["requests"] / row["server_cpu_s"] for row in rows)
                print(f"{call} with a range of the value, {kept}: {rate / 1e6:,.0f} million points a second and core;"
                      f" {median(rows, 'p50_ms'):.1f} ms for {walks.total:,} points, of which {count:,} fit", flush=True)
        finally:
            platform.stop()


def bench_mixed(options):
    """Queries at a steady rate, without and with arrays coming in at half the rate that they can."""
    platform = Platform()
    try:
        walks = Walks(platform, 100, 10_000)
        walks.into(platform)
        _, sensors, header = platform.device(10)
        arrays = dict(port=platform.http, kind="array", connections=16, pid=platform.pid, header=header, sensors=",".join(sensors))
        half = statistics.median(load(seconds=options.seconds, **arrays)["requests_per_s"] for _ in range(options.rounds)) / 2
        questions = {
            "last 100 points": {"size": 100, "sort": [{"timestamp": "desc"}]},
            "hourly means": {"size": 0, "aggs": {"t": {"date_histogram": {"field": "timestamp", "fixed_interval": "1h"},
                                                       "aggs": {"m": {"avg": {"field": "value"}}}}}},
        }
        for name, body in questions.items():
            quiet, busy, alone, beside = [], [], [], []
            for _ in range(options.rounds):
                def ask():
                    return measure(platform, f"/{walks.index()}/_search", json.dumps(body), options, rate=100, sleep=1)
                quiet.append(ask())
                alone.append(load(seconds=options.seconds, rate=half, sleep=1, **arrays))
                ingestion = Load(seconds=options.seconds + 1, rate=half, sleep=1, **arrays)
                time.sleep(0.5)
                busy.append(ask())
                beside.append(ingestion.result())
            ratio = statistics.median(b["p99_ms"] / a["p99_ms"] for a, b in zip(quiet, busy))
            kept = statistics.median(b["readings"] / b["seconds"] / (a["readings"] / a["seconds"]) for a, b in zip(alone, beside))
            print(f"{name}, 100 a second, quiet: p50 {median(quiet, 'p50_ms'):.2f} ms, p99 {median(quiet, 'p99_ms'):.2f} ms; beside"
                  f" {half * 1000:,.0f} readings a second: p50 {median(busy, 'p50_ms'):.2f} ms, p99 {median(busy, 'p99_ms'):.2f} ms"
                  f" ({ratio:.1f} times); ingestion {kept:.2f} of what it is without, its p99 {median(alone, 'p99_ms'):.1f} and"
                  f" {median(beside, 'p99_ms'):.1f} ms", flush=True)
    finally:
        platform.stop()


PARTS = {"volume": bench_volume, "scan": bench_scan, "mixed": bench_mixed}
