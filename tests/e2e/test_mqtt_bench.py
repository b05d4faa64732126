"""`iotplatform bench` over MQTT and WebSocket: what it counts is what is stored and delivered."""

import json

import pytest

from support import mqtt_platform, program
from support.http import DEADLINE_S
from support.program import Platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    directory = tmp_path_factory.mktemp("platform")
    with Platform(directory, mqtt_platform.settings(directory, **{"gateway.connections_per_device_max": "1000"})) as running:
        yield running
        assert running.stop() == 0


def bench(platform, listener, *arguments, status=0):
    done = program.run("bench", "--json", "--address", "%s:%d" % platform.address(listener), "--core", "http://%s:%d" % platform.address("core"),
                       "--password", program.DEMO_PASSWORD, "--duration", DEADLINE_S, *arguments)
    assert done.stdout, done.stderr
    assert done.returncode == status, done.stdout
    return json.loads(done.stdout)


def verify(platform):
    return ["--verify", "--query", "http://%s:%d" % platform.address("query")]


@pytest.mark.parametrize("version", ["3.1", "3.1.1", "5.0"])
@pytest.mark.parametrize("qos", [0, 1, 2])
def test_everything_taken_over_mqtt_is_stored_once(platform, version, qos):
    found = bench(platform, "mqtt", "--qos", qos, "--mqtt-version", version, "--connections", 5, "--messages", 3000, *verify(platform))
    assert (found["sent"], found["taken"]) == (3000, 3000)
    assert found["verified"] == {"good": True, "stored": 3000, "acknowledged": 3000, "sent": 3000}


@pytest.mark.parametrize("ack", [[], ["--ack"]])
def test_everything_taken_over_websocket_is_stored_once(platform, ack):
    found = bench(platform, "websocket", "--protocol", "websocket", "--connections", 5, "--messages", 3000, *ack, *verify(platform))
    assert found["taken"] == 3000
    assert found["verified"] == {"good": True, "stored": 3000, "acknowledged": 3000, "sent": 3000}


@pytest.mark.parametrize("qos", [0, 1])
def test_every_subscriber_gets_every_message(platform, qos):
    found = bench(platform, "mqtt", "--qos", qos, "--subscribers", 50, "--messages", 40, "--window", 3)
    assert found["delivered"] == 50 * 40
    assert found["delivery_latency_ms"]["count"] == 50 * 40


def test_all_come_back(platform):
    found = bench(platform, "mqtt", "--connections", 300, "--devices", 3, "--reconnect")
    assert found["reconnect_s"] > 0


def test_who_is_not_let_in_is_told_why(platform):
    done = program.run("bench", "--address", "%s:%d" % platform.address("mqtt"), "--plain-broker", "--connections", 1)
    assert done.returncode == 1
    assert "CONNACK 0x87" in done.stderr
