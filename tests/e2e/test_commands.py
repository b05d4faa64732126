"""Commands reach their device, over MQTT and HTTP, whatever happens on the way; and their owner hears what became of them."""

import json
import socket
import subprocess
import threading
import time

import pytest

from support import mqtt, mqtt_platform, venv
from support.api import Api, make_thing
from support.http import Client
from support.mqtt_platform import connect
from support.program import DIES_WITH_TESTS, ROOT, Platform
from support.wait import eventually
from support.websocket import WebSocket

HOUR_S = 3600


@pytest.fixture
def platform(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings(**{"websocket.ports": "0"})) as running:
        yield running


@pytest.fixture
def api(platform):
    return Api.signed_in(platform)


@pytest.fixture
def thing(api):
    return make_thing(api, {"temperature": "double"})


def send(api, thing, name="reboot", **more):
    return api.ok("POST", f"/api/devices/{thing.device}/commands", {"name": name, **more})["result"]


def read(api, thing, command):
    return api.ok("GET", f"/api/devices/{thing.device}/commands/{command['id']}")["result"]


def await_state(api, thing, command, state):
    return eventually(f"the command is {state}", lambda: (found := read(api, thing, command))["state"] == state and found)


def listen(platform, thing, client_id="device", version=5, **options):
    device = connect(platform, thing.token, client_id, version, **options)
    device.subscribe((f"{thing.device}/commands/+", 1))
    return device


def persistent(version):
    return {"clean": False, **({"session_expiry": HOUR_S} if version == 5 else {})}


def poll(platform, thing, query=""):
    headers = [("Authorization", f"Bearer {thing.token}")]
    return Client(platform.address("http")).request("GET", f"/commands{query}", headers, b"")


def respond(platform, thing, command, body):
    headers = [("Authorization", f"Bearer {thing.token}"), ("Content-Type", "application/json")]
    return Client(platform.address("http")).request("POST", f"/commands/{command['id']}/response", headers, body)


@pytest.mark.parametrize("version", [3, 4, 5])
def test_a_device_that_listens_gets_a_command_and_answers(platform, api, thing, version):
    with listen(platform, thing, version=version) as device:
        command = send(api, thing, "set valve", payload={"open": 0.5})
        found = device.message()
        assert found.topic == f"{thing.device}/commands/{command['id']}" and found.qos == 1
        assert json.loads(found.payload) == {"id": command["id"], "name": "set valve", "payload": {"open": 0.5},
                                             "expires": command["expires"]}
        await_state(api, thing, command, "delivered")
        device.publish(found.topic + "/response", b'{"position":0.5}', 1)
        answered = await_state(api, thing, command, "acknowledged")
        assert answered["response"] == {"position": 0.5}
        assert answered["created"] <= answered["sent"] <= answered["delivered"] <= answered["answered"]


def test_paho_hears_commands_and_answers_them(platform, api, thing):
    waiting = [send(api, thing, f"command {number}") for number in range(3)]
    host, port = platform.address("mqtt")
    with subprocess.Popen([*DIES_WITH_TESTS, venv.python(), str(ROOT / "tests/clients/paho_commands.py")], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as device:
        json.dump({"host": host, "port": port, "device": thing.device, "token": thing.token, "count": 4}, device.stdin)
        device.stdin.close()
        lines = [device.stdout.readline() for _ in range(4)]
        waiting.append(send(api, thing, "command 3"))
        lines += device.stdout.readlines()
        assert device.wait(60) == 0
    lines.remove("listening\n")
    assert [json.loads(line)["command"]["id"] for line in lines] == [command["id"] for command in waiting]
    for command in waiting:
        assert await_state(api, thing, command, "acknowledged")["response"] == {"done": command["name"]}


def test_kill_9_between_the_request_and_its_delivery_loses_nothing(platform, api, thing):
    commands = [send(api, thing, f"command {number}") for number in range(5)]
    assert {command["state"] for command in commands} == {"queued"}
    platform.kill()
    platform.start()
    api = Api.signed_in(platform)
    assert {read(api, thing, command)["state"] for command in commands} == {"queued"}
    with listen(platform, thing) as device:
        for command in commands:
            assert json.loads(device.message().payload)["id"] == command["id"]
        await_state(api, thing, commands[-1], "delivered")


def test_kill_9_after_sending_sends_again_until_it_is_acknowledged(platform, api, thing):
    device = listen(platform, thing, **persistent(5))
    command = send(api, thing)
    assert command["state"] == "sent"
    device.expect(mqtt.PUBLISH)  # and not a word of it
    platform.kill()
    platform.start()
    api = Api.signed_in(platform)
    assert read(api, thing, command)["state"] == "queued"
    with connect(platform, thing.token, "device", **persistent(5)) as device:
        assert device.connack.session_present
        assert json.loads(device.message().payload)["id"] == command["id"]
        await_state(api, thing, command, "delivered")
        device.ping()
        assert not device.inbox, "once is enough"


@pytest.mark.parametrize("version", [4, 5])
def test_a_session_that_goes_on_gets_what_came_while_it_was_away(platform, api, thing, version):
    listen(platform, thing, version=version, **persistent(version)).leave()
    command = send(api, thing)
    assert command["state"] == "queued"
    with connect(platform, thing.token, "device", version, **persistent(version)) as device:
        assert device.connack.session_present
        assert json.loads(device.message().payload)["id"] == command["id"]
        await_state(api, thing, command, "delivered")


def test_a_connection_that_breaks_before_it_acknowledges_gives_the_command_to_the_other(platform, api, thing):
    with listen(platform, thing, "first") as first:
        second = listen(platform, thing, "second")
        command = send(api, thing)
        assert json.loads(second.expect(mqtt.PUBLISH).payload)["id"] == command["id"]
        first.ping()
        assert not first.inbox, "one connection at a time"
        second.close()
        assert json.loads(first.message().payload)["id"] == command["id"]
        await_state(api, thing, command, "delivered")


def test_who_unsubscribes_hears_nothing(platform, api, thing):
    with listen(platform, thing) as device:
        device.send(mqtt.unsubscribe(7, [f"{thing.device}/commands/+"], 5))
        device.answer(mqtt.UNSUBACK, 7)
        assert send(api, thing)["state"] == "queued"
        device.ping()
        assert not device.inbox


def test_a_command_expires(platform, api, thing):
    command = send(api, thing, ttl_s=1)
    await_state(api, thing, command, "expired")
    with listen(platform, thing) as device:
        device.ping()
        assert not device.inbox
    assert respond(platform, thing, command, b"1").status == 409


def test_a_device_that_refuses_or_reports_an_error_makes_the_command_fail(platform, api, thing):
    with listen(platform, thing) as device:
        refused = send(api, thing)
        found = device.expect(mqtt.PUBLISH)
        device.send(mqtt.packet(mqtt.PUBACK, found.packet_id.to_bytes(2, "big") + b"\x83"))
        await_state(api, thing, refused, "failed")
        broken = send(api, thing)
        found = device.message()
        device.publish(found.topic + "/response", b'{"error":"no such valve"}', 1)
        assert await_state(api, thing, broken, "failed")["response"] == {"error": "no such valve"}


def test_a_command_too_large_for_the_device_fails_and_holds_up_no_other(platform, api, thing):
    device = listen(platform, thing, maximum_packet_size=200)
    large = [send(api, thing, payload="y" * 1000) for _ in range(33)]
    small = send(api, thing)
    assert device.message().topic.endswith(f"/{small['id']}")
    for command in large:
        await_state(api, thing, command, "failed")


def test_answers_without_end_disturb_nobody(platform, api, thing):
    """One device answers what was never asked as fast as it can; the answers of another one, once acknowledged, count."""
    honest = make_thing(api, {"temperature": "double"}, "Honest")
    device = listen(platform, honest, "honest")
    commands = [send(api, honest) for _ in range(10)]
    topics = [device.message().topic for _ in commands]
    flooder = connect(platform, thing.token, "flooder")
    many = mqtt.publish(f"{thing.device}/commands/999999/response", b"x", 0, 0, 5) * 1000
    ended = threading.Event()

    def flood():
        try:
            while not ended.is_set():
                flooder.send(many)
        except OSError:
            pass

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        assert [device.publish(f"{topic}/response", b'{"ok":1}', 1).reason for topic in topics] == [0x10] * len(topics)
        for command in commands:
            assert read(api, honest, command)["state"] == "acknowledged"
        api.ok("POST", "/api/devices", {"name": "Another", "description": ""})
    finally:
        ended.set()
        flooder.socket.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert len(platform.output()) < 100_000


def test_a_long_poll_gets_what_comes(platform, api, thing):
    assert poll(platform, thing).json == {"commands": []}
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(poll(platform, thing, "?wait=60")))
    waiting.start()
    command = send(api, thing, payload=[1])
    waiting.join(60)
    [found] = answers[0].json["commands"]
    assert found == {"id": command["id"], "name": "reboot", "payload": [1], "expires": command["expires"]}
    assert await_state(api, thing, command, "sent")
    assert poll(platform, thing, f"?after={command['id']}").json == {"commands": []}
    assert await_state(api, thing, command, "delivered")
    assert respond(platform, thing, command, b'{"done":true}').json == {"id": command["id"], "state": "acknowledged"}
    stranger = make_thing(api, {"temperature": "double"}, "Other")
    assert respond(platform, stranger, command, b"1").status == 404


def test_a_long_poll_ends_when_its_time_is_over(platform, thing):
    begin = time.monotonic()
    assert poll(platform, thing, "?wait=1").json == {"commands": []}
    assert time.monotonic() - begin >= 1


def test_a_long_poll_ends_with_the_platform(platform, thing):
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(poll(platform, thing, "?wait=60")))
    waiting.start()
    eventually("the poll has come", lambda: was_seen(platform, thing))
    begin = time.monotonic()
    assert platform.stop() == 0
    waiting.join(60)
    assert time.monotonic() - begin < 30
    assert answers[0].json == {"commands": []}


def was_seen(platform, thing):
    return Api.signed_in(platform).ok("GET", f"/api/devices/{thing.device}/presence")["result"]["last_seen"]


def test_one_poll_too_many_is_told(platform, api, thing):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(poll(platform, thing, "?wait=60"))) for _ in range(5)]
    for thread in threads:
        thread.start()
    [refused] = eventually("one of five polls is refused", lambda: answers[:])
    assert refused.status == 429 and refused.header("Retry-After")
    api.ok("POST", f"/api/devices/{thing.device}/key/rotate")
    for thread in threads:
        thread.join(60)
    assert sorted(answer.status for answer in answers) == [403, 403, 403, 403, 429]


def test_a_rotated_key_ends_the_poll(platform, api, thing):
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(poll(platform, thing, "?wait=60")))
    waiting.start()
    eventually("the poll has come", lambda: was_seen(platform, thing))
    api.ok("POST", f"/api/devices/{thing.device}/key/rotate")
    waiting.join(60)
    assert answers[0].status == 403
    assert poll(platform, thing).status == 403


def test_a_websocket_is_pushed_commands_beside_its_readings(platform, api, thing):
    waiting = send(api, thing, "first")
    with WebSocket(platform.address("websocket"), token=thing.token, protocols=["iotplatform.commands"]) as device:
        def hear():
            return json.loads(device.next()[1])

        assert hear()["command"]["id"] == waiting["id"]
        device.text(json.dumps({"sensor_id": thing.sensors["temperature"], "value": 1}).encode())
        assert hear() == {"accepted": 1}
        device.text(json.dumps({"command_id": waiting["id"]}).encode())
        assert hear() == {"command_id": waiting["id"], "state": "delivered"}
        device.text(json.dumps({"command_id": waiting["id"], "response": {"position": 0.5}}).encode())
        assert hear() == {"command_id": waiting["id"], "state": "acknowledged"}
        assert read(api, thing, waiting)["response"] == {"position": 0.5}
        command = send(api, thing, "second")
        assert command["state"] == "sent"
        assert hear()["command"] == {"id": command["id"], "name": "second", "payload": None, "expires": command["expires"]}
    await_state(api, thing, command, "queued")
