"""Grafana's Elasticsearch data source: the requests that it sends, with answers computed here, and the files of deploy/grafana."""

import json
import math
import statistics

import pytest
import yaml

from support.api import make_thing
from support.grafana import Grafana
from support.ingest import Gateway
from support.program import ROOT
from support.times import iso

DEPLOY = ROOT / "deploy" / "grafana"
MINUTE_S = 60
BEGIN_S = 1_700_000_040  # a whole minute
COUNT = 240
STEP_S = 20
# The range is wider than the readings by ten empty minutes on both sides.
FROM_MS = (BEGIN_S - 10 * MINUTE_S) * 1000
TO_MS = (BEGIN_S + COUNT * STEP_S + 10 * MINUTE_S) * 1000 - 1
STATES = ["idle", "running", "failed"]
LEVELS = {"warm": lambda n: 20 + n % 7 * 0.5, "cold": lambda n: -3.0 + n % 11}


def readings(name):
    """[(seconds, value)] in order."""
    if name == "state":
        return [(BEGIN_S + STEP_S * n, STATES[n % 5 % 3]) for n in range(COUNT)]
    if name == "log":
        return [(BEGIN_S + STEP_S * n, f"request {n} took {n % 9} ms" + (" and failed" if n % 8 == 0 else "")) for n in range(COUNT)]
    # Every tenth minute has none, and the cold sensor half as many.
    return [(BEGIN_S + STEP_S * n, LEVELS[name](n)) for n in range(0, COUNT, 2 if name == "cold" else 1)
            if n * STEP_S // MINUTE_S % 10 != 4]


@pytest.fixture(scope="module")
def thing(platform, root):
    thing = make_thing(root, {"warm": "double", "cold": "double", "state": "keyword", "log": "text"})
    for name in thing.sensors:
        Gateway(platform, thing.token).store([{"sensor_id": thing.sensors[name], "timestamp": at, "value": value}
                                              for at, value in readings(name)])
    return thing


@pytest.fixture(scope="module")
def source(platform, thing):
    """A data source that sees all sensors of the thing."""
    return Grafana(platform, thing.consumer_token, "*", FROM_MS, TO_MS)


def over(source, *, index=None, interval_ms=None):
    other = Grafana.__new__(Grafana)
    other.__dict__.update(source.__dict__, index=index or source.index, interval_ms=interval_ms or source.interval_ms)
    return other


@pytest.fixture(scope="module")
def warm(source, thing):
    return over(source, index=thing.index("warm"))


def histogram(**settings):
    return {"id": "2", "type": "date_histogram", "field": "timestamp", "settings": {"interval": "auto", **settings}}


def sensors(**settings):
    return {"id": "4", "type": "terms", "field": "sensor_id", "settings": {"size": "10", "order": "desc", "orderBy": "_key", **settings}}


def metric(kind, ident="1", field="value", **settings):
    return {"id": ident, "type": kind, "field": field, "settings": settings}


def keys(step_ms=60_000):
    return list(range(FROM_MS // step_ms * step_ms, TO_MS + 1, step_ms))


def values_at(name, key_ms, step_ms=60_000):
    return [value for at, value in readings(name) if key_ms <= at * 1000 < key_ms + step_ms]


def close(left, right):
    return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-12)


def by_minute(source, *metrics):
    """{key: bucket} of a panel over time."""
    answer = source.panel({"metrics": list(metrics), "bucketAggs": [histogram()]})
    buckets = answer["aggregations"]["2"]["buckets"]
    assert [bucket["key"] for bucket in buckets] == keys()
    return {bucket["key"]: bucket for bucket in buckets}


def test_saves_and_tests_the_data_source(source):
    assert source.get("/_cluster/health?wait_for_status=yellow")["status"] in ("green", "yellow")
    version = source.get("/")["version"]
    assert int(version["number"].split(".")[0]) >= 8 and version.get("build_flavor", "default") != "serverless"
    assert source.fields_variable("date") == {"timestamp": "date"}


def test_offers_the_fields(source, warm):
    assert warm.fields_variable() == {"timestamp": "date", "device_id": "string", "sensor_id": "string", "value": "number"}
    assert warm.fields_variable("number") == {"value": "number"}
    capabilities = source.get("/*/_field_caps?fields=*")["fields"]
    assert set(capabilities["value"]) == {"double", "keyword", "text"}
    assert capabilities["timestamp"]["date_nanos"]["aggregatable"] is True


def test_counts_over_time_with_empty_intervals_to_the_ends_of_the_range(warm):
    for key, bucket in by_minute(warm, {"id": "1", "type": "count"}).items():
        assert bucket["key_as_string"] == str(key)
        assert bucket["doc_count"] == len(values_at("warm", key))


def test_leaves_out_empty_intervals(warm):
    answer = warm.panel({"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [histogram(min_doc_count="1")]})
    buckets = answer["aggregations"]["2"]["buckets"]
    assert [bucket["key"] for bucket in buckets] == [key for key in keys() if values_at("warm", key)]


@pytest.mark.parametrize("interval, milliseconds", [("10m", 600_000), ("1h", 3_600_000), ("90s", 90_000)])
def test_an_interval_that_somebody_chose(warm, interval, milliseconds):
    answer = warm.panel({"metrics": [metric("sum")], "bucketAggs": [histogram(interval=interval)]})
    buckets = answer["aggregations"]["2"]["buckets"]
    assert [bucket["key"] for bucket in buckets] == keys(milliseconds)
    for bucket in buckets:
        assert close(bucket["1"]["value"], math.fsum(values_at("warm", bucket["key"], milliseconds)))


def test_days_of_a_time_zone(warm):
    answer = warm.panel({"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [histogram(interval="1d", timeZone="Europe/Berlin")]})
    buckets = answer["aggregations"]["2"]["buckets"]
    day = 86_400_000
    # Berlin is an hour before UTC in November.
    first = (FROM_MS + 3_600_000) // day * day - 3_600_000
    assert [bucket["key"] for bucket in buckets] == list(range(first, TO_MS + 1, day))
    assert sum(bucket["doc_count"] for bucket in buckets) == len(readings("warm"))


def test_several_metrics_by_sensor_over_time(source, thing):
    answer = over(source, index=f"{thing.index('warm')},{thing.index('cold')}").panel(
        {"metrics": [metric("avg"), metric("max", "3")], "bucketAggs": [sensors(), histogram()]})
    groups = answer["aggregations"]["4"]["buckets"]
    assert [group["key"] for group in groups] == sorted([thing.sensors["warm"], thing.sensors["cold"]], reverse=True)
    names = {ident: name for name, ident in thing.sensors.items()}
    for group in groups:
        for bucket in group["2"]["buckets"]:
            values = values_at(names[group["key"]], bucket["key"])
            assert bucket["doc_count"] == len(values)
            if values:
                assert close(bucket["1"]["value"], statistics.fmean(values)) and bucket["3"]["value"] == max(values)
            else:
                assert bucket["1"]["value"] is None and bucket["3"]["value"] is None


@pytest.mark.parametrize("order_by, settings, key", [
    ("1", metric("avg"), statistics.fmean), ("1", {"id": "1", "type": "count"}, len), ("_count", {"id": "1", "type": "count"}, len),
    ("1[50.0]", metric("percentiles", percents=["50"]), statistics.median),
    ("1[std_deviation]", metric("extended_stats"), statistics.pstdev)])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_orders_of_terms(source, thing, order_by, settings, key, order):
    answer = over(source, index=f"{thing.index('warm')},{thing.index('cold')}").panel(
        {"metrics": [settings], "bucketAggs": [sensors(orderBy=order_by, order=order), histogram()]})
    names = sorted(["cold", "warm"], key=lambda name: key([value for _, value in readings(name)]), reverse=order == "desc")
    assert [bucket["key"] for bucket in answer["aggregations"]["4"]["buckets"]] == [thing.sensors[name] for name in names]


def test_statistics_with_settings_that_are_texts(warm):
    buckets = by_minute(warm, metric("percentiles", percents=["25", "50", "99"]), metric("extended_stats", "3", sigma="3"),
                        metric("cardinality", "5", precision_threshold="100"))
    for key, bucket in buckets.items():
        values = values_at("warm", key)
        assert set(bucket["1"]["values"]) == {"25.0", "50.0", "99.0"}
        assert bucket["5"]["value"] == len(set(values))
        if values:
            assert close(bucket["1"]["values"]["50.0"], statistics.median(values))
            stats = bucket["3"]
            mean, deviation = statistics.fmean(values), statistics.pstdev(values)
            assert close(stats["avg"], mean) and math.isclose(stats["std_deviation"], deviation, rel_tol=1e-9, abs_tol=1e-9)
            assert math.isclose(stats["std_deviation_bounds"]["upper"], mean + 3 * deviation, rel_tol=1e-9, abs_tol=1e-9)


def test_functions_of_other_metrics(warm):
    buckets = by_minute(
        warm, metric("sum"), metric("derivative", "3", "1"), metric("cumulative_sum", "5", "1"),
        metric("moving_fn", "6", "1", window="5", script="MovingFunctions.sum(values)"), metric("serial_diff", "7", "1", lag="2"),
        {"id": "8", "type": "bucket_script", "pipelineVariables": [{"name": "a", "pipelineAgg": "1"}, {"name": "n", "pipelineAgg": "9"}],
         "settings": {"script": "params.a * 2 + params.n / ($__interval_ms / 1000.0)"}}, {"id": "9", "type": "count"})
    sums = [math.fsum(values_at("warm", key)) for key in keys()]
    for place, (key, bucket) in enumerate(buckets.items()):
        count = len(values_at("warm", key))
        assert close(bucket["1"]["value"], sums[place])
        assert close(bucket["5"]["value"], math.fsum(sums[:place + 1]))
        # A bucket without readings is a gap, which these leave out of what they look at.
        if count:
            assert close(bucket["8"]["value"], sums[place] * 2 + count / 60)
        else:
            assert "8" not in bucket
        if place and count and values_at("warm", key - 60_000):
            assert close(bucket["3"]["value"], sums[place] - sums[place - 1])


def test_a_rate_a_second(warm):
    answer = warm.panel({"metrics": [metric("rate", unit="second", mode="value_count")], "bucketAggs": [histogram(interval="1h")]})
    for bucket in answer["aggregations"]["2"]["buckets"]:
        assert close(bucket["1"]["value"], bucket["doc_count"] / 3600)


def test_filters_by_texts(source):
    texts = [{"query": "value:failed", "label": "broken"}, {"query": "value:(idle OR running)", "label": ""}]
    answer = source.panel({"metrics": [{"id": "1", "type": "count"}],
                           "bucketAggs": [{"id": "5", "type": "filters", "settings": {"filters": texts}}, histogram()]})
    buckets = answer["aggregations"]["5"]["buckets"]
    failed = sum(value == "failed" for _, value in readings("state")) + sum("failed" in value for _, value in readings("log"))
    assert buckets["broken"]["doc_count"] == failed
    assert buckets["value:(idle OR running)"]["doc_count"] == sum(value != "failed" for _, value in readings("state"))
    assert sum(bucket["doc_count"] for bucket in buckets["broken"]["2"]["buckets"]) == failed


def test_a_histogram_of_values(warm):
    answer = warm.panel({"metrics": [{"id": "1", "type": "count"}],
                         "bucketAggs": [{"id": "2", "type": "histogram", "field": "value", "settings": {"interval": "2"}}]})
    found = {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["2"]["buckets"]}
    wanted = {}
    for _, value in readings("warm"):
        wanted[value // 2 * 2] = wanted.get(value // 2 * 2, 0) + 1
    assert {key: count for key, count in found.items() if count} == wanted


def test_the_newest_values_of_sensors(source, thing):
    answer = source.panel({"metrics": [metric("top_metrics", metrics=["value", "timestamp"], orderBy="timestamp", order="desc")],
                           "bucketAggs": [sensors()]}, index=f"{thing.index('warm')},{thing.index('cold')}")
    for bucket in answer["aggregations"]["4"]["buckets"]:
        name = next(name for name, ident in thing.sensors.items() if ident == bucket["key"])
        [top] = bucket["1"]["top"]
        at, value = readings(name)[-1]
        assert top["metrics"]["value"] == value and top["sort"][0].startswith(iso(at * 10**9)[:19])


# Documents


def documents(kind, **settings):
    return {"query": "", "metrics": [{"id": "1", "type": kind, "settings": settings}], "bucketAggs": []}


@pytest.mark.parametrize("kind", ["raw_data", "raw_document"])
def test_readings_newest_first(warm, thing, kind):
    hits = warm.panel(documents(kind, size="50"))["hits"]["hits"]
    wanted = list(reversed(readings("warm")))[:50]
    assert [(hit["_source"]["timestamp"], hit["_source"]["value"]) for hit in hits] == [(iso(at * 10**9), value) for at, value in wanted]
    for hit, (at, _) in zip(hits, wanted):
        assert hit["_index"] == thing.index("warm") and hit["_id"] and len(hit["sort"]) == 2
        assert hit["fields"]["timestamp"][0].startswith(iso(at * 10**9)[:19])


def test_a_sort_that_is_a_list(source, thing):
    body = over(source, index=f"{thing.index('warm')},{thing.index('state')}").body(documents("raw_data"))
    body["sort"] = [{"timestamp": {"order": "desc", "unmapped_type": "boolean"}}, {"_doc": {"order": "desc"}}]
    hits = source.ask(body, index=f"{thing.index('warm')},{thing.index('state')}")["hits"]["hits"]
    wanted = sorted([iso(at * 10**9) for name in ("warm", "state") for at, _ in readings(name)], reverse=True)[:500]
    assert [hit["_source"]["timestamp"] for hit in hits] == wanted


def test_logs_with_their_volume(source, thing):
    logs = over(source, index=thing.index("log"))
    target = {**documents("logs", limit="100"), "query": "failed"}
    answer = logs.panel(target)
    wanted = [(iso(at * 10**9), text) for at, text in reversed(readings("log")) if "failed" in text]
    assert [(hit["_source"]["timestamp"], hit["_source"]["value"]) for hit in answer["hits"]["hits"]] == wanted[:100]
    assert not any("highlight" in hit for hit in answer["hits"]["hits"])
    buckets = answer["aggregations"]["1"]["buckets"]
    assert [bucket["key"] for bucket in buckets] == keys()
    for bucket in buckets:
        assert bucket["doc_count"] == sum("failed" in text for text in values_at("log", bucket["key"]))


@pytest.mark.parametrize("highlight", [{"fields": {"value": {}}}, {"fields": {"*": {"type": "fvh"}}}, {"fields": {"*": {}}, "order": "score"},
                                       {"pre_tags": ["<b>"]}, "*"])
def test_other_highlights_than_grafanas_are_refused(source, highlight):
    body = {**source.body(documents("logs")), "highlight": highlight}
    [answer] = source.multi_search(body)
    assert answer["status"] == 400 and "[highlight]" in answer["error"]["root_cause"][0]["reason"]


def test_annotations(source, thing):
    found = source.annotations(f"sensor_id:{thing.sensors['state']} AND value:failed")
    assert sorted(one["timestamp"] for one in found) == [iso(at * 10**9) for at, value in readings("state") if value == "failed"]
    assert len(source.annotations()) == sum(len(readings(name)) for name in thing.sensors)


def test_variables(source, thing):
    assert source.terms_variable({"find": "terms", "field": "device_id"}) == [thing.device]
    assert source.terms_variable({"find": "terms", "field": "sensor_id"}) == sorted(thing.sensors.values())
    assert source.terms_variable({"find": "terms", "field": "sensor_id", "query": "value:failed", "orderBy": "doc_count"}) == \
        [thing.sensors[name] for name in sorted(("state", "log"), reverse=True, key=lambda name: sum("failed" in value for _, value in readings(name)))]
    assert source.terms_variable({"find": "terms", "field": "sensor_id", "query": "*", "size": 2, "order": "desc"}) == \
        sorted(thing.sensors.values(), reverse=True)[:2]


# What is not there


@pytest.mark.parametrize("as_list", [True, False])
def test_an_index_that_is_not_there_is_passed_over(source, thing, as_list):
    target = {"metrics": [{"id": "1", "type": "count"}], "bucketAggs": [histogram()]}
    answer = source.panel(target, index=f"{thing.index('warm')},no_such", as_list=as_list)
    assert sum(bucket["doc_count"] for bucket in answer["aggregations"]["2"]["buckets"]) == len(readings("warm"))
    assert source.panel(target, index="no_such", as_list=as_list)["hits"]["total"]["value"] == 0


def test_one_bad_panel_does_not_spoil_the_others(warm):
    good = warm.body({"metrics": [metric("avg")], "bucketAggs": [histogram()]})
    grid = warm.body({"metrics": [{"id": "1", "type": "count"}],
                      "bucketAggs": [{"id": "3", "type": "geohash_grid", "field": "value", "settings": {"precision": 3}}]})
    moving = json.loads(json.dumps(good))
    moving["aggs"]["2"]["aggs"]["3"] = {"moving_avg": {"buckets_path": "1", "window": 5}}
    answers = warm.multi_search(good, grid, moving, good)
    assert [answer["status"] for answer in answers] == [200, 400, 400, 200]
    assert "geohash_grid" in json.dumps(answers[1]["error"]) and "moving_avg" in json.dumps(answers[2]["error"])


# The files that are shipped


def dashboard():
    return json.loads((DEPLOY / "dashboards" / "device.json").read_text())


def test_the_data_source_is_what_grafana_provisions():
    [made] = yaml.safe_load((DEPLOY / "provisioning" / "datasources" / "iotplatform.yaml").read_text())["datasources"]
    assert (made["type"], made["access"]) == ("elasticsearch", "proxy")
    settings = made["jsonData"]
    assert settings["timeField"] == "timestamp" and settings["xpack"] is False and settings["index"] == made["database"] == "*"
    assert settings["httpHeaderName1"] == "Authorization"
    assert made["secureJsonData"]["httpHeaderValue1"].startswith("Bearer $")
    [provider] = yaml.safe_load((DEPLOY / "provisioning" / "dashboards" / "iotplatform.yaml").read_text())["providers"]
    assert provider["type"] == "file" and provider["options"]["path"].startswith("/")
    for panel in dashboard()["panels"]:
        assert {panel["datasource"]["uid"], *(target["datasource"]["uid"] for target in panel["targets"])} == {made["uid"]}


@pytest.mark.parametrize("chosen", ["all", "some"])
def test_the_queries_of_the_dashboard_are_answered(source, thing, chosen):
    finds = {variable["name"]: json.loads(variable["query"]) for variable in dashboard()["templating"]["list"]}
    assert source.terms_variable(finds["device"]) == [thing.device]

    def replaced(text, sensor):
        return text.replace("$device", thing.device).replace("$sensor", sensor)

    of_device = source.terms_variable({**finds["sensor"], "query": replaced(finds["sensor"]["query"], "")})
    assert of_device == sorted(thing.sensors.values())
    numbers = [thing.sensors["warm"], thing.sensors["cold"]]
    # A variable with several values is written as Lucene's list of phrases.
    sensor = "*" if chosen == "all" else "({})".format(" OR ".join(f'"{ident}"' for ident in numbers))
    answers = {panel["title"]: source.panel({**target, "query": replaced(target["query"], sensor)})["aggregations"]["3"]["buckets"]
               for panel in dashboard()["panels"] for target in panel["targets"]}
    names = {ident: name for name, ident in thing.sensors.items()}
    # Texts have no average and no latest value that an aggregation could show; they are counted.
    for title, wanted in (("Value", numbers), ("Latest values", numbers), ("Readings", of_device if chosen == "all" else numbers)):
        assert set(wanted) <= {bucket["key"] for bucket in answers[title]}, title
    for bucket in answers["Readings"]:
        assert bucket["doc_count"] == sum(one["doc_count"] for one in bucket["2"]["buckets"]) == len(readings(names[bucket["key"]]))
    for bucket in answers["Latest values"]:
        if bucket["key"] in numbers:
            assert bucket["1"]["top"][0]["metrics"]["value"] == readings(names[bucket["key"]])[-1][1]
    for bucket in answers["Value"]:
        for one in bucket["2"]["buckets"]:
            assert one["doc_count"] >= 1 and close(one["1"]["value"], statistics.fmean(values_at(names[bucket["key"]], one["key"])))
