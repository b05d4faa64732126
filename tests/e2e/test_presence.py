"""How devices stand: what their owner is shown is right while they come and go, and after a crash of either side."""

import socket
import struct

import pytest

from support import mqtt_platform
from support.api import Api, make_thing
from support.http import Client
from support.mqtt_platform import connect
from support.program import Platform
from support.wait import eventually


@pytest.fixture
def platform(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings()) as running:
        yield running


@pytest.fixture
def api(platform):
    return Api.signed_in(platform)


@pytest.fixture
def thing(api):
    return make_thing(api, {"temperature": "double"})


def presence(api, thing):
    return api.ok("GET", f"/api/devices/{thing.device}/presence")["result"]


def events(api, thing):
    return [event["event"] for event in api.ok("GET", f"/api/devices/{thing.device}/events")["result"]]


def post_reading(platform, thing, value="1"):
    headers = [("Authorization", f"Bearer {thing.token}"), ("Content-Type", "application/json")]
    body = f'{{"sensor_id":"{thing.sensors["temperature"]}","value":{value}}}'.encode()
    return Client(platform.address("http")).request("POST", "/", headers, body)


def test_a_device_was_never_seen_then_seen_over_http(platform, api, thing):
    before = presence(api, thing)
    assert not before["connected"] and before["last_seen"] is None and before["protocol"] is None
    assert post_reading(platform, thing, '"no number"').status == 400
    after = presence(api, thing)
    assert not after["connected"] and after["protocol"] == "http" and after["address"] == "127.0.0.1"
    assert after["last_error"] and after["last_error_at"] >= after["last_seen"]
    device = api.ok("GET", f"/api/devices/{thing.device}")["result"]
    assert device["connected"] is False and device["last_seen"] == after["last_seen"]


def test_connections_and_sessions_over_mqtt_are_shown(platform, api, thing):
    with connect(platform, thing.token, "first", clean=False, session_expiry=3600) as device:
        device.subscribe((f"{thing.device}/news", 1))
        with connect(platform, thing.token, "second"):
            shown = presence(api, thing)
            assert shown["connected"] and shown["connections"] == 2 and shown["protocol"] == "mqtt"
            assert shown["connected_since"] <= shown["last_seen"]
        device.leave()
    shown = eventually("nobody is connected", lambda: not (found := presence(api, thing))["connected"] and found)
    assert shown["connected_since"] is None
    [session] = shown["sessions"]
    assert session["client_id"] == "first" and not session["connected"] and session["subscriptions"] == 1
    with connect(platform, thing.token, "writer") as writer:
        writer.publish(f"{thing.device}/news", b"1", 1)
    assert [one["queued"] for one in presence(api, thing)["sessions"] if one["client_id"] == "first"] == [1]


def test_a_device_that_is_reset_is_gone(platform, api, thing):
    device = connect(platform, thing.token, "device")
    assert presence(api, thing)["connected"]
    device.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    device.close()
    eventually("the device is gone", lambda: not presence(api, thing)["connected"])


def test_a_device_that_says_nothing_within_its_keep_alive_is_gone(platform, api, thing):
    with connect(platform, thing.token, "device", keep_alive=1):
        eventually("the device is gone", lambda: not presence(api, thing)["connected"])
    assert presence(api, thing)["last_error"]


def test_kill_9_of_the_platform_leaves_what_was_last_seen(platform, api, thing):
    with connect(platform, thing.token, "device") as device:
        device.publish(thing.device, b"bad", 1)
        seen = presence(api, thing)
        assert seen["connected"] and seen["last_error"]
        platform.stop()
        platform.start()
        stopped = presence(Api.signed_in(platform), thing)
        assert not stopped["connected"] and stopped["connections"] == 0 and stopped["last_seen"] >= seen["last_seen"]
        platform.kill()
    platform.start()
    found = presence(Api.signed_in(platform), thing)
    assert not found["connected"] and found["connected_since"] is None
    assert (found["last_seen"], found["protocol"], found["address"]) == (stopped["last_seen"], "mqtt", "127.0.0.1")
    assert found["last_error"] == stopped["last_error"]


def test_a_silent_device_makes_one_event_and_another_when_it_is_back(platform, api, thing):
    assert post_reading(platform, thing).status == 200
    api.ok("PATCH", f"/api/devices/{thing.device}", {"silent_after_s": 1})
    eventually("the device is silent", lambda: events(api, thing) == ["silent"])
    assert presence(api, thing)["silent_since"]
    platform.kill()
    platform.start()
    api = Api.signed_in(platform)
    assert events(api, thing) == ["silent"]
    assert presence(api, thing)["silent_since"]
    api.ok("PATCH", f"/api/devices/{thing.device}", {"silent_after_s": 3600})
    assert post_reading(platform, thing).status == 200
    eventually("the device is back", lambda: events(api, thing) == ["back", "silent"])
    assert presence(api, thing)["silent_since"] is None
