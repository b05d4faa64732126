"""What one device may send and keep, by all its connections over all protocols, and what all may together."""

import json

import pytest

from support import mqtt, mqtt_platform
from support.api import Api, make_thing
from support.ingest import Gateway
from support.program import Platform
from support.query import Queries
from support.websocket import Refused, WebSocket

FIRST_S = 1_700_000_000


def limited(directory, **more):
    return Platform(directory, mqtt_platform.settings(**{"websocket.ports": "0,0", **more}))


def reading(thing, number):
    return {"sensor_id": thing.sensors["a"], "timestamp": FIRST_S + number, "value": number}


def times_limited(platform, limit):
    """How often a limit was in the way, as the metrics tell."""
    lines = Api(platform.address("core")).call("GET", "/metrics").text.splitlines()
    found = [line for line in lines if line.startswith(("iotplatform_gateway_limited_total", "iotplatform_mqtt_limits_reached"))]
    return sum(float(line.split()[-1]) for line in found if f'limit="{limit}"' in line)


def publish_at_once(platform, thing, numbers, **options):
    """Sends QoS 1 publications in one piece and waits for the acknowledgement of each."""
    with mqtt_platform.connect(platform, thing.token, "sender", **options) as client:
        client.send(b"".join(mqtt.publish(thing.device, json.dumps(reading(thing, number)), 1, number + 1, 5) for number in numbers))
        for number in numbers:
            assert client.expect(mqtt.PUBACK, number + 1).reason == 0
        client.ping()


def until_refused(gateway, thing, begin):
    """Sends over HTTP until it is too much: the refusal and the numbers that were stored."""
    for number in range(begin, begin + 1000):
        response = gateway.post(reading(thing, number))
        if response.status != 200:
            return response, list(range(begin, number))
    raise AssertionError("never refused")


def test_all_protocols_share_a_devices_limit(tmp_path):
    limit = "gateway.device_messages_per_s_max"
    with limited(tmp_path, **{limit: "4"}) as platform:
        thing = make_thing(Api.signed_in(platform), {"a": "long"})
        # What HTTP has used up is not there for the others: they wait, and lose nothing.
        refusal, numbers = until_refused(Gateway(platform, thing.token), thing, 0)
        assert refusal.status == 429 and int(refusal.header("Retry-After")) >= 1 and limit in refusal.text
        before = times_limited(platform, limit)
        assert before >= 1
        more = range(1000, 1006)
        publish_at_once(platform, thing, more)
        assert times_limited(platform, limit) > before, "MQTT was not held back"
        before = times_limited(platform, limit)
        others = range(2000, 2006)
        with WebSocket(platform.address("websocket"), token=thing.token, protocols=["iotplatform.ack"]) as client:
            for number in others:
                client.text(json.dumps(reading(thing, number)))
            assert [client.next() for _ in others] == [("text", b'{"accepted":1}')] * len(others)
        assert times_limited(platform, limit) > before, "the WebSocket was not held back"
        held = [document["value"] for document in Queries(platform, thing.consumer_token).all(thing.index("a"))]
        assert sorted(held) == [*numbers, *more, *others]


def test_whom_nobody_reads_is_not_silent(tmp_path):
    """A device that is held back for longer than its keep-alive stays connected."""
    with limited(tmp_path, **{"gateway.device_messages_per_s_max": "1"}) as platform:
        thing = make_thing(Api.signed_in(platform), {"a": "long"})
        publish_at_once(platform, thing, range(5), keep_alive=1)


@pytest.mark.parametrize("limit, per_s", [("gateway.device_readings_per_s_max", 10), ("gateway.device_bytes_per_s_max", 1024)])
def test_readings_and_bytes_have_limits(tmp_path, limit, per_s):
    with limited(tmp_path, **{limit: str(per_s)}) as platform:
        thing = make_thing(Api.signed_in(platform), {"a": "long"})
        gateway = Gateway(platform, thing.token)
        # Larger than a second's worth: taken, and waited off afterwards.
        gateway.store([reading(thing, number) for number in range(40)])
        refused = gateway.post(reading(thing, 40))
        assert refused.status == 429 and limit in refused.text and int(refused.header("Retry-After")) >= 2


def test_all_devices_together_have_a_limit(tmp_path):
    limit = "gateway.messages_per_s_max"
    with limited(tmp_path, **{limit: "2"}) as platform:
        root = Api.signed_in(platform)
        one, two = make_thing(root, {"a": "long"}, "One"), make_thing(root, {"a": "long"}, "Two")
        until_refused(Gateway(platform, one.token), one, 0)
        refusal, _ = until_refused(Gateway(platform, two.token), two, 0)
        assert refusal.status == 429 and limit in refusal.text
        publish_at_once(platform, two, range(1000, 1004))


def test_a_device_that_connects_too_often_is_told(tmp_path):
    limit = "gateway.device_connects_per_s_max"
    with limited(tmp_path, **{limit: "1", "gateway.connections_per_device_max": "1000"}) as platform:
        root = Api.signed_in(platform)
        one, two = make_thing(root, {"a": "long"}, "One"), make_thing(root, {"a": "long"}, "Two")
        with pytest.raises(mqtt.Refused) as refused:
            for number in range(1000):
                mqtt_platform.connect(platform, one.token, f"client-{number}").close()
        assert refused.value.connack.reason == 0x9F and limit in refused.value.connack.properties["reason_string"]
        with pytest.raises(Refused) as refused:
            for _ in range(1000):
                WebSocket(platform.address("websocket"), token=one.token).hang_up()
        assert refused.value.status == 429
        # Nobody else is touched.
        mqtt_platform.connect(platform, two.token, "client").leave()


def test_a_device_that_leaves_sessions_behind_is_told(tmp_path):
    limit = "mqtt.sessions_per_device_max"
    with limited(tmp_path, **{limit: "2"}) as platform:
        root = Api.signed_in(platform)
        one, two = make_thing(root, {"a": "long"}, "One"), make_thing(root, {"a": "long"}, "Two")
        for name in ("first", "second"):
            mqtt_platform.connect(platform, one.token, name, clean=False, session_expiry=3600).leave()
        with pytest.raises(mqtt.Refused) as refused:
            mqtt_platform.connect(platform, one.token, "third")
        assert refused.value.connack.reason == 0x97 and "sessions" in refused.value.connack.properties["reason_string"]
        assert times_limited(platform, limit) == 1
        mqtt_platform.connect(platform, one.token, "first", clean=False, session_expiry=0).leave()
        mqtt_platform.connect(platform, one.token, "third").leave()
        mqtt_platform.connect(platform, two.token, "third").leave()
