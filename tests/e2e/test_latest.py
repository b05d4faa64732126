"""The newest reading of each sensor, in one call."""

import time

from support.api import Api, make_thing
from support.ingest import Gateway
from support.program import Platform
from support.query import Queries

START = 1_526_717_967
DAY_S = 86_400
NEWEST = {"double": 21.5, "long": 9007199254740993, "boolean": True, "keyword": "say \"hi\"",
          "date": "2018-05-19T08:19:27.123Z", "geo_point": {"lat": 47.5, "lon": 8.25}, "object": {"a": [1, None]}}


def latest(root, thing, **parameters):
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return root.ok("GET", f"/api/devices/{thing.device}/latest?{query}")


def values(root, thing):
    return {one["name"]: one["value"] for one in latest(root, thing)["result"]}


def send(platform, thing, readings):
    Gateway(platform, thing.token).store([{"sensor_id": thing.sensors[name], "timestamp": at, "value": value}
                                          for name, at, value in readings])


def test_what_was_acknowledged_is_shown_at_once_and_after_a_crash(tmp_path):
    with Platform(tmp_path) as platform:
        root = Api.signed_in(platform)
        thing = make_thing(root, {mapping: mapping for mapping in NEWEST} | {"none": "double"})
        assert set(values(root, thing).values()) == {None}
        send(platform, thing, [(name, START, value) for name, value in NEWEST.items()])
        assert values(root, thing) == NEWEST | {"none": None}
        send(platform, thing, [("double", START - 1, 1)])
        assert values(root, thing)["double"] == 21.5, "what comes late is not the newest"
        send(platform, thing, [("double", START, 22), ("double", START, 20)])
        assert values(root, thing)["double"] == 22, "of several at one time the one that comes last in their order"
        before = latest(root, thing)
        platform.kill()
        platform.start()
        root = Api.signed_in(platform)
        assert latest(root, thing) == before
        # In chunks on disk now.
        assert platform.stop() == 0
        platform.start()
        root = Api.signed_in(platform)
        assert latest(root, thing) == before
        one = root.ok("GET", f"/api/devices/{thing.device}/sensors/{thing.sensors['long']}/latest")["result"]
        assert one == {"sensor_id": thing.sensors["long"], "name": "long", "path": "", "unit": "",
                       "timestamp": "2018-05-19T08:19:27.000000000Z", "value": 9007199254740993}


def test_pages_hold_every_sensor_once(platform, root):
    thing = make_thing(root, {f"sensor {n}": "long" for n in range(2_500)})
    send(platform, thing, [(f"sensor {n}", START + n, n) for n in range(2_500)])
    found, after = [], 0
    while after is not None:
        page = latest(root, thing, limit=1_000, after=after)
        found += page["result"]
        after = page.get("next")
    assert [one["value"] for one in found] == list(range(2_500))
    assert [one["sensor_id"] for one in found] == list(thing.sensors.values())


def test_what_is_too_old_is_not_shown(platform, root):
    thing = make_thing(root, {"a": "double", "b": "double"})
    now = int(time.time())
    send(platform, thing, [("a", now - 10 * DAY_S, 1), ("b", now - 10 * DAY_S, 2), ("b", now, 3)])
    for sensor in thing.sensors.values():
        root.ok("PATCH", f"/api/devices/{thing.device}/sensors/{sensor}", {"retention": "5d"})
    assert values(root, thing) == {"a": None, "b": 3}


def test_a_search_for_the_newest_of_each_sensor_finds_the_same(platform, root):
    thing = make_thing(root, {f"sensor {n}": "double" for n in range(40)})
    for first in (0, 3_000, 6_000):
        send(platform, thing, [(f"sensor {n}", START + i, i * 40 + n) for n in range(40) for i in range(first, first + 500)])
    answer = Queries(platform, thing.consumer_token, "query").search("_all", {
        "size": 0, "aggs": {"s": {"terms": {"field": "sensor_id", "size": 100},
                                  "aggs": {"n": {"top_hits": {"size": 1, "sort": [{"timestamp": "desc"}]}}}}}})
    buckets = answer["aggregations"]["s"]["buckets"]
    assert {bucket["doc_count"] for bucket in buckets} == {1_500}
    found = {bucket["key"]: bucket["n"]["hits"]["hits"][0]["_source"] for bucket in buckets}
    for one in latest(root, thing)["result"]:
        source = found[one["sensor_id"]]
        assert (source["timestamp"], source["value"]) == (one["timestamp"], one["value"])
