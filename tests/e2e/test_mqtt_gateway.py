"""What the wire contract says of MQTT, packet by packet."""

import json
import random
import string

import pytest

from support import mqtt, mqtt_platform, tokens
from support.api import Api, make_thing
from support.ingest import Gateway
from support.mqtt_platform import connect
from support.program import Platform
from support.query import Queries

MIB = 1 << 20


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with Platform(tmp_path_factory.mktemp("platform"), mqtt_platform.settings()) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture
def thing(root):
    return make_thing(root, {"temperature": "double", "state": "keyword"})


def reading(thing, value, sensor="temperature", **more):
    return json.dumps({"sensor_id": thing.sensors[sensor], "value": value, **more})


def values(platform, thing, sensor="temperature"):
    return [document["value"] for document in Queries(platform, thing.consumer_token, "query").all(thing.index(sensor))]


@pytest.mark.parametrize("version", [3, 4, 5])
@pytest.mark.parametrize("qos", [1, 2])
def test_what_is_acknowledged_is_in_the_next_query(platform, thing, version, qos):
    with connect(platform, thing.token, "device", version) as device:
        for number in range(50):
            assert device.publish(thing.device, reading(thing, number, timestamp=1_600_000_000 + number), qos).reason == 0
            assert len(values(platform, thing)) == number + 1
        device.publish(thing.device, json.dumps([json.loads(reading(thing, n, timestamp=1_700_000_000 + n)) for n in range(20)]), qos)
        assert values(platform, thing) == [*range(50), *range(20)]


def test_a_redelivery_is_stored_once(platform, thing):
    with connect(platform, thing.token, "device") as device:
        message = reading(thing, 1, timestamp=1_600_000_000)
        for duplicate in (False, True, True):
            device.send(mqtt.publish(thing.device, message, 1, 7, 5, duplicate=duplicate))
            device.expect(mqtt.PUBACK, 7)
        assert values(platform, thing) == [1]


@pytest.mark.parametrize("version, code", [(3, 5), (4, 5), (5, 0x87)])
@pytest.mark.parametrize("user, password", [
    ("JWT", "expired"), ("JWT", "signed with another key"), ("JWT", "alg none"), ("JWT", "a word"), ("JWT", None), ("jwt", "genuine"),
    ("somebody", "genuine"), (None, None), ("", "genuine"),
])
def test_who_has_no_good_token_is_not_let_in(platform, root, thing, version, code, user, password):
    if password == "genuine":
        password = thing.token
    elif password is not None:
        forger = tokens.Forger(thing.token, platform.data_dir, root.ok("GET", "/api/jwks.json"))
        password = tokens.FORGERIES[password](forger)
    with pytest.raises(mqtt.Refused) as refused:
        mqtt.Client(platform.address("mqtt"), "c", version, user=user, password=password)
    assert refused.value.connack.reason == code


def test_a_token_of_a_deleted_device_is_refused(platform, root, thing):
    root.call("DELETE", f"/api/devices/{thing.device}")
    with pytest.raises(mqtt.Refused):
        connect(platform, thing.token, "gone")


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("topic", ["{other}", "{other}/x", "other", "readings/{own}/1", "$SYS/x", "/{own}", "0{own}"])
def test_a_topic_of_somebody_else_is_refused(platform, root, thing, version, qos, topic):
    other = make_thing(root, {"temperature": "double"}, "Other")
    topic = topic.format(own=thing.device, other=other.device)
    with connect(platform, other.token, "other") as listener, connect(platform, thing.token, "device", version) as device:
        assert listener.subscribe(f"{other.device}/#", qos=1) == [1]
        device.send(mqtt.publish(topic, reading(thing, 1), qos, 1, version))
        if version == 5 and qos > 0:
            assert device.expect(mqtt.PUBACK if qos == 1 else mqtt.PUBREC, 1).reason == 0x87
            device.ping()
        elif version == 4:
            assert device.rest() == b""
        else:
            # There is no answer to QoS 0: either it is passed over, or DISCONNECT says why.
            device.send(mqtt.PING)
            answer = device.receive()
            assert answer.kind == mqtt.PINGRESP or (answer.kind, answer.reason) == (mqtt.DISCONNECT, 0x87)
        listener.ping()
        assert listener.inbox == []
    assert values(platform, thing) == [] and values(platform, other) == []


BAD_PAYLOADS = {
    "no JSON": lambda thing: "hello",
    "nothing": lambda thing: "",
    "an unknown sensor": lambda thing: '{"sensor_id": "999999", "value": 1}',
    "a value that does not fit": lambda thing: reading(thing, "warm"),
    "one of two is bad": lambda thing: f"[{reading(thing, 1)}, {reading(thing, 'warm')}]",
    "not UTF-8": lambda thing: b'{"sensor_id": "' + thing.sensors["temperature"].encode() + b'", "value": "\xff"}',
}


@pytest.mark.parametrize("fault", BAD_PAYLOADS)
@pytest.mark.parametrize("qos", [1, 2])
def test_a_bad_payload_is_answered_with_a_reason(platform, thing, fault, qos):
    with connect(platform, thing.token, "device") as device:
        answer = device.publish(thing.device, BAD_PAYLOADS[fault](thing), qos)
        assert answer.reason == 0x99 and len(answer.properties["reason_string"]) > 5
        assert device.publish(thing.device, reading(thing, 2), qos).reason == 0
    assert values(platform, thing) == [2]


@pytest.mark.parametrize("fault", BAD_PAYLOADS)
@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("qos", [1, 2])
def test_before_5_a_bad_payload_is_acknowledged_and_not_stored(platform, thing, fault, version, qos):
    with connect(platform, thing.token, "device", version) as device:
        device.publish(thing.device, BAD_PAYLOADS[fault](thing), qos)
        device.publish(thing.device, reading(thing, 2), qos)
    assert values(platform, thing) == [2]


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("qos", [1, 2])
def test_more_than_the_log_takes_at_once_is_told(tmp_path, qos, version):
    """It would never be taken: so it is refused where that can be said, and in no case is anything after it held up."""
    with Platform(tmp_path, mqtt_platform.settings(**{"log.pending_bytes_max": MIB, "mqtt.packet_bytes_max": 8 * MIB})) as small:
        thing = make_thing(Api.signed_in(small), {"text": "text", "temperature": "double"})
        letters = random.Random(1)
        large = json.dumps([{"sensor_id": thing.sensors["text"], "timestamp": 1_600_000_000 + i,
                             "value": "".join(letters.choices(string.ascii_letters, k=30_000))} for i in range(60)])
        with mqtt_platform.connect(small, thing.token, "device", version) as device:
            assert device.publish(thing.device, large, qos).reason == (0x95 if version == 5 else 0)
            good = json.dumps({"sensor_id": thing.sensors["temperature"], "value": 1})
            assert device.publish(thing.device, good, qos).reason == 0
        queries = Queries(small, thing.consumer_token)
        assert queries.count(thing.index("temperature")) == 1 and queries.count(thing.index("text")) == 0


def test_a_user_gets_live_readings_of_the_own_devices(platform, root):
    root.create_user("reader", "readers-long-password-1")
    user = Api.signed_in(platform, "reader", "readers-long-password-1")
    own, foreign = make_thing(user, {"a": "long"}, "Own"), make_thing(root, {"a": "long"}, "Foreign")
    with mqtt_platform.connect(platform, user.token, "reader") as client:
        assert client.subscribe(("readings/#", 1), ("$SYS/#", 0)) == [1, 0x87]
        for thing, value in ((foreign, 1), (own, 2)):
            Gateway(platform, thing.token).store({"sensor_id": thing.sensors["a"], "value": value})
        assert json.loads(client.message().payload)["value"] == 2


def test_a_consumer_reads_what_it_was_granted_and_nothing_else(platform, root, thing):
    other = make_thing(root, {"temperature": "double"}, "Other")
    sensor = thing.sensors["temperature"]
    with connect(platform, thing.consumer_token, "consumer") as consumer:
        codes = consumer.subscribe(f"readings/{thing.device}/{sensor}", f"readings/{thing.device}/+",
                                   f"readings/{other.device}/{other.sensors['temperature']}", f"{thing.device}/#", thing.device, "#", "+/+",
                                   "$SYS/#", qos=1)
        assert [code < 0x80 for code in codes] == [True, True, False, False, False, False, False, False], codes
        assert all(code in (0, 1, 2, 0x87) for code in codes)
        assert consumer.publish(f"readings/{thing.device}/{sensor}", reading(thing, 1), 1).reason == 0x87
        assert consumer.publish(thing.device, reading(thing, 1), 1).reason == 0x87


@pytest.mark.parametrize("version", [4, 5])
def test_the_newer_of_two_connections_wins(platform, thing, version):
    with connect(platform, thing.token, "same", version) as older:
        older.ping()
        with connect(platform, thing.token, "same", version) as newer:
            if version == 5:
                assert older.expect(mqtt.DISCONNECT).reason == 0x8E
            assert older.rest() == b""
            newer.ping()


def test_a_device_gets_what_is_published_below_its_topic(platform, thing):
    with connect(platform, thing.token, "a") as a, connect(platform, thing.token, "b", 4) as b:
        assert a.subscribe((f"{thing.device}/+/x", 2)) == [2]
        for qos in (0, 1, 2):
            b.publish(f"{thing.device}/{qos}/x", f"m{qos}", qos)
        found = [a.message() for _ in range(3)]
    # Order is promised for each topic and QoS alone.
    assert sorted((one.topic, one.payload, one.qos) for one in found) == [(f"{thing.device}/{qos}/x", f"m{qos}".encode(), qos) for qos in (0, 1, 2)]


def test_two_devices_of_one_client_id_do_not_share_a_session(platform, root, thing):
    """A client id is the client's own choice; it must not open somebody else's session."""
    other = make_thing(root, {"temperature": "double"}, "Other")
    with connect(platform, thing.token, "shared-name", clean=False, session_expiry=3600) as mine:
        mine.subscribe(f"{thing.device}/#", qos=1)
        with connect(platform, other.token, "shared-name", clean=False, session_expiry=3600) as theirs:
            assert not theirs.connack.session_present
            theirs.ping()
            with connect(platform, thing.token, "sender") as sender:
                sender.publish(f"{thing.device}/x", "secret", 1)
            theirs.ping()
            assert theirs.inbox == []


def test_an_older_client_that_sends_far_ahead_is_answered_for_all(platform, thing):
    # More than may be unanswered at once: it is read no further until answers have gone out, and then to the end.
    count = 5_000
    with connect(platform, thing.token, "device", 4) as device:
        packets = [mqtt.publish(thing.device, reading(thing, n, timestamp=1_600_000_000 + n), 1, n + 1, 4) for n in range(count)]
        device.send(*packets)
        for number in range(count):
            device.expect(mqtt.PUBACK, number + 1)
        device.ping()
    assert Queries(platform, thing.consumer_token, "query").count(thing.index("temperature")) == count
