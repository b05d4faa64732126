"""The plug is pulled under QoS 1 and QoS 2 load: nothing acknowledged is lost, nothing comes twice."""

import collections
import itertools
import json
import threading

import pytest

from support import mqtt_platform
from support.api import Api, make_thing
from support.mqtt_session import Session, run
from support.program import Platform
from support.query import Queries

FULL_CHECK_EVERY = 50
BEGIN_S = 1_600_000_000


def timed_readings(thing, numbers):
    """QoS 1: a repetition is the same reading, for it has its own time."""
    for number in numbers:
        yield number, thing.device, json.dumps({"sensor_id": thing.sensors["timed"], "timestamp": BEGIN_S + number, "value": number}), 1


def untimed_readings(thing, numbers):
    """QoS 2: without a time of its own a repetition would be another reading."""
    for number in numbers:
        yield number, thing.device, json.dumps({"sensor_id": thing.sensors["untimed"], "value": number}), 2


def news(thing, numbers, qos):
    for number in numbers:
        yield number, f"{thing.device}/news/{qos}", str(number), qos


class Load:
    """Two publishers of readings, two of messages, and a subscriber that is always the same one."""

    def __init__(self, thing):
        self.thing = thing
        self.timed = Session("timed", thing.token, 4, messages=timed_readings(thing, itertools.count()))
        self.untimed = Session("untimed", thing.token, 5, messages=untimed_readings(thing, itertools.count()))
        self.news = {qos: Session(f"news-{qos}", thing.token, 4 + qos % 2, messages=news(thing, itertools.count(), qos)) for qos in (1, 2)}
        self.readers = {qos: Session(f"reader-{qos}", thing.token, 5 - qos % 2, [(f"{thing.device}/news/{qos}", qos)]) for qos in (1, 2)}
        self.senders = [self.timed, self.untimed, *self.news.values()]
        self.all = [*self.readers.values(), *self.senders]

    def acknowledged(self):
        return sum(len(one.acknowledged) for one in self.senders)

    def until_killed(self, platform, rng):
        """Kills the platform at a random moment after the first acknowledgement."""
        before = self.acknowledged()
        killer = threading.Timer(rng.uniform(0.0, 0.1) + 0.02, platform.process.kill)

        def begin():
            if killer.ident is None and self.acknowledged() > before:
                killer.start()

        run(self.all, platform.address("mqtt"), on_progress=begin)
        assert killer.ident is not None, f"ended by itself: {platform.output()[-4000:]}"
        killer.join()
        platform.kill()

    def settle(self, platform):
        """Lets everything that is under way come to its end, and the readers get what waits for them."""
        for one in self.senders:
            one.messages = None
        wanted = {qos: {str(number).encode() for number in one.acknowledged} | {entry[2].encode() for entry in one.under_way.values()}
                  for qos, one in self.news.items()}
        run(self.all, platform.address("mqtt"), done=lambda: all(not one.under_way for one in self.senders) and
            all(wanted[qos] <= set(one.received) for qos, one in self.readers.items()))

    def resume(self):
        """New numbers follow those that were used."""
        begin = {one: max([*one.acknowledged, -1]) + 1 for one in self.senders}
        self.timed.messages = timed_readings(self.thing, itertools.count(begin[self.timed]))
        self.untimed.messages = untimed_readings(self.thing, itertools.count(begin[self.untimed]))
        for qos, one in self.news.items():
            one.messages = news(self.thing, itertools.count(begin[one]), qos)

    def check(self, platform):
        """Once settled, all that was ever sent is acknowledged; so it is there, once."""
        queries = Queries(platform, self.thing.consumer_token)
        for name, sender in (("timed", self.timed), ("untimed", self.untimed)):
            assert sender.refused == []
            held = collections.Counter(int(document["value"]) for document in queries.all(self.thing.index(name)))
            acknowledged = set(sender.acknowledged)
            assert acknowledged <= held.keys(), f"{name}: acknowledged and lost: {sorted(acknowledged - held.keys())[:10]}"
            twice = [number for number, count in held.items() if count > 1]
            assert not twice, f"{name}: stored twice: {twice[:10]}"
            assert held.keys() == acknowledged, f"{name}: never acknowledged: {sorted(held.keys() - acknowledged)[:10]}"
        for qos, reader in self.readers.items():
            got = collections.Counter(int(payload) for payload in reader.received)
            sent = set(self.news[qos].acknowledged)
            assert sent <= got.keys(), f"QoS {qos}: acknowledged and not delivered: {sorted(sent - got.keys())[:10]}"
            if qos == 2:
                twice = [number for number, count in got.items() if count > 1]
                assert not twice, f"QoS 2: delivered twice: {twice[:10]}"


@pytest.mark.slow
def test_qos_1_and_2_keep_their_promises_through_kill_9_at_random_moments(tmp_path, rng, request):
    rounds = request.config.getoption("--rounds")
    with Platform(tmp_path, mqtt_platform.settings()) as platform:
        load = Load(make_thing(Api.signed_in(platform), {"timed": "long", "untimed": "long"}))
        for number in range(1, rounds + 1):
            load.until_killed(platform, rng)
            platform.start()
            if number % FULL_CHECK_EVERY == 0 or number == rounds:
                load.settle(platform)
                load.check(platform)
                load.resume()
        print(f"{rounds} rounds, {load.acknowledged()} messages acknowledged, "
              f"{sum(len(reader.received) for reader in load.readers.values())} delivered")
        assert load.acknowledged() > rounds
