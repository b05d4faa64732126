"""A disk that fills up: refused while it is full, nothing acknowledged lost, and it goes on by itself afterwards."""

import json
import random
import string

import pytest

from support import mqtt, mqtt_platform
from support.api import Api, make_thing
from support.disk import FileSizeLimit, SmallDisk
from support.http import Client
from support.ingest import Gateway
from support.program import Platform, StartFailed
from support.query import Queries
from support.times import nanoseconds
from support.wait import eventually

ARRAY = 100
TEXT_BYTES = 2_000


class Sender:
    """Sends arrays of long, incompressible texts and remembers which were acknowledged."""

    def __init__(self, platform, thing):
        self.gateway = Gateway(platform, thing.token)
        self.thing = thing
        self.random = random.Random(1)
        self.acknowledged, self.unacknowledged = set(), set()
        self.next = 0

    def send(self):
        """The answer to the next array."""
        letters = string.ascii_letters + string.digits
        first, self.next = self.next, self.next + ARRAY
        numbers = range(first, self.next)
        response = self.gateway.post([{"sensor_id": self.thing.sensors["text"], "timestamp": 1_600_000_000 + n,
                                       "value": "".join(self.random.choices(letters, k=TEXT_BYTES))} for n in numbers])
        (self.acknowledged if response.status == 200 else self.unacknowledged).update(numbers)
        return response

    def until_refused(self, most=2_000):
        for _ in range(most):
            response = self.send()
            if response.status != 200:
                return response
        raise AssertionError("the disk never filled up")


def expect_refusal(response):
    assert response.status == 503, response
    assert int(response.header("Retry-After")) >= 1
    assert response.json["errors"], response


def expect_nothing_lost(platform, sender):
    queries = Queries(platform, sender.thing.consumer_token)
    documents = queries.all(sender.thing.index("text"), by_value=False, page=1_000)
    held = [document["timestamp"] for document in documents]
    assert len(held) == len(set(held)), "stored twice"
    assert len(sender.acknowledged) <= len(held) <= len(sender.acknowledged) + len(sender.unacknowledged)
    numbers = {nanoseconds(text) // 1_000_000_000 - 1_600_000_000 for text in held}
    assert sender.acknowledged <= numbers <= sender.acknowledged | sender.unacknowledged


def expect_the_platform_to_come_through(platform, fill, make_room):
    thing = make_thing(Api.signed_in(platform), {"text": "text"})
    sender = Sender(platform, thing)
    for _ in range(5):
        assert sender.send().status == 200
    fill()
    expect_refusal(sender.until_refused())
    for _ in range(20):
        response = sender.send()
        if response.status != 200:
            expect_refusal(response)
    assert Client(platform.address("core")).request("GET", "/healthz").status == 200
    expect_nothing_lost(platform, sender)

    make_room()
    eventually("readings are accepted again", lambda: sender.send().status == 200)
    for _ in range(5):
        assert sender.send().status == 200
    expect_nothing_lost(platform, sender)

    platform.kill()
    platform.start()
    expect_nothing_lost(platform, sender)
    sender.gateway = Gateway(platform, thing.token)
    assert sender.send().status == 200
    assert platform.stop() == 0
    platform.start()
    expect_nothing_lost(platform, sender)


@pytest.mark.slow
def test_a_full_disk(tmp_path):
    (tmp_path / "disk").mkdir()
    with SmallDisk(tmp_path / "disk") as disk:
        with Platform(tmp_path, {"log.segment_bytes": 4 << 20}, data_dir=disk.directory / "data") as platform:
            expect_the_platform_to_come_through(platform, lambda: disk.fill(leave_bytes=4 << 20), disk.make_room)


def test_a_limit_on_the_size_of_files(tmp_path):
    with Platform(tmp_path, prefix=FileSizeLimit.PREFIX) as platform:
        limit = FileSizeLimit(platform)
        expect_the_platform_to_come_through(platform, limit.fill, limit.make_room)


def test_a_release_on_a_full_disk_is_asked_for_again(tmp_path):
    """QoS 2: what has its PUBREC and finds no room at its PUBREL ends the connection, and is stored when the client comes back."""
    with Platform(tmp_path, mqtt_platform.settings(), prefix=FileSizeLimit.PREFIX) as platform:
        limit = FileSizeLimit(platform)
        thing = make_thing(Api.signed_in(platform), {"text": "text", "count": "long"})
        options = {"clean": False, "session_expiry": 3600}
        device = mqtt_platform.connect(platform, thing.token, "device", **options)
        device.send(mqtt.publish(thing.device, json.dumps({"sensor_id": thing.sensors["count"], "value": 1}), 2, 7, 5))
        assert device.expect(mqtt.PUBREC, 7).reason == 0
        limit.fill()
        Sender(platform, thing).until_refused()
        device.send(mqtt.acknowledgement(mqtt.PUBREL, 7))
        assert device.receive().kind == mqtt.DISCONNECT

        limit.make_room()

        def is_released():
            with mqtt_platform.connect(platform, thing.token, "device", **options) as again:
                again.send(mqtt.acknowledgement(mqtt.PUBREL, 7))
                return again.receive().kind == mqtt.PUBCOMP

        eventually("the reading is released", is_released)
        assert Queries(platform, thing.consumer_token).count(thing.index("count")) == 1


@pytest.mark.slow
def test_a_start_on_a_full_disk_loses_nothing(tmp_path):
    """Whether it starts or says why not: once there is room, all is there."""
    (tmp_path / "disk").mkdir()
    with SmallDisk(tmp_path / "disk") as disk:
        with Platform(tmp_path, data_dir=disk.directory / "data") as platform:
            thing = make_thing(Api.signed_in(platform), {"text": "text"})
            sender = Sender(platform, thing)
            for _ in range(20):
                assert sender.send().status == 200
            platform.kill()
            disk.fill(leave_bytes=0)
            try:
                platform.start()
                expect_nothing_lost(platform, sender)
                platform.kill()
            except StartFailed as failed:
                assert failed.returncode > 0
                assert "space" in failed.output.lower() or "full" in failed.output.lower()
            disk.make_room()
            platform.start()
            expect_nothing_lost(platform, sender)
