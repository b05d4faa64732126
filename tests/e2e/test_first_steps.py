"""The first steps of the original platform's users, with curl itself."""

import json
import subprocess

import pytest

from support import mqtt_platform
from support.api import Api
from support.http import DEADLINE_S
from support.program import DEMO_PASSWORD, ROOT, Platform


def curl(*arguments):
    """curl's answer as JSON; fails on anything but a 2xx."""
    done = subprocess.run(["curl", "--silent", "--show-error", "--fail-with-body", "--max-time", str(DEADLINE_S), *arguments],
                          capture_output=True, text=True)
    assert done.returncode == 0, f"curl {' '.join(arguments)}: {done.stderr}{done.stdout}"
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def core(platform):
    return "http://%s:%d" % platform.address("core")


@pytest.fixture(scope="module")
def authorization(core):
    token = curl("-X", "POST", f"{core}/api/users/signin", "-H", "content-type: application/json",
                 "-d", json.dumps({"username": "root", "password": DEMO_PASSWORD}))["token"]
    return ["-H", f"authorization: Bearer {token}", "-H", "content-type: application/json"]


@pytest.fixture(scope="module")
def steps(platform, core, authorization):
    """Device, sensor and key, made as the original's documentation says; one reading sent to each gateway port."""
    device = curl(f"{core}/api/devices", *authorization, "-d", '{"name": "Wing", "description": "left"}')["result"]
    sensor = curl(f"{core}/api/devices/{device['id']}/sensors", *authorization,
                  "-d", json.dumps({"name": "Lift", "description": "of the wing", "unit": "N", "path": "",
                                    "mapping": '{"type":"double"}'}))
    assert "result" not in sensor
    key = curl(f"{core}/api/devices/{device['id']}/key", *authorization)
    assert str(key["device_id"]) == str(device["id"])
    for index, timestamp in enumerate((1526717967, 1526717968)):
        stored = curl("-X", "POST", "http://%s:%d/" % platform.address("http", index),
                      "-H", "content-type: application/json", "-H", f"authorization: Bearer {key['token']}",
                      "-d", f'{{"sensor_id":"{sensor["id"]}","timestamp":{timestamp},"value":"91827364"}}')
        assert stored == {"accepted": 1}
    return device, sensor


@pytest.fixture(scope="module")
def reader(core, authorization, steps):
    """A consumer with a grant: its header."""
    _, sensor = steps
    answer = curl(f"{core}/api/consumers", *authorization, "-d", '{"name": "Reader", "description": ""}')
    consumer = answer.get("result", answer)
    curl(f"{core}/api/consumers/{consumer['id']}/sensors", *authorization, "-d", json.dumps({"sensor_id": sensor["id"]}))
    key = curl(f"{core}/api/consumers/{consumer['id']}/key", *authorization)
    assert str(key["consumer_id"]) == str(consumer["id"])
    return ["-H", f"authorization: Bearer {key['token']}"]


def expect_both_readings(answer, device, sensor):
    assert answer["hits"]["total"] == {"value": 2, "relation": "eq"}
    documents = sorted((hit["_source"] for hit in answer["hits"]["hits"]), key=lambda document: document["timestamp"])
    assert [document["timestamp"] for document in documents] == ["2018-05-19T08:19:27.000000000Z",
                                                                 "2018-05-19T08:19:28.000000000Z"]
    for document in documents:
        assert set(document) == {"timestamp", "device_id", "sensor_id", "value"}
        assert document["value"] == 91827364.0
        assert document["device_id"] == str(device["id"])
        assert document["sensor_id"] == str(sensor["id"])


@pytest.mark.parametrize("endpoint", ["/_search", ""])
def test_the_readings_of_both_gateway_ports_come_back_through_the_consumer_proxy(core, steps, reader, endpoint):
    device, sensor = steps
    expect_both_readings(curl(f"{core}/api/consumers/consume/{sensor['id']}{endpoint}", *reader), device, sensor)


def test_the_readings_come_back_from_the_elasticsearch_port(platform, steps, reader):
    device, sensor = steps
    host, port = platform.address("query")
    expect_both_readings(curl(f"http://{host}:{port}/{device['id']}_{sensor['id']}/_search", *reader), device, sensor)


def test_the_sensor_shows_up_in_the_list_of_devices(core, steps, authorization):
    device, sensor = steps
    listed = [one for one in curl(f"{core}/api/devices/", *authorization)["result"] if one["id"] == device["id"]]
    assert [one["id"] for one in listed[0]["sensors"]] == [sensor["id"]]


def readme_script(platform, begin):
    """The block of the README that begins so, for this platform's ports."""
    readme = (ROOT / "README.md").read_text()
    block = readme[readme.index("\n" + begin):]
    script = block[:block.index("\n```")]
    for port, address in (("8080", platform.address("core")), ("8083", platform.address("http")), ("9000", platform.address("query"))):
        script = script.replace(f"localhost:{port}", "%s:%d" % address)
    return script.replace("\nmosquitto_pub ", "\nmosquitto_pub -p %d " % platform.address("mqtt")[1])


def test_the_steps_of_the_readme_word_for_word(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings()) as platform:
        # A first start makes a key; who types this has waited for it without knowing.
        Api.signed_in(platform)
        first, second = readme_script(platform, "# sign in"), readme_script(platform, "# in the background")
        assert "localhost" not in first + second
        # Whatever a step prints is JSON, one value after the other; the stream of events goes to a file.
        events = tmp_path / "events"
        second = second.replace("/api/consumers/live &", f"/api/consumers/live > {events} &\nstream=$!")
        wait = f"until grep -q 120.5 {events}; do sleep 0.05; done\nkill $stream"
        # An event stream that is not there yet gets nothing of what was before; so the reading is sent until it comes.
        again = second[second.index("\nmosquitto_pub") + 1:]
        second = second.replace(again, f"until grep -q 120.5 {events}; do\n{again}\nsleep 0.05\ndone")
        count = first.splitlines()[-1]
        script = "\n".join([first, second, wait, count])
        done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", script], capture_output=True, text=True, timeout=DEADLINE_S)
        assert done.returncode == 0, done.stderr
    printed, text = [], done.stdout
    while text := text.lstrip():
        value, end = json.JSONDecoder().raw_decode(text)
        printed.append(value)
        text = text[end:]
    accepted, found, count, more = printed[0], printed[-3], printed[-2], printed[-1]
    assert accepted == {"accepted": 1}
    assert [hit["_source"]["value"] for hit in found["hits"]["hits"]] == [91827364.0]
    assert count["count"] == 1 and more["count"] >= 2
    assert not [value for value in printed if "errors" in value or "error" in value], printed
