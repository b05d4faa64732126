"""The parts of scripts/bench about connections that stay: MQTT and WebSocket, by `iotplatform bench` (docs/bench.md)."""

import json
import resource
import statistics
import subprocess
import sys

from servers import DEMO_PASSWORD, PROGRAM, Platform, median, mosquitto_or_none


def run_bench(server, **options):
    """`iotplatform bench` against a server's listener (MQTT without `protocol`): what it found."""
    port = getattr(server, options.get("protocol", "mqtt")) if isinstance(server, Platform) else server.port
    arguments = [PROGRAM, "bench", "--json", "--address", f"127.0.0.1:{port}", "--pid", str(server.pid)]
    if isinstance(server, Platform):
        arguments += ["--core", f"http://127.0.0.1:{server.core}", "--password", DEMO_PASSWORD]
    else:
        arguments += ["--plain-broker"]
    for name, value in options.items():
        arguments += ["--" + name.replace("_", "-")] + ([] if value is True else [str(value)])
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if not done.stdout:
        sys.exit(f"bench: {done.stderr}")
    found = json.loads(done.stdout)
    if done.returncode != 0:
        print(f"  not all went well: {found['faults']}")
    return found


def side_by_side(options, measure):
    """Rounds of measure(server), ours and mosquitto's in turns on the same cores: two lists, the second empty without it."""
    platform, peer = Platform(), mosquitto_or_none()
    try:
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(measure(platform))
            if peer:
                theirs.append(measure(peer))
        return ours, theirs
    finally:
        platform.stop()
        if peer:
            peer.stop()


def print_ratio(what, ours, theirs, field, unit):
    line = f"{what}: {median(ours, field):,.0f} {unit}"
    if theirs:
        ratio = statistics.median(a[field] / b[field] for a, b in zip(ours, theirs))
        line += f"; mosquitto {median(theirs, field):,.0f}; ratio {ratio:.2f}"
    print(line)


def bench_mqtt(options):
    """Single readings. Ours are durable and can be queried when they are acknowledged; mosquitto passes them to nobody."""
    for qos in (1, 0):
        ours, theirs = side_by_side(options, lambda server, qos=qos: run_bench(
            server, qos=qos, connections=100, window=20, duration=options.seconds,
            **({"verify": True, "query": f"http://127.0.0.1:{server.query}"} if isinstance(server, Platform) else {})))
        if not all(row["verified"]["good"] for row in ours):
            sys.exit("bench: what is stored is not what was acknowledged")
        print_ratio(f"MQTT QoS {qos}, 100 connections, window 20", ours, theirs, "each_server_cpu_s", "messages per CPU second")
    ours, theirs = side_by_side(options, lambda server: run_bench(server, qos=1, connections=1, window=1, duration=options.seconds))
    for name, rows in (("ours", ours), ("mosquitto", theirs)):
        if rows:
            latencies = [row["latency_ms"] for row in rows]
            print(f"  MQTT QoS 1, 1 connection, window 1, {name}: p50 {median(latencies, 'p50'):.2f} ms, p99 {median(latencies, 'p99'):.2f} ms")


def bench_fanout(options):
    for qos in (0, 1):
        ours, theirs = side_by_side(options, lambda server, qos=qos: run_bench(server, qos=qos, subscribers=1000, window=20,
                                                                               duration=options.seconds))
        print_ratio(f"MQTT QoS {qos}, 1 publisher, 1,000 subscribers", ours, theirs, "each_server_cpu_s", "deliveries per CPU second")
        print_ratio("  by the clock", ours, theirs, "deliveries_per_s", "deliveries a second")
    platform = Platform()
    try:
        rows = [run_bench(platform, qos=1, subscribers=1, live=True, rate=1000, duration=options.seconds) for _ in range(options.rounds)]
        ours = [row["delivery_latency_ms"] for row in rows if row["delivered"]]
        if len(ours) < len(rows):
            sys.exit("bench: live readings were not delivered")
        print(f"live readings, 1,000 a second: sent to delivered p50 {median(ours, 'p50'):.2f} ms, p99 {median(ours, 'p99'):.2f} ms")
    finally:
        platform.stop()


def bench_idle(options):
    """Each round with servers that were just started: what one crowd leaves behind the next one would fill."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(100_000, hard - 500)
    rows = {"ours": [], "mosquitto": []}
    for _ in range(options.rounds):
        for name, make in (("ours", Platform), ("mosquitto", mosquitto_or_none)):
            server = make()
            if server is None:
                continue
            try:
                rows[name].append(run_bench(server, idle=count, duration=1, **({"devices": 1} if name == "ours" else {})))
            finally:
                server.stop()
    for name, found in rows.items():
        if found:
            print(f"{count:,} idle MQTT connections, {name}: {median(found, 'resident_bytes_per_connection'):,.0f} bytes each,"
                  f" open after {median(found, 'open_s'):.1f} s")


def bench_websocket(options):
    """Single readings, without answers and with."""
    for ack in ({}, {"ack": True}):
        platform = Platform()
        try:
            rows = [run_bench(platform, protocol="websocket", connections=100, window=20, duration=options.seconds, verify=True,
                              query=f"http://127.0.0.1:{platform.query}", **ack) for _ in range(options.rounds)]
        finally:
            platform.stop()
        if not all(row["verified"]["good"] for row in rows):
            sys.exit("bench: what is stored is not what was sent")
        print(f"WebSocket {'with' if ack else 'without'} answers, 100 connections: {median(rows, 'each_server_cpu_s'):,.0f} readings"
              f" per CPU second")


PARTS = {"mqtt": bench_mqtt, "websocket": bench_websocket, "fanout": bench_fanout, "idle": bench_idle}
