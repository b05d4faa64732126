"""`iotplatform bench` against the platform: what it counts is what is stored."""

import json
import socket
import threading

import pytest

from support import program
from support.http import DEADLINE_S


def url(platform, listener):
    return "http://%s:%d" % platform.address(listener)


def address(platform, listener):
    return "%s:%d" % platform.address(listener)


def set_up(platform):
    return ["--core", url(platform, "core"), "--password", program.DEMO_PASSWORD]


def bench(*arguments):
    """The exit status, and what was found."""
    done = program.run("bench", "--json", *arguments)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("more, readings", [
    (["--connections", 20, "--window", 1], 1),
    (["--connections", 7, "--window", 16, "--threads", 3], 1),
    (["--connections", 5, "--devices", 2, "--readings-per-message", 40], 40),
    (["--connections", 4, "--rate", 5000], 1),
])
def test_everything_acknowledged_over_http_is_stored_once(platform, root, more, readings):
    status, found = bench("--protocol", "http", "--address", address(platform, "http"), *set_up(platform), "--messages", 2000,
                          "--duration", DEADLINE_S, "--verify", "--query", url(platform, "query"), "--pid", platform.pid, *more)
    assert status == 0, found
    assert (found["sent"], found["taken"], found["readings"]) == (2000, 2000, 2000 * readings)
    assert found["verified"] == {"good": True, "stored": 2000 * readings, "acknowledged": 2000 * readings, "sent": 2000 * readings}
    assert found["latency_ms"]["count"] == 2000
    assert 0 < found["latency_ms"]["p50"] <= found["latency_ms"]["p99"] <= found["latency_ms"]["max"]
    assert found["faults"] == {}


def test_a_refused_message_is_counted_by_its_status(platform, root):
    device = root.create_device("Bench")
    status, found = bench("--protocol", "http", "--address", address(platform, "http"), "--token", root.device_key(device),
                          "--sensor", "999999", "--connections", 1, "--messages", 3, "--duration", DEADLINE_S)
    assert status == 1
    assert (found["taken"], found["refused"], found["faults"]) == (0, 3, {"HTTP 400": 3})


def test_a_server_that_ends_is_told_from_one_that_answers():
    """A stand-in that answers two requests and closes: the rest is unanswered, and nothing hangs."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        peer, _ = listener.accept()
        with peer:
            peer.recv(1 << 16)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 2)

    thread = threading.Thread(target=serve)
    thread.start()
    token = "e30.eyJzdWIiOiIzIn0.e30"  # {"sub": "3"}
    status, found = bench("--protocol", "http", "--address", "127.0.0.1:%d" % listener.getsockname()[1], "--token", token,
                          "--sensor", "1", "--connections", 1, "--window", 5, "--messages", 5, "--duration", DEADLINE_S)
    thread.join()
    listener.close()
    assert status == 1
    assert found["taken"] + found["unanswered"] == 5 and found["unanswered"] >= 3
    assert list(found["faults"].values()) == [1]


def test_who_sends_must_be_said(platform):
    done = program.run("bench", "--address", "127.0.0.1:1")
    assert done.returncode == 2 and "--core" in done.stderr
    done = program.run("bench", "--address", "127.0.0.1:1", "--plain-broker")
    assert done.returncode == 1 and "refused" in done.stderr
