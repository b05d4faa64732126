"""The plug is pulled, again and again: nothing acknowledged is lost, nothing is stored twice."""

import json
import subprocess
import threading

import pytest

from e2e.ledger import ABSENT, KINDS, Ledger, kind_of, time_ns, value_of
from support import ingest, times
from support.api import Api, make_thing
from support.program import Platform
from support.query import Queries

CONNECTIONS = 16
FULL_CHECK_EVERY = 50


class Writer:
    """Sends messages until the platform is gone, and keeps the ledger."""

    def __init__(self, thing, rng):
        self.thing = thing
        self.rng = rng
        self.ledger = Ledger()
        self.touched = []

    def body(self, message):
        readings = [json.dumps({"sensor_id": self.thing.sensors[kind_of(n)], "timestamp": time_ns(n), "value": value_of(n)})
                    for n in self.ledger.readings(message)]
        return (readings[0] if len(readings) == 1 else f"[{','.join(readings)}]").encode()

    def messages(self):
        """Some of those that were never answered, as a device repeats them, and then new ones without end."""
        yield from self.rng.sample(self.touched, len(self.touched) // 2)
        while True:
            yield self.ledger.new_message(1 if self.rng.random() < 0.7 else self.rng.randrange(2, 20))

    def write_until_killed(self, platform):
        """Kills the platform at a random moment after the first acknowledgement."""
        address = platform.address("http")
        killer = threading.Timer(self.rng.uniform(0.0, 0.1) + 0.05, platform.process.kill)
        sent, refused = [], []

        def requests():
            for message in self.messages():
                sent.append(message)
                yield message, ingest.message_request(address, self.thing.token, self.body(message))

        def answered(message, status, answer):
            if killer.ident is None:
                killer.start()
            if status == 200:
                self.ledger.acknowledged(message)
            else:
                refused.append(answer)

        self.touched = ingest.deliver(address, requests(), answered, CONNECTIONS)
        assert killer.ident is not None, f"ended by itself: {platform.output()[-4000:]}"
        killer.join()
        platform.kill()
        assert refused == []
        return min(sent)


def check(writer, platform, first):
    """Compares all from message `first` on, reading by reading, and the number of all."""
    queries = Queries(platform, writer.thing.consumer_token)
    since = {"range": {"timestamp": {"gte": times.iso(time_ns(writer.ledger.starts[first]))}}}
    writer.ledger.check({kind: queries.all(writer.thing.index(kind), since, by_value=False) for kind in KINDS}, first)
    assert sum(queries.count(writer.thing.index(kind)) for kind in KINDS) == writer.ledger.count()


def start_and_maybe_fail_once(platform, rng):
    """One time in ten the plug is pulled during the start too."""
    if rng.random() < 0.1:
        platform.begin()
        try:
            platform.process.wait(timeout=rng.uniform(0, 0.05))
        except subprocess.TimeoutExpired:
            pass
        platform.kill()
    platform.start()


@pytest.mark.slow
def test_acknowledged_readings_survive_kill_9_at_random_moments(tmp_path, rng, request):
    rounds = request.config.getoption("--rounds")
    with Platform(tmp_path) as platform:
        root = Api.signed_in(platform)
        writer = Writer(make_thing(root, {kind: kind for kind in KINDS}), rng)
        devices = []
        starts_ms = []
        for number in range(1, rounds + 1):
            devices.append(Api(platform.address("core"), root.token).create_device(f"Round {number}"))
            first = writer.write_until_killed(platform)
            start_and_maybe_fail_once(platform, rng)
            starts_ms.append(platform.ready["start_ms"])
            check(writer, platform, 0 if number % FULL_CHECK_EVERY == 0 or number == rounds else first)
        api = Api(platform.address("core"), root.token)
        for device in devices:
            api.ok("GET", f"/api/devices/{device}")
    acknowledged, absent = writer.ledger.count(), writer.ledger.in_state(ABSENT)
    print(f"{rounds} rounds, {acknowledged} readings acknowledged or found, {absent} neither; "
          f"start_ms median {sorted(starts_ms)[rounds // 2]}, most {max(starts_ms)}")
    assert acknowledged > rounds


@pytest.mark.slow
def test_a_million_readings_are_there_after_the_plug_was_pulled(tmp_path):
    arrays, size = 1_000, 1_000
    with Platform(tmp_path) as platform:
        thing = make_thing(Api.signed_in(platform), {f"sensor {n}": "double" for n in range(10)})
        sensors = list(thing.sensors.values())
        address = platform.address("http")

        def requests():
            for array in range(arrays):
                body = ",".join(f'{{"sensor_id":"{sensors[n % 10]}","timestamp":{1_600_000_000 + array * size + n},"value":{n}.25}}'
                                for n in range(size))
                yield array, ingest.message_request(address, thing.token, f"[{body}]".encode())

        statuses = []
        assert ingest.deliver(address, requests(), lambda key, status, answer: statuses.append(status), connections=4) == []
        assert statuses == [200] * arrays
        platform.kill()
        platform.start()
        print(f"start_ms {platform.ready['start_ms']}, recovered_readings {platform.ready['recovered_readings']}")
        assert platform.ready["recovered_readings"] >= 1
        queries = Queries(platform, thing.consumer_token)
        for name in thing.sensors:
            assert queries.count(thing.index(name)) == arrays * size // 10


def test_a_start_that_is_broken_off_leaves_nothing_half_made(tmp_path, rng):
    """The first start makes keys, database and log; whatever it had got to, the next one goes on."""
    for number in range(5):
        platform = Platform(tmp_path / str(number), own_key=True)
        (tmp_path / str(number)).mkdir()
        platform.begin()
        try:
            platform.process.wait(timeout=rng.uniform(0, 0.2))
        except subprocess.TimeoutExpired:
            pass
        platform.kill()
        with platform:
            thing = make_thing(Api.signed_in(platform), {"a": "double"})
            ingest.Gateway(platform, thing.token).store({"sensor_id": thing.sensors["a"], "value": 1})
            assert Queries(platform, thing.consumer_token).count(thing.index("a")) == 1
