"""The real series go in through the HTTP gateway, in both ways that devices use, and come back exact."""

import collections
import json
import math
import os
import time

import pytest

from support import ingest, times
from support.api import make_thing
from support.query import Queries
from support.series import distinct, real_series

ARRAY = 1_000
# The number of single readings without --long: as many as a continuous integration has time for.
SINGLES = int(os.environ.get("IOT_SINGLE_READINGS", "60000"))


class Imported:
    """One device that was sent readings: {series: [(second, text)]}, with what must be there afterwards."""

    def __init__(self, thing, series):
        self.thing = thing
        self.expected = {name: distinct(readings) for name, readings in series.items()}


def reading(sensor, second, text):
    """JSON with the value's digits as the file has them."""
    return f'{{"sensor_id":"{sensor}","timestamp":{second},"value":{text}}}'


def send(platform, token, bodies, connections):
    refused = []
    address = platform.address("http")
    began = time.monotonic()
    requests = ((index, ingest.message_request(address, token, body)) for index, body in enumerate(bodies))
    lost = ingest.deliver(address, requests,
                          lambda key, status, answer: status == 200 or refused.append((key, answer)), connections)
    assert lost == [] and refused == []
    print(f"{len(bodies)} requests in {time.monotonic() - began:.1f} s")


def send_arrays(platform, thing, series):
    bodies = []
    for name, readings in series.items():
        for begin in range(0, len(readings), ARRAY):
            part = (reading(thing.sensors[name], *one) for one in readings[begin:begin + ARRAY])
            bodies.append(f"[{','.join(part)}]".encode())
    send(platform, thing.token, bodies, connections=4)


@pytest.fixture(scope="module")
def series():
    return real_series()


@pytest.fixture(scope="module")
def arrays(platform, root, series):
    thing = make_thing(root, dict.fromkeys(series, "double"), "In arrays")
    send_arrays(platform, thing, series)
    return Imported(thing, series)


@pytest.fixture(scope="module")
def singles(platform, root, series, rng, request):
    chosen = [(name, *one) for name, readings in series.items() for one in readings]
    rng.shuffle(chosen)
    if not request.config.getoption("--long"):
        chosen = chosen[:SINGLES]
    thing = make_thing(root, dict.fromkeys(series, "double"), "One by one")
    twice = chosen + rng.sample(chosen, len(chosen) // 10)
    rng.shuffle(twice)
    send(platform, thing.token, [reading(thing.sensors[name], second, text).encode() for name, second, text in twice],
         connections=64)
    by_series = {name: [] for name in series}
    for name, second, text in chosen:
        by_series[name].append((second, text))
    return Imported(thing, by_series)


def expect_exact(platform, imported):
    """Counts, every reading bit by bit, extrema and hourly means of each series."""
    queries = Queries(platform, imported.thing.consumer_token)
    for name, expected in imported.expected.items():
        index = imported.thing.index(name)
        assert queries.count(index) == len(expected), name
        documents = queries.all(index)
        got = [(times.nanoseconds(one["timestamp"]), one["value"]) for one in documents]
        assert got == [(second * 1_000_000_000, value) for second, value in expected], name
        expect_aggregations(queries, index, expected)


def expect_aggregations(queries, index, expected):
    answer = queries.aggregate(index, stats={"stats": {"field": "value"}}, least={"min": {"field": "value"}},
                               most={"max": {"field": "value"}}, many={"value_count": {"field": "value"}},
                               hours={"date_histogram": {"field": "timestamp", "fixed_interval": "1h"},
                                      "aggs": {"mean": {"avg": {"field": "value"}}, "least": {"min": {"field": "value"}}}})
    values = [value for _, value in expected]
    assert answer["stats"]["count"] == answer["many"]["value"] == len(values)
    if not values:
        return
    assert answer["stats"]["min"] == answer["least"]["value"] == min(values)
    assert answer["stats"]["max"] == answer["most"]["value"] == max(values)
    assert math.isclose(answer["stats"]["sum"], math.fsum(values), rel_tol=1e-9, abs_tol=1e-9)

    by_hour = collections.defaultdict(list)
    for second, value in expected:
        by_hour[second // 3600].append(value)
    buckets = answer["hours"]["buckets"]
    assert [bucket["key"] for bucket in buckets] == [hour * 3_600_000 for hour in range(min(by_hour), max(by_hour) + 1)]
    for bucket in buckets:
        of_hour = by_hour.get(bucket["key"] // 3_600_000, [])
        assert bucket["doc_count"] == len(of_hour)
        if of_hour:
            assert math.isclose(bucket["mean"]["value"], math.fsum(of_hour) / len(of_hour), rel_tol=1e-9, abs_tol=1e-12)
            assert bucket["least"]["value"] == min(of_hour)
        else:
            assert bucket["mean"]["value"] is None


@pytest.mark.slow
def test_arrays_come_back_exact(platform, arrays):
    expect_exact(platform, arrays)


@pytest.mark.slow
def test_single_readings_in_random_order_with_a_tenth_sent_twice_come_back_exact(platform, singles):
    expect_exact(platform, singles)


def test_small_pages_join_without_gap_or_overlap(platform, arrays):
    queries = Queries(platform, arrays.thing.consumer_token, front="query")
    name = min(arrays.expected, key=lambda one: len(arrays.expected[one]))
    documents = queries.all(arrays.thing.index(name), page=17)
    assert [(times.nanoseconds(one["timestamp"]), one["value"]) for one in documents] == \
        [(second * 1_000_000_000, value) for second, value in arrays.expected[name]]


@pytest.mark.slow
def test_a_second_import_changes_nothing(platform, arrays, series):
    send_arrays(platform, arrays.thing, series)
    queries = Queries(platform, arrays.thing.consumer_token)
    for name, expected in arrays.expected.items():
        assert queries.count(arrays.thing.index(name)) == len(expected), name


@pytest.mark.slow
def test_everything_is_the_same_after_a_restart(platform, arrays, singles):
    assert platform.stop() == 0
    platform.start()
    print(json.dumps(platform.ready))
    expect_exact(platform, arrays)
    expect_exact(platform, singles)


@pytest.mark.slow
def test_everything_is_the_same_after_the_plug_was_pulled(platform, arrays, singles):
    platform.kill()
    platform.start()
    print(json.dumps(platform.ready))
    expect_exact(platform, arrays)
    expect_exact(platform, singles)
