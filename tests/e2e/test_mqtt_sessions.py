"""What a broker promised to remember is there after the plug was pulled."""

import json

import pytest

from support import mqtt, mqtt_platform
from support.api import Api, make_thing
from support.mqtt_platform import connect
from support.program import Platform
from support.query import Queries

HOUR_S = 3600


@pytest.fixture
def platform(tmp_path):
    with Platform(tmp_path, mqtt_platform.settings()) as running:
        yield running


@pytest.fixture
def thing(platform):
    return make_thing(Api.signed_in(platform), {"temperature": "double"})


def persistent(version):
    """Options of a CONNECT whose session outlives the connection."""
    return {"version": version, "clean": False, **({"session_expiry": HOUR_S} if version == 5 else {})}


def pull_the_plug(platform):
    platform.kill()
    platform.start()


@pytest.mark.parametrize("version", [4, 5])
def test_subscriptions_and_queued_messages_survive(platform, thing, version):
    topic = f"{thing.device}/news"
    with connect(platform, thing.token, "reader", **persistent(version)) as reader:
        assert not reader.connack.session_present
        assert reader.subscribe((topic + "/#", 2)) == [2]
    pull_the_plug(platform)
    with connect(platform, thing.token, "writer") as writer:
        for number in range(20):
            writer.publish(f"{topic}/{number}", str(number), 1 + number % 2)
    pull_the_plug(platform)
    with connect(platform, thing.token, "reader", **persistent(version)) as reader:
        assert reader.connack.session_present
        found = [reader.message() for _ in range(20)]
        assert [(one.payload, one.qos) for one in found] == [(str(number).encode(), 1 + number % 2) for number in range(20)]
        # An acknowledgement has no answer; that of SUBSCRIBE says that what came before it is on disk too.
        assert reader.subscribe((topic + "/end", 0)) == [0]
    pull_the_plug(platform)
    with connect(platform, thing.token, "reader", **persistent(version)) as reader:
        assert reader.connack.session_present
        reader.ping()  # all of them were acknowledged: nothing comes again
        assert reader.inbox == []


def test_retained_messages_survive(platform, thing):
    with connect(platform, thing.token, "writer") as writer:
        for name in ("a", "b", "c"):
            writer.publish(f"{thing.device}/state/{name}", f"first {name}", 1, retain=True)
        writer.publish(f"{thing.device}/state/b", "second b", 2, retain=True)
        writer.publish(f"{thing.device}/state/c", "", 1, retain=True)
    pull_the_plug(platform)
    with connect(platform, thing.token, "reader") as reader:
        assert reader.subscribe((f"{thing.device}/state/#", 1)) == [1]
        found = sorted((one.topic.rpartition("/")[2], one.payload, one.retain) for one in (reader.message(), reader.message()))
        assert found == [("a", b"first a", True), ("b", b"second b", True)]
        reader.ping()
        assert reader.inbox == []


def test_a_session_that_was_to_end_has_ended(platform, thing):
    with connect(platform, thing.token, "brief", 5, clean=False) as brief:  # without an expiry it ends with the connection
        brief.subscribe(f"{thing.device}/x", qos=1)
    with connect(platform, thing.token, "given up", **persistent(5)) as given_up:
        given_up.subscribe(f"{thing.device}/x", qos=1)
        given_up.leave(session_expiry=0)
    # DISCONNECT has no answer; what is acknowledged after it says that the disk has it too.
    with connect(platform, thing.token, "other", **persistent(5)) as other:
        other.subscribe(f"{thing.device}/y", qos=1)
        other.publish(f"{thing.device}/y", "", 1)
    pull_the_plug(platform)
    for name in ("brief", "given up"):
        with connect(platform, thing.token, name, **persistent(5)) as again:
            assert not again.connack.session_present, name


@pytest.mark.parametrize("version", [4, 5])
def test_readings_of_qos_2_are_stored_once_though_the_plug_is_pulled_between(platform, thing, version):
    """Without a timestamp a second reception would be another reading; the packet id alone tells that it is the same."""
    values = []

    def message(value):
        values.append(value)
        return json.dumps({"sensor_id": thing.sensors["temperature"], "value": value})

    with connect(platform, thing.token, "device", **persistent(version)) as device:
        # 1 is released, 2 and 3 are received, 4 has been sent and nothing is known of it.
        device.publish(thing.device, message(1), 2)
        for packet_id in (2, 3):
            device.send(mqtt.publish(thing.device, message(packet_id), 2, packet_id, version))
            device.expect(mqtt.PUBREC, packet_id)
        device.send(mqtt.publish(thing.device, message(4), 2, 4, version))
        platform.kill()
    platform.start()
    with connect(platform, thing.token, "device", **persistent(version)) as device:
        assert device.connack.session_present
        # The device has lost count of 3: it publishes it again, as it does with 4.
        for packet_id in (3, 4):
            device.send(mqtt.publish(thing.device, message(packet_id), 2, packet_id, version, duplicate=True))
            device.expect(mqtt.PUBREC, packet_id)
        for packet_id in (2, 3, 4):
            device.send(mqtt.acknowledgement(mqtt.PUBREL, packet_id))
            device.expect(mqtt.PUBCOMP, packet_id)
        # And once more: released is released.
        device.send(mqtt.acknowledgement(mqtt.PUBREL, 4))
        device.expect(mqtt.PUBCOMP, 4)
    pull_the_plug(platform)
    found = Queries(platform, thing.consumer_token).all(thing.index("temperature"))
    assert sorted(document["value"] for document in found) == [1, 2, 3, 4]


def test_messages_on_their_way_to_a_subscriber_arrive_once(platform, thing):
    with connect(platform, thing.token, "reader", **persistent(5)) as reader:
        reader.subscribe((f"{thing.device}/x", 2))
        with connect(platform, thing.token, "writer") as writer:
            for number in range(3):
                writer.publish(f"{thing.device}/x", str(number), 2)
        first, second, third = (reader.expect(mqtt.PUBLISH) for _ in range(3))
        # The first is completed, the second received, the third only seen.
        reader.send(mqtt.acknowledgement(mqtt.PUBREC, first.packet_id))
        reader.answer(mqtt.PUBREL, first.packet_id)
        reader.send(mqtt.acknowledgement(mqtt.PUBCOMP, first.packet_id), mqtt.acknowledgement(mqtt.PUBREC, second.packet_id))
        reader.answer(mqtt.PUBREL, second.packet_id)
    pull_the_plug(platform)
    with connect(platform, thing.token, "reader", **persistent(5)) as reader:
        assert reader.connack.session_present
        found = [reader.receive(), reader.receive()]
        released = [one.packet_id for one in found if one.kind == mqtt.PUBREL]
        again = [(one.packet_id, one.payload, one.duplicate) for one in found if one.kind == mqtt.PUBLISH]
        assert released == [second.packet_id]
        assert again == [(third.packet_id, b"2", True)]
