"""Clients as devices have them: each sends and receives with every QoS, on every listener, with every version that it speaks."""

import json

import pytest

from support import mqtt_platform
from support.api import Api, make_thing
from support.mqtt_clients import CLIENTS, Scenario
from support.program import Platform
from support.query import Queries

LISTENERS = ("tcp", "tls", "websocket")
# The original's Node.js producer says so: a quarter of an hour between two signs of life.
KEEP_ALIVE_S = 1000


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    directory = tmp_path_factory.mktemp("platform")
    running = Platform(directory, mqtt_platform.settings(directory))
    running.start()
    yield running
    if running.process is not None:
        assert running.stop() == 0


@pytest.fixture(scope="module")
def thing(platform):
    return make_thing(Api.signed_in(platform), {"temperature": "double"})


def scenario(platform, listener, client_id, version, **more):
    host, port = platform.address({"tcp": "mqtt", "tls": "mqtt_tls", "websocket": "websocket"}[listener])
    return Scenario(host, port, client_id, version, transport="websockets" if listener == "websocket" else "tcp",
                    ca=str(platform.directory / "certificate.pem") if listener == "tls" else None, keep_alive=KEEP_ALIVE_S, **more)


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("version", [3, 4, 5])
@pytest.mark.parametrize("client", CLIENTS)
def test_messages_pass_with_every_qos(platform, thing, client, version, listener):
    topic = f"{thing.device}/{client}/{version}/{listener}"
    sent = [(f"{topic}/{qos}", f"Grüße {qos}", qos, False) for qos in (0, 1, 2)]
    outcome = CLIENTS[client](scenario(platform, listener, f"{client}-{version}-{listener}", version, user="JWT", password=thing.token,
                                       subscribe=[(f"{topic}/#", 2)], publish=sent, expect=3))
    assert sorted(outcome.received) == sent


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("client", CLIENTS)
def test_readings_are_stored_when_they_are_acknowledged(platform, thing, client, listener):
    version = 3 if client == "mqttjs" else 4  # MQTT.js as the original's producer used it: MQIsdp
    sensor = thing.sensors["temperature"]
    begin = 1_500_000_000_000 + 1_000_000 * (1 + list(CLIENTS).index(client) * 10 + LISTENERS.index(listener))
    readings = [{"sensor_id": sensor, "timestamp": begin + number, "value": str(number)} for number in range(4)]
    messages = [json.dumps(readings[0]), json.dumps(readings[1]), json.dumps(readings[2:])]
    CLIENTS[client](scenario(platform, listener, f"{client}-{listener}", version, user="JWT", password=thing.token,
                             publish=[(thing.device, message, qos, False) for message, qos in zip(messages, (1, 2, 1))]))
    found = Queries(platform, thing.consumer_token).all(thing.index("temperature"), {"range": {"timestamp": {
        "gte": begin, "lt": begin + 1000, "format": "epoch_millis"}}})
    assert [document["value"] for document in found] == [0, 1, 2, 3]


@pytest.mark.parametrize("client", [name for name in CLIENTS if name != "mosquitto"])
def test_a_wrong_token_is_told_so(platform, thing, client):
    for version, code in ((4, 5), (5, 0x87)):
        if version == 5 and client == "paho_java":
            continue
        outcome = CLIENTS[client](scenario(platform, "tcp", f"{client}-{version}", version, user="JWT", password=thing.token[:-4] + "AAAA"))
        # paho's newer callbacks say it in the words of 5.0 for every version.
        assert outcome.refused == (0x87 if client == "paho_v2" else code), (client, version)
