"""Limits that keep one user from taking the machine from the others: the size of the data directory, and what one query may
take."""

import base64
import json
import random

import pytest

from support.api import Api, make_thing
from support.http import Connection, render
from support.ingest import Gateway
from support.program import Platform
from support.query import Queries
from support.wait import eventually

MIB = 1 << 20
FIRST_S = 1_700_000_000


def directory_bytes(path):
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def metric(platform, name):
    lines = Api(platform.address("core")).call("GET", "/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_the_disk_budget_takes_the_oldest_readings(tmp_path):
    """Texts that nothing compresses, more than twice of what may stay. The newest are never taken, none is missing between
    two that are left, and a restart brings nothing back."""
    budget, count, text_bytes, batch = 16 * MIB, 40_000, 1_000, 500
    random_bytes = random.Random(3)
    settings = {"store.disk_bytes_max": budget, "log.segment_bytes": MIB, "log.retain_bytes": 0, "store.memory_bytes": 16 * MIB}
    with Platform(tmp_path, settings) as platform:
        thing = make_thing(Api.signed_in(platform), {"text": "keyword"})
        gateway, queries, index = Gateway(platform, thing.token), Queries(platform, thing.consumer_token), thing.index("text")
        for start in range(0, count, batch):
            gateway.store([{"sensor_id": thing.sensors["text"], "timestamp": FIRST_S + i,
                            "value": base64.b64encode(random_bytes.randbytes(text_bytes * 3 // 4)).decode()}
                           for i in range(start, start + batch)])
        eventually("readings were removed", lambda: metric(platform, "iotplatform_disk_budget_freed_bytes_total") > 0)
        eventually("the directory is within its budget", lambda: directory_bytes(platform.data_dir) <= budget * 1.1)

        def kept():
            times = queries.aggregate(index, first={"min": {"field": "timestamp"}}, last={"max": {"field": "timestamp"}})
            return int(times["first"]["value"]) // 1000 - FIRST_S, int(times["last"]["value"]) // 1000 - FIRST_S, queries.count(index)

        first, last, left = kept()
        assert last == count - 1
        assert first > 0 and left == last - first + 1, (first, left)
        # What may stay is not thrown away either.
        assert left * text_bytes > budget / 4, left
        platform.stop()
        platform.start()
        queries = Queries(platform, thing.consumer_token)
        again, last, left = kept()
        assert again >= first and last == count - 1 and left == last - again + 1


def with_readings(directory, settings):
    """A platform with such limits for queries and an index with 200,000 readings."""
    platform = Platform(directory, settings).start()
    thing = make_thing(Api.signed_in(platform), {"number": "double", "few": "double"})
    gateway = Gateway(platform, thing.token)
    values = random.Random(4)
    for start in range(0, 200_000, 20_000):
        gateway.store([{"sensor_id": thing.sensors["number"], "timestamp": FIRST_S + i, "value": values.random()}
                       for i in range(start, start + 20_000)])
    gateway.store([{"sensor_id": thing.sensors["few"], "timestamp": FIRST_S + 3600 * i, "value": i} for i in range(102)])
    return platform, thing, Queries(platform, thing.consumer_token)


@pytest.fixture(scope="module")
def hasty(tmp_path_factory):
    platform, *rest = with_readings(tmp_path_factory.mktemp("hasty"), {"query.deadline_ms": 1})
    yield rest
    platform.stop_if_running()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    platform, *rest = with_readings(tmp_path_factory.mktemp("small"), {"query.memory_bytes_max": MIB, "query.buckets_max": 100})
    yield rest
    platform.stop_if_running()


def slow_aggregation():
    return {"size": 0, "query": {"bool": {"filter": [{"range": {"value": {"gte": 0.0001 * i}}} for i in range(200)]}},
            "aggs": {"p": {"percentiles": {"field": "value"}}}}


def test_a_query_past_its_deadline_says_that_its_answer_is_not_whole(hasty):
    thing, queries = hasty
    answer = queries.call("POST", queries.path(thing.index("number"), "_search"), slow_aggregation())
    assert answer.status == 200 and answer.json["timed_out"] is True, answer


def test_a_count_past_its_deadline_is_no_count(hasty):
    thing, queries = hasty
    answer = queries.call("POST", queries.path(thing.index("number"), "_count"), {"query": slow_aggregation()["query"]})
    assert answer.status == 503 and answer.json["error"]["type"] == "timeout_exception", answer


def test_a_query_stops_when_its_client_has_gone(tmp_path):
    platform, thing, queries = with_readings(tmp_path, {})
    try:
        conditions = [{"range": {"value": {"gte": 0.0001 * i, "lt": 1 + i}}} for i in range(4_000)]
        body = json.dumps({"size": 0, "query": {"bool": {"filter": conditions}}, "aggs": {"p": {"percentiles": {"field": "value"}}}})
        address = platform.address("core")
        with Connection(address) as connection:
            connection.send(render("POST", queries.path(thing.index("number"), "_search"), address,
                                   [("Content-Type", "application/json"), ("Authorization", f"Bearer {thing.consumer_token}")],
                                   body.encode()))
            eventually("the query is under way",
                       lambda: metric(platform, 'iotplatform_query_requests_total{endpoint="search"}') == 1)
        # Without its client it ends as one that failed, and not by giving an answer.
        eventually("the query has ended", lambda: metric(platform, "iotplatform_query_duration_seconds_count") == 1)
        assert metric(platform, "iotplatform_query_failures_total") == 1
    finally:
        platform.stop_if_running()


def test_a_query_that_needs_more_memory_is_refused(small):
    thing, queries = small
    body = {"size": 2_000, "sort": [{"value": "asc"}]}
    assert queries.call("POST", queries.path(thing.index("number"), "_search"), body).status == 200
    answer = queries.call("POST", queries.path(thing.index("number"), "_search"), {**body, "size": 10_000})
    assert answer.status == 429 and answer.json["error"]["root_cause"][0]["type"] == "circuit_breaking_exception", answer


def test_one_bucket_more_than_are_allowed_is_refused(small):
    thing, queries = small

    def hours(count):
        return queries.call("POST", queries.path(thing.index("few"), "_search"),
                            {"size": 0, "query": {"range": {"value": {"lt": count}}},
                             "aggs": {"h": {"date_histogram": {"field": "timestamp", "fixed_interval": "1h"}}}})

    assert len(hours(100).json["aggregations"]["h"]["buckets"]) == 100
    answer = hours(101)
    assert answer.status == 400, answer
    assert "too_many_buckets_exception" in answer.text and "100" in answer.text
