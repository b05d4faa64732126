"""Queries on both fronts: the consumer proxy and the Elasticsearch port."""

import json
import math
import struct
import subprocess
import threading

import pytest

from support import ingest, venv
from support.api import Api, make_thing
from support.ingest import Gateway
from support.program import ROOT, Platform
from support.query import Queries
from support.times import iso, nanoseconds

FRONTS = ["proxy", "query"]
NANOS_FORMAT = "strict_date_optional_time_nanos||epoch_millis"


@pytest.fixture(scope="module")
def thing(platform, root):
    """1,000 readings ten minutes apart, in two sensors: a number and a word."""
    thing = make_thing(root, {"number": "double", "word": "keyword"})
    Gateway(platform, thing.token).store(
        [{"sensor_id": thing.sensors["number"], "timestamp": 1_526_717_967 + 600 * n, "value": n * 0.5} for n in range(1_000)]
        + [{"sensor_id": thing.sensors["word"], "timestamp": 1_526_717_967 + 600 * n, "value": f"w{n % 7}"} for n in range(1_000)])
    return thing


@pytest.fixture(params=FRONTS)
def queries(request, platform, thing):
    return Queries(platform, thing.consumer_token, request.param)


@pytest.fixture
def number(thing):
    return thing.index("number")


def one_of(platform, root, mapping):
    """A thing with one sensor, its gateway and its queries."""
    thing = make_thing(root, {"a": mapping})
    return thing, Gateway(platform, thing.token), Queries(platform, thing.consumer_token)


# The form of answers


def test_the_form_of_a_document_and_of_an_answer(platform, root):
    thing, gateway, _ = one_of(platform, root, "double")
    gateway.store({"sensor_id": thing.sensors["a"], "timestamp": 1526717967, "value": "91827364"})
    ids = set()
    for front in FRONTS:
        answer = Queries(platform, thing.consumer_token, front).search(thing.index("a"))
        assert isinstance(answer["took"], int) and answer["_shards"]["successful"] == answer["_shards"]["total"]
        assert answer["hits"]["total"] == {"value": 1, "relation": "eq"} and answer["hits"]["max_score"] == 1.0
        hit = answer["hits"]["hits"][0]
        assert (hit["_index"], hit["_score"]) == (thing.index("a"), 1.0)
        assert hit["_source"] == {"timestamp": "2018-05-19T08:19:27.000000000Z", "device_id": thing.device,
                                  "sensor_id": thing.sensors["a"], "value": 91827364.0}
        ids.add(hit["_id"])
    assert len(ids) == 1


def test_both_fronts_say_the_same(platform, thing, number):
    answers = []
    for front in FRONTS:
        answer = Queries(platform, thing.consumer_token, front).search(
            number, {"sort": [{"timestamp": "desc"}], "size": 7, "aggs": {"s": {"stats": {"field": "value"}}}})
        del answer["took"]
        answers.append(answer)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("endpoint", ["_search", "_count", "_mapping"])
def test_every_answer_says_that_it_is_elasticsearch(queries, number, method, endpoint):
    if (method, endpoint) == ("POST", "_mapping"):
        pytest.skip("would change the mapping")
    response = queries.call(method, queries.path(number, endpoint))
    assert response.status == 200
    assert response.header("X-Elastic-Product") == "Elasticsearch"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_bare_path_of_the_proxy_is_a_search(platform, thing, slash):
    queries = Queries(platform, thing.consumer_token)
    target = f"/api/consumers/consume/{thing.sensors['number']}{slash}"
    assert queries.call("GET", target).json["hits"]["total"]["value"] == 1_000
    assert queries.call("POST", target, {"query": {"match_none": {}}}).json["hits"]["total"]["value"] == 0


def test_a_get_may_carry_a_body(queries, number):
    answer = queries.call("GET", queries.path(number, "_search"), {"size": 3, "sort": [{"timestamp": "asc"}]}).json
    assert [hit["_source"]["value"] for hit in answer["hits"]["hits"]] == [0, 0.5, 1]


def test_elasticsearchs_own_media_type_is_taken_and_given(queries, number):
    media = "application/vnd.elasticsearch+json; compatible-with=8"
    response = queries.call("POST", queries.path(number, "_search"), {"size": 0}, [("Content-Type", media), ("Accept", media)])
    assert response.status == 200
    assert response.header("Content-Type").replace(" ", "").startswith("application/vnd.elasticsearch+json;compatible-with=8")


@pytest.mark.parametrize("mapping", ["double", "float", "long", "integer", "short", "byte", "boolean", "keyword", "text", "date",
                                     "geo_point", "object"])
def test_the_mapping_tells_the_type(platform, root, mapping):
    thing, _, _ = one_of(platform, root, mapping)
    for front in FRONTS:
        queries = Queries(platform, thing.consumer_token, front)
        answer = queries.call("GET", queries.path(thing.index("a"), "_mapping")).json
        properties = answer[thing.index("a")]["mappings"]["properties"]
        assert properties["timestamp"]["type"] == "date_nanos"
        # Elasticsearch leaves out a format that is the type's own.
        assert properties["timestamp"].get("format", NANOS_FORMAT) == NANOS_FORMAT
        assert properties["device_id"]["type"] == properties["sensor_id"]["type"] == "keyword"
        assert properties["value"].get("type", "object") == mapping


# Values


@pytest.mark.parametrize("mapping, sent, kept", [
    ("double", "0.1", 0.1), ("double", "1e308", 1e308), ("double", "5e-324", 5e-324), ("double", '"91827364"', 91827364.0),
    ("double", "123456789.123456789", 123456789.123456789), ("double", "9007199254740993", 9007199254740992.0), ("double", "-0.0", -0.0),
    ("double", "1.7976931348623157e308", 1.7976931348623157e308), ("double", "2.2250738585072011e-308", 2.2250738585072011e-308),
    ("float", "1.5", 1.5), ("float", "3.4028235e38", 3.4028234663852886e38),
    ("long", "9007199254740993", 9007199254740993), ("long", "9223372036854775807", 9223372036854775807),
    ("long", "-9223372036854775808", -9223372036854775808), ("long", '"9007199254740993"', 9007199254740993),
    ("long", "2.9", 2), ("long", "-2.9", -2), ("long", '"12"', 12),
    ("integer", "2147483647", 2147483647), ("integer", "-2147483648", -2147483648), ("integer", "1e3", 1000),
    ("short", "32767", 32767), ("short", "-32768", -32768), ("byte", "127", 127), ("byte", "-128", -128),
    ("boolean", "true", True), ("boolean", "false", False), ("boolean", '"true"', True), ("boolean", '"false"', False),
    ("keyword", '"007"', "007"), ("keyword", '""', ""), ("keyword", '"äöü € 𝄞"', "äöü € 𝄞"), ("keyword", r'"a\u0000b\"\\\n"', 'a\0b"\\\n'),
    ("keyword", "7", "7"), ("keyword", "1.50", "1.50"), ("keyword", "true", "true"),
    ("text", '"007"', "007"), ("text", '"The quick brown fox"', "The quick brown fox"), ("text", r'"\ud834\udd1e"', "𝄞"),
    ("object", '{"a":{"b":[1,2.5,"x",null,true]},"c":""}', {"a": {"b": [1, 2.5, "x", None, True]}, "c": ""}), ("object", "{}", {}),
    ("geo_point", '{"lat":47.5,"lon":8.25}', {"lat": 47.5, "lon": 8.25}),
])
def test_a_value_is_kept_exactly(platform, root, mapping, sent, kept):
    thing, gateway, queries = one_of(platform, root, mapping)
    gateway.store(f'{{"sensor_id":"{thing.sensors["a"]}","timestamp":1526717967,"value":{sent}}}'.encode())
    value = queries.search(thing.index("a"))["hits"]["hits"][0]["_source"]["value"]
    if mapping == "float":
        value = struct.unpack("f", struct.pack("f", value))[0]  # shown with as few digits as tell it from other floats
    assert value == kept and type(value) is type(kept)
    if isinstance(kept, float):
        assert math.copysign(1, value) == math.copysign(1, kept)


def test_values_of_every_type_survive_the_plug(tmp_path):
    mappings = {"double": -0.0, "long": 9007199254740993, "boolean": True, "keyword": "007", "text": "a b", "object": {"a": [1]},
                "geo_point": {"lat": 1.5, "lon": 2.5}, "date": "2018-05-19T08:19:27.123Z"}
    with Platform(tmp_path) as platform:
        thing = make_thing(Api.signed_in(platform), {mapping: mapping for mapping in mappings})
        Gateway(platform, thing.token).store([{"sensor_id": thing.sensors[mapping], "timestamp": 1, "value": value}
                                              for mapping, value in mappings.items()])

        def kept():
            queries = Queries(platform, thing.consumer_token)
            return {mapping: json.dumps(queries.search(thing.index(mapping))["hits"]["hits"][0]["_source"]["value"])
                    for mapping in mappings}
        before = kept()
        platform.kill()
        platform.start()
        assert kept() == before


@pytest.mark.parametrize("sent", ['{"lat":47.5,"lon":8.25}', "[8.25,47.5]", '"47.5,8.25"'])
def test_each_form_of_a_geo_point_is_the_same_place(platform, root, sent):
    thing, gateway, queries = one_of(platform, root, "geo_point")
    gateway.store(f'{{"sensor_id":"{thing.sensors["a"]}","timestamp":1526717967,"value":{sent}}}'.encode())
    value = queries.search(thing.index("a"))["hits"]["hits"][0]["_source"]["value"]
    assert value in ({"lat": 47.5, "lon": 8.25}, [8.25, 47.5], "47.5,8.25")


def test_a_place_is_found_in_a_circle_and_in_a_box(platform, root):
    thing, gateway, queries = one_of(platform, root, "geo_point")
    gateway.store([{"sensor_id": thing.sensors["a"], "timestamp": 1526717967 + n, "value": place}
                   for n, place in enumerate(({"lat": 47.5, "lon": 8.25}, [13.5, 52.5]))])
    near = {"geo_distance": {"distance": "10km", "value": {"lat": 47.5, "lon": 8.3}}}
    inside = {"geo_bounding_box": {"value": {"top_left": {"lat": 48, "lon": 8}, "bottom_right": {"lat": 47, "lon": 9}}}}
    for query in (near, inside):
        assert queries.search(thing.index("a"), {"query": query})["hits"]["total"]["value"] == 1
    bounds = queries.aggregate(thing.index("a"), bounds={"geo_bounds": {"field": "value"}})["bounds"]["bounds"]
    assert abs(bounds["top_left"]["lat"] - 52.5) < 1e-6 and abs(bounds["bottom_right"]["lon"] - 13.5) < 1e-6


# What is stored, and what is not stored twice


def test_readings_out_of_order_come_back_in_order(platform, root, rng):
    thing, gateway, queries = one_of(platform, root, "long")
    numbers = list(range(1, 5_001))
    rng.shuffle(numbers)
    for begin in range(0, len(numbers), 250):
        gateway.store([{"sensor_id": thing.sensors["a"], "timestamp": n, "value": n} for n in numbers[begin:begin + 250]])
    assert [one["value"] for one in queries.all(thing.index("a"), page=777)] == list(range(1, 5_001))


@pytest.mark.parametrize("mapping, values", [("double", [1, 2]), ("long", [1, 2]), ("double", [0.0, -0.0]), ("keyword", ["1", "01"]),
                                             ("text", ["a", "A"]), ("boolean", [True, False])])
def test_two_values_at_one_time_are_both_kept_and_the_same_one_once(platform, root, mapping, values):
    thing, gateway, queries = one_of(platform, root, mapping)
    reading = {"sensor_id": thing.sensors["a"], "timestamp": 1_526_717_967}
    for value in values * 3:
        gateway.store({**reading, "value": value})
    gateway.store([{**reading, "value": value} for value in values * 3])
    hits = queries.search(thing.index("a"))["hits"]["hits"]
    assert sorted(json.dumps(hit["_source"]["value"]) for hit in hits) == sorted(
        json.dumps(float(value) if mapping == "double" else value) for value in values)
    assert len({hit["_id"] for hit in hits}) == queries.count(thing.index("a")) == len(values)


@pytest.mark.parametrize("first, second", [("1", "1.0"), ("1", '"1"'), ("100", "1e2")])
def test_the_same_value_in_another_form_is_the_same_reading(platform, root, first, second):
    thing, gateway, queries = one_of(platform, root, "double")
    for value in (first, second):
        gateway.store(f'{{"sensor_id":"{thing.sensors["a"]}","timestamp":1526717967,"value":{value}}}'.encode())
    gateway.store({"sensor_id": thing.sensors["a"], "timestamp": "2018-05-19T08:19:27Z", "value": float(first)})
    assert queries.count(thing.index("a")) == 1


def test_an_acknowledged_reading_is_seen_by_the_next_query(platform, root):
    thing, gateway, queries = one_of(platform, root, "long")
    newest = {"size": 1, "sort": [{"timestamp": "desc"}]}
    for n in range(1, 1_001):
        gateway.store({"sensor_id": thing.sensors["a"], "timestamp": n, "value": n})
        assert queries.search(thing.index("a"), newest)["hits"]["hits"][0]["_source"]["value"] == n
        assert queries.count(thing.index("a")) == n


def test_queries_during_ingest_see_whole_prefixes(platform, root):
    """One writer, in order: each query sees the readings up to some point, at least those acknowledged before it began."""
    thing, _, queries = one_of(platform, root, "long")
    address = platform.address("http")
    acknowledged = [0]
    done = threading.Event()
    bodies = ((n, ingest.message_request(address, thing.token, json.dumps(
        [{"sensor_id": thing.sensors["a"], "timestamp": n * 100 + i + 1, "value": 1} for i in range(100)]).encode()))
        for n in range(300))

    def answered(n, status, _):
        assert status == 200
        acknowledged[0] = (n + 1) * 100

    def write():
        try:
            assert ingest.deliver(address, bodies, answered, connections=1) == []
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not done.is_set():
            before = acknowledged[0]
            answer = queries.search(thing.index("a"), {"size": 1, "sort": [{"timestamp": "desc"}], "track_total_hits": True,
                                                       "aggs": {"sum": {"sum": {"field": "value"}}}})
            total = answer["hits"]["total"]["value"]
            assert total >= before and total % 100 == 0
            assert answer["aggregations"]["sum"]["value"] == total
            if total:
                assert nanoseconds(answer["hits"]["hits"][0]["_source"]["timestamp"]) == total * 1_000_000_000
    finally:
        writer.join()
    assert queries.count(thing.index("a")) == 30_000


# The query language, as far as it goes today


@pytest.mark.parametrize("query, count", [
    ({"match_all": {}}, 1_000), ({"match_none": {}}, 0),
    ({"term": {"value": 250}}, 1), ({"term": {"value": {"value": 0.25}}}, 0), ({"terms": {"value": [1, 2, 3, 0.25]}}, 3),
    ({"range": {"value": {"gte": 10, "lt": 20}}}, 20), ({"range": {"value": {"gt": 10, "lte": 20}}}, 20), ({"range": {"value": {"gt": 499.5}}}, 0),
    ({"range": {"timestamp": {"gte": "2018-05-19T08:19:27Z", "lt": "2018-05-19T09:19:27Z"}}}, 6),
    ({"range": {"timestamp": {"gte": 1526717967000, "lte": 1526717967000}}}, 1),
    ({"range": {"timestamp": {"gte": 1526717967000, "lt": 1526721567000, "format": "epoch_millis"}}}, 6),
    ({"range": {"timestamp": {"lt": "2018-05-19T08:19:27Z||+1h"}}}, 6), ({"range": {"timestamp": {"gte": "now-1d"}}}, 0),
    ({"range": {"timestamp": {"lt": "now/d"}}}, 1_000), ({"range": {"timestamp": {"gt": "2018-05-19T08:19:27.000000001Z"}}}, 999),
    ({"range": {"timestamp": {"lte": "2018-05-19T10:19:27", "time_zone": "+02:00"}}}, 1),
    ({"exists": {"field": "value"}}, 1_000), ({"exists": {"field": "hello"}}, 0), ({"term": {"hello": 1}}, 0),
    ({"bool": {"filter": [{"range": {"value": {"gte": 10}}}], "must_not": {"range": {"value": {"gte": 20}}}}}, 20),
    ({"bool": {"should": [{"term": {"value": 1}}, {"term": {"value": 2}}, {"term": {"value": 3}}], "minimum_should_match": 1}}, 3),
    ({"bool": {"should": [{"term": {"value": 1}}, {"term": {"value": 2}}]}}, 2),
    ({"bool": {"must": [{"match_all": {}}], "should": [{"term": {"value": 1}}]}}, 1_000), ({"bool": {}}, 1_000),
])
def test_a_query_finds_what_it_asks_for(queries, number, query, count):
    assert queries.count(number, query) == count
    assert queries.search(number, {"query": query, "size": 0, "track_total_hits": True})["hits"]["total"]["value"] == count


def test_ids_of_device_and_sensor_can_be_asked_for(queries, thing, number):
    assert queries.count(number, {"term": {"sensor_id": thing.sensors["number"]}}) == 1_000
    assert queries.count(number, {"term": {"device_id": "987654321"}}) == 0


@pytest.mark.parametrize("body, values", [
    ({"size": 3, "sort": [{"timestamp": "asc"}]}, [0, 0.5, 1]), ({"size": 3, "sort": [{"timestamp": {"order": "desc"}}]}, [499.5, 499, 498.5]),
    ({"size": 2, "from": 4, "sort": ["timestamp"]}, [2, 2.5]), ({"size": 2, "sort": [{"value": "desc"}]}, [499.5, 499]),
    ({"size": 0}, []), ({"size": 1, "from": 999, "sort": ["timestamp"]}, [499.5]), ({"size": 1, "from": 1_000, "sort": ["timestamp"]}, [])])
def test_sort_from_and_size(queries, number, body, values):
    assert [hit["_source"]["value"] for hit in queries.search(number, body)["hits"]["hits"]] == values


def test_ten_hits_come_where_no_size_is_given(queries, number):
    assert len(queries.search(number)["hits"]["hits"]) == 10


@pytest.mark.parametrize("filtering, members", [(True, {"timestamp", "device_id", "sensor_id", "value"}), (["value"], {"value"}),
                                                ("value", {"value"}), ({"excludes": ["device_id", "sensor_id"]}, {"timestamp", "value"})])
def test_source_can_be_filtered(queries, number, filtering, members):
    assert set(queries.search(number, {"_source": filtering, "size": 1})["hits"]["hits"][0]["_source"]) == members


def test_source_can_be_left_out(queries, number):
    assert "_source" not in queries.search(number, {"_source": False, "size": 1})["hits"]["hits"][0]


def test_track_total_hits(queries, number):
    assert "total" not in queries.search(number, {"track_total_hits": False})["hits"]
    total = queries.search(number, {"track_total_hits": 10, "size": 1})["hits"]["total"]
    assert total in ({"value": 10, "relation": "gte"}, {"value": 1_000, "relation": "eq"})


def test_sort_values_are_there_to_go_on_from(queries, number):
    hit = queries.search(number, {"size": 1, "sort": [{"timestamp": "asc"}, {"value": "asc"}]})["hits"]["hits"][0]
    assert hit["sort"] == [1_526_717_967_000_000_000, 0.0] and hit["_score"] is None


def test_aggregations(queries, number):
    answer = queries.aggregate(
        number, least={"min": {"field": "value"}}, most={"max": {"field": "value"}}, sum={"sum": {"field": "value"}},
        mean={"avg": {"field": "value"}}, many={"value_count": {"field": "value"}}, stats={"stats": {"field": "value"}},
        percentiles={"percentiles": {"field": "value", "percents": [0, 50, 100]}},
        steps={"histogram": {"field": "value", "interval": 100}}, first={"min": {"field": "timestamp"}})
    assert (answer["least"]["value"], answer["most"]["value"], answer["sum"]["value"]) == (0, 499.5, 249_750)
    assert answer["mean"]["value"] == 249.75 and answer["many"]["value"] == 1_000
    assert answer["stats"] == {"count": 1_000, "min": 0, "max": 499.5, "avg": 249.75, "sum": 249_750}
    percentiles = answer["percentiles"]["values"]
    assert percentiles["0.0"] == 0 and percentiles["100.0"] == 499.5 and abs(percentiles["50.0"] - 249.75) < 5
    assert [(bucket["key"], bucket["doc_count"]) for bucket in answer["steps"]["buckets"]] == [(n * 100, 200) for n in range(5)]
    assert answer["first"]["value"] == 1526717967000


def test_metrics_of_spread_rank_and_number(queries, number):
    answer = queries.aggregate(
        number, spread={"extended_stats": {"field": "value", "sigma": 1}}, many={"cardinality": {"field": "value"}},
        ranks={"percentile_ranks": {"field": "value", "values": [249.75], "keyed": False}},
        deviation={"median_absolute_deviation": {"field": "value"}},
        weighted={"weighted_avg": {"value": {"field": "value"}, "weight": {"field": "value"}}})
    spread = answer["spread"]
    assert abs(spread["variance"] - (1_000**2 - 1) / 48) < 1e-6 and spread["sum_of_squares"] == 83_208_375
    assert abs(spread["std_deviation_bounds"]["upper"] - spread["avg"] - spread["std_deviation"]) < 1e-9
    assert abs(answer["many"]["value"] - 1_000) < 10
    assert abs(answer["ranks"]["values"][0]["value"] - 50) < 1 and abs(answer["deviation"]["value"] - 125) < 2
    assert abs(answer["weighted"]["value"] - spread["sum_of_squares"] / spread["sum"]) < 1e-6


def test_the_newest_of_each_bucket(queries, number):
    order = {"sort": [{"timestamp": "desc"}, {"value": "desc"}], "size": 2, "_source": ["value"]}
    answer = queries.search(number, {"size": 0, "aggs": {"sensors": {"terms": {"field": "sensor_id"},
                                                                     "aggs": {"newest": {"top_hits": order}}}}})
    newest = answer["aggregations"]["sensors"]["buckets"][0]["newest"]["hits"]
    assert newest["hits"] == queries.search(number, order)["hits"]["hits"] and newest["max_score"] is None
    assert newest["total"] == {"value": 1_000, "relation": "eq"}


def test_aggregations_nest_and_follow_the_query(queries, number):
    answer = queries.search(number, {
        "size": 0, "query": {"range": {"value": {"lt": 72}}},
        "aggs": {"days": {"date_histogram": {"field": "timestamp", "calendar_interval": "1d"},
                          "aggs": {"hours": {"date_histogram": {"field": "timestamp", "fixed_interval": "6h"},
                                             "aggs": {"most": {"max": {"field": "value"}}}}}}}})
    days = answer["aggregations"]["days"]["buckets"]
    assert [day["key_as_string"] for day in days] == ["2018-05-19T00:00:00.000000000Z", "2018-05-20T00:00:00.000000000Z"] or \
        [day["key"] for day in days] == [1526688000000, 1526774400000]
    assert sum(day["doc_count"] for day in days) == 144
    for day in days:
        assert sum(hour["doc_count"] for hour in day["hours"]["buckets"]) == day["doc_count"]
    assert days[-1]["hours"]["buckets"][-1]["most"]["value"] == 71.5


def test_terms_of_words(queries, thing):
    answer = queries.aggregate(thing.index("word"), words={"terms": {"field": "value", "size": 3}})["words"]
    assert [(bucket["key"], bucket["doc_count"]) for bucket in answer["buckets"]] == [(f"w{n}", 143) for n in range(3)]
    assert answer["sum_other_doc_count"] == 1_000 - 3 * 143 and answer["doc_count_error_upper_bound"] == 0


def test_buckets_over_nothing(queries, number):
    answer = queries.search(number, {"size": 0, "query": {"match_none": {}}, "aggs": {
        "hours": {"date_histogram": {"field": "timestamp", "fixed_interval": "1h"}}, "mean": {"avg": {"field": "value"}},
        "stats": {"stats": {"field": "value"}}, "sum": {"sum": {"field": "value"}}}})["aggregations"]
    assert answer["hours"]["buckets"] == [] and answer["mean"]["value"] is None and answer["sum"]["value"] == 0
    assert answer["stats"] == {"count": 0, "min": None, "max": None, "avg": None, "sum": 0}


# Many indices at once, on port 9000


def test_indices_by_list_and_by_pattern_are_those_that_the_token_may_see(platform, root):
    mine = make_thing(root, {"a": "double", "b": "double", "c": "double"})
    Gateway(platform, mine.token).store([{"sensor_id": sensor, "timestamp": n, "value": n} for sensor in mine.sensors.values() for n in (1, 2)])
    other = make_thing(root, {"a": "double"}, "Other")
    Gateway(platform, other.token).store({"sensor_id": other.sensors["a"], "timestamp": 1, "value": 1})
    queries = Queries(platform, mine.consumer_token, "query")
    for pattern, count in ((mine.index("a"), 2), (f"{mine.index('a')},{mine.index('b')}", 4), (f"{mine.device}_*", 6), ("*", 6), ("_all", 6)):
        assert queries.count(pattern) == count, pattern
    assert queries.call("GET", "/_search?size=0").json["hits"]["total"]["value"] == 6
    assert queries.count(f"{other.device}_*") == 0
    assert queries.call("GET", f"/{mine.index('a')},{other.index('a')}/_count").status in (403, 404)
    assert queries.call("GET", f"/{other.index('a')}/_count").status in (403, 404)
    root.ok("DELETE", f"/api/consumers/{mine.consumer}/sensors/{mine.sensors['b']}")
    assert queries.count("*") == 4 and queries.count(f"{mine.device}_*") == 4


def test_the_port_introduces_itself(platform, thing):
    queries = Queries(platform, thing.consumer_token, "query")
    root = queries.call("GET", "/").json
    assert root["version"]["number"].startswith("8.") and root["tagline"] == "You Know, for Search"
    assert queries.call("GET", "/_cluster/health").json["status"] in ("green", "yellow")
    listed = queries.call("GET", "/_cat/indices?format=json").json
    assert {one["index"] for one in listed} == {thing.index("number"), thing.index("word")}
    assert {one["docs.count"] for one in listed} == {"1000"}
    assert thing.index("number") in queries.call("GET", "/_cat/indices").text
    assert queries.call("HEAD", "/").status == 200


def test_a_removed_sensors_index_is_gone(platform, root):
    thing, gateway, _ = one_of(platform, root, "double")
    gateway.store({"sensor_id": thing.sensors["a"], "value": 1})
    root.ok("DELETE", f"/api/devices/{thing.device}/sensors/{thing.sensors['a']}")
    queries = Queries(platform, thing.consumer_token, "query")
    assert queries.call("GET", f"/{thing.index('a')}/_count").status in (403, 404)
    assert queries.count("*") == 0


def test_elasticsearchs_official_client_works(platform, root):
    thing, gateway, _ = one_of(platform, root, "double")
    gateway.store([{"sensor_id": thing.sensors["a"], "timestamp": 1_526_717_967 + n, "value": n} for n in range(2_500)])
    host, port = platform.address("query")
    done = subprocess.run([venv.python(), ROOT / "tests" / "e2e" / "official_client.py", f"http://{host}:{port}", thing.consumer_token,
                           thing.index("a")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    assert iso(1_526_717_967 * 1_000_000_000) in done.stdout


# Queries as text, pages without an end, and what clients ask besides


@pytest.mark.parametrize("text, count", [("*", 1_000), ("value:>499", 1), ("value:[0 TO 1}", 2), ("value:(1 OR 2)", 2), ("NOT value:<499", 2),
                                         ("timestamp:2018-05-19 AND value:<1", 2), ("_exists_:value", 1_000), ("value:0.5 || value:1", 2)])
def test_queries_typed_as_text(queries, number, text, count):
    assert queries.count(number, {"query_string": {"query": text, "analyze_wildcard": True}}) == count


def test_a_query_in_the_url(queries, thing):
    target = queries.path(thing.index("word"), "_count")
    assert queries.call("GET", f"{target}?q=value:w1").json["count"] == 143
    assert queries.call("GET", f"{target}?q=value:w*%20AND%20NOT%20value:w1").json["count"] == 857
    assert queries.call("GET", f"{target}?q=value:(").status == 400


@pytest.mark.parametrize("text, named", [("value:a~", "fuzzy"), ("value:/a/", "regular expressions"), ("value:(", "Failed to parse query")])
def test_texts_that_are_refused(queries, number, text, named):
    response = queries.call("POST", queries.path(number, "_search"), {"query": {"query_string": {"query": text}}})
    assert response.status == 400 and named in response.text


def test_a_scroll_shows_every_reading_once_through_both_fronts(queries, number):
    page = queries.call("POST", queries.path(number, "_search") + "?scroll=1m", {"size": 300, "sort": ["_doc"]}).json
    values = []
    while page["hits"]["hits"]:
        assert page["hits"]["total"] == {"value": 1_000, "relation": "eq"}
        values += [hit["_source"]["value"] for hit in page["hits"]["hits"]]
        page = queries.call("POST", queries.path(number, "_search/scroll") if queries.front == "proxy" else "/_search/scroll",
                            {"scroll": "1m", "scroll_id": page["_scroll_id"]}).json
    assert values == [n * 0.5 for n in range(1_000)]


def test_parts_of_an_answer(queries, number):
    answer = queries.call("GET", queries.path(number, "_search") + "?size=1&sort=timestamp&filter_path=hits.hits._source.value").json
    assert answer == {"hits": {"hits": [{"_source": {"value": 0}}]}}


def test_a_document_by_its_id(queries, number):
    hit = queries.search(number, {"size": 1})["hits"]["hits"][0]
    found = queries.call("GET", queries.path(number, f"_doc/{hit['_id']}")).json
    assert found["found"] and found["_source"] == hit["_source"]
    assert queries.call("GET", queries.path(number, "_doc/nothing")).status == 404


def test_field_capabilities(queries, number):
    fields = queries.call("GET", queries.path(number, "_field_caps") + "?fields=*").json["fields"]
    assert fields["value"]["double"]["aggregatable"] and fields["timestamp"]["date_nanos"]["searchable"]
