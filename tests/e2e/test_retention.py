"""Retention by age: what is too old goes, what is young stays."""

import re
import time

import pytest

from support.api import Api
from support.ingest import Gateway
from support.program import Platform
from support.query import Queries
from support.wait import eventually

DAY_S = 86_400


@pytest.fixture
def thing(platform, root):
    device, consumer = root.create_device(), root.create_consumer()

    def sensor(**fields):
        made = root.create_sensor(device, **fields)
        root.grant(consumer, made)
        return made
    return device, root.device_key(device), Queries(platform, root.consumer_key(consumer)), sensor


def retention_field(root):
    """How the API calls a sensor's retention: the one property with that word in the OpenAPI document."""
    names = set(re.findall(r'"(retention\w*)"', root.call("GET", "/api/openapi.json").text))
    assert len(names) == 1, names
    return names.pop()


def store(platform, token, sensor, ages_days):
    now = int(time.time())
    Gateway(platform, token).store([{"sensor_id": sensor, "timestamp": now - age * DAY_S, "value": age} for age in ages_days])


def ages(queries, device, sensor):
    return sorted(one["value"] for one in queries.all(f"{device}_{sensor}"))


def test_a_sensors_own_retention(platform, root, thing):
    device, token, queries, sensor = thing
    field = retention_field(root)
    kept, short = sensor(), sensor(**{field: 30 * DAY_S})
    for one in (kept, short):
        store(platform, token, one, [1, 10, 29, 31, 100, 1_000])
    eventually("the old readings are gone", lambda: ages(queries, device, short) == [1, 10, 29])
    assert ages(queries, device, kept) == [1, 10, 29, 31, 100, 1_000]


def test_a_retention_set_later_takes_away_what_is_too_old(platform, root, thing):
    device, token, queries, sensor = thing
    later = sensor()
    store(platform, token, later, [1, 31])
    assert ages(queries, device, later) == [1, 31]
    root.ok("PATCH", f"/api/devices/{device}/sensors/{later}", {retention_field(root): 30 * DAY_S})
    eventually("the old reading is gone", lambda: ages(queries, device, later) == [1])


def test_the_devices_retention_holds_where_the_sensor_says_nothing(platform, root, thing):
    device, token, queries, sensor = thing
    field = retention_field(root)
    root.ok("PATCH", f"/api/devices/{device}", {field: 30 * DAY_S})
    plain, own = sensor(), sensor(**{field: 365 * DAY_S})
    for one in (plain, own):
        store(platform, token, one, [1, 31, 400])
    eventually("the old readings are gone",
               lambda: (ages(queries, device, plain), ages(queries, device, own)) == ([1], [1, 31]))


def test_the_global_retention_and_a_restart(tmp_path):
    """What had gone does not come back from the log."""
    with Platform(tmp_path, {"store.retention_s": 30 * DAY_S}) as platform:
        root = Api.signed_in(platform)
        device, consumer = root.create_device(), root.create_consumer()
        sensor = root.create_sensor(device)
        root.grant(consumer, sensor)
        token, consumer_token = root.device_key(device), root.consumer_key(consumer)
        store(platform, token, sensor, [1, 31])
        eventually("the old reading is gone", lambda: ages(Queries(platform, consumer_token), device, sensor) == [1])
        platform.kill()
        platform.start()
        eventually("the old reading is gone", lambda: ages(Queries(platform, consumer_token), device, sensor) == [1])


def test_ages_of_rollups_are_kept_over_a_crash_and_shown_as_they_were_sent(tmp_path):
    with Platform(tmp_path, {"store.rollup_hours_s": 365 * DAY_S, "store.rollup_days_s": 3_650 * DAY_S}) as platform:
        root = Api.signed_in(platform)
        device = root.create_device()
        sensor = root.create_sensor(device, retention="30d", rollups={"minutes": "90d", "days": "forever"})
        root.ok("PATCH", f"/api/devices/{device}", {"rollups": {"hours": "52w"}})
        text = root.call("POST", f"/api/devices/{device}/sensors",
                         {"name": "text", "mapping": {"type": "text"}, "rollups": {"hours": "52w"}})
        assert (text.status, text.json["errors"][0]["field"]) == (422, "rollups")
        short = root.call("PATCH", f"/api/devices/{device}/sensors/{sensor}", {"retention": "90d"})
        assert (short.status, short.json["errors"][0]["field"]) == (422, "rollups.minutes")
        platform.kill()
        platform.start()
        root = Api.signed_in(platform)
        shown = root.ok("GET", f"/api/devices/{device}")["result"]
        assert shown["rollups"] == {"minutes": None, "hours": 364 * DAY_S, "days": None}
        assert shown["sensors"][0]["rollups"] == {"minutes": 90 * DAY_S, "hours": None, "days": "forever"}
        assert shown["sensors"][0]["retention"] == 30 * DAY_S


def test_readings_past_their_retention_become_hours_that_aggregations_still_see(tmp_path):
    """The store looks for them about once a minute."""
    with Platform(tmp_path) as platform:
        root = Api.signed_in(platform)
        device, consumer = root.create_device(), root.create_consumer()
        sensor = root.create_sensor(device, retention="30d", rollups={"hours": "365d"})
        root.grant(consumer, sensor)
        index = f"{device}_{sensor}"
        now = int(time.time())
        old = [{"sensor_id": sensor, "timestamp": now - 40 * DAY_S + i * 60, "value": i % 7} for i in range(1_000)]
        young = [{"sensor_id": sensor, "timestamp": now - i, "value": 10 + i} for i in range(5)]
        token, consumer_token = root.device_key(device), root.consumer_key(consumer)
        Gateway(platform, token).store(old + young)
        queries = Queries(platform, consumer_token)

        def said():
            answer = queries.aggregate(index, s={"stats": {"field": "value"}}, d={
                "date_histogram": {"field": "timestamp", "calendar_interval": "day", "min_doc_count": 1},
                "aggs": {"m": {"max": {"field": "value"}}}})
            days = [(day["key"], day["doc_count"], day["m"]["value"]) for day in answer["d"]["buckets"]]
            return answer["s"], days

        before = said()
        assert before[0]["count"] == 1_005

        def is_rolled_up():
            assert said() == before
            return queries.count(index) == 5

        eventually("the old readings are hours", is_rolled_up, every_s=0.5, within_s=300)
        refused = queries.call("POST", queries.path(index, "_search"), {"size": 0, "aggs": {
            "p": {"percentiles": {"field": "value"}}}})
        assert refused.status == 400 and "[p]" in refused.text and index in refused.text, refused.text
        for end in (platform.stop, platform.kill):
            end()
            platform.start()
            queries = Queries(platform, consumer_token)
            assert said() == before and queries.count(index) == 5
