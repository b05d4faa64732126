"""Queries that ask for more than their share: each is refused or answered within bounds of memory, and a usual query beside them is
answered rightly afterwards."""

import json

import pytest

from support.api import Api, make_thing
from support.http import Client
from support.ingest import Gateway
from support.program import Platform
from support.query import Queries

MIB = 1 << 20
QUERY_BYTES = 32 * MIB  # what one query may hold
# What the process may grow by at any moment of a query: what the query may hold, its body as a tree, its answer, and what the
# allocator keeps. A query that nothing held back would take gigabytes.
GROWTH_MAX = 128 * MIB
FIRST_S = 1_500_000_000
COUNT = 20_000
TEN_YEARS_S = 315_360_000
LONG_WORD = "a" * 4_000
WORDS = 200
INT_MAX = 2**31 - 1


def short(value):
    """The name of a test case."""
    return str(value)[:24]


def kib_of(platform, name):
    for line in open(f"/proc/{platform.pid}/status"):
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {name}")


class Memory:
    """How much the process grew while a query ran, at its highest."""

    def __init__(self, platform):
        self.platform = platform

    def __enter__(self):
        # 5 sets the highest value back to the present one.
        with open(f"/proc/{self.platform.pid}/clear_refs", "w") as file:
            file.write("5")
        self.before = kib_of(self.platform, "VmRSS")
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            grown = kib_of(self.platform, "VmHWM") - self.before
            print(f"resident memory grew by {grown / MIB:.1f} MiB")
            assert grown <= GROWTH_MAX, f"grew by {grown / MIB:.0f} MiB"


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    settings = {"query.memory_bytes_max": QUERY_BYTES}
    with Platform(tmp_path_factory.mktemp("platform"), settings) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture(scope="module")
def thing(platform):
    thing = make_thing(Api.signed_in(platform), {"number": "double", "word": "keyword", "far": "double"})
    gateway = Gateway(platform, thing.token)
    for start in range(0, COUNT, 5_000):
        gateway.store([{"sensor_id": thing.sensors["number"], "timestamp": FIRST_S + n, "value": n} for n in range(start, start + 5_000)])
    gateway.store([{"sensor_id": thing.sensors["word"], "timestamp": FIRST_S + n, "value": LONG_WORD + str(n)} for n in range(WORDS)])
    gateway.store([{"sensor_id": thing.sensors["far"], "timestamp": FIRST_S + n * TEN_YEARS_S, "value": n * 1e9} for n in range(2)])
    return thing


@pytest.fixture(scope="module")
def queries(platform, thing):
    return Queries(platform, thing.consumer_token, "query")


@pytest.fixture(autouse=True)
def usual(platform, thing, queries):
    """After each test the platform is small, and answers."""
    # What the first queries leave in caches is not what a test is about.
    check_usual(thing, queries)
    with Memory(platform):
        yield
    check_usual(thing, queries)


def check_usual(thing, queries):
    answer = queries.aggregate(thing.index("number"), s={"stats": {"field": "value"}})
    assert answer["s"] == {"count": COUNT, "min": 0, "max": COUNT - 1, "avg": (COUNT - 1) / 2, "sum": COUNT * (COUNT - 1) / 2}


def ask(queries, index, body):
    """An answer, or a refusal in Elasticsearch's form."""
    response = queries.call("POST", queries.path(index, "_search"), body)
    assert response.status in (200, 400, 429), response
    assert len(response.body) < 64 * MIB
    if response.status != 200:
        assert response.json["error"]["type"] and response.json["status"] == response.status, response
    return response


def refused(queries, index, body, *, naming=""):
    response = ask(queries, index, body)
    assert response.status in (400, 429), response
    assert naming.lower() in response.text.lower(), response
    return response


def aggregation(kind, **options):
    return {"size": 0, "aggs": {"a": {kind: options}}}


# Depth


def nested(depth, open_with, inside, close_with):
    return (open_with * depth + inside + close_with * depth).encode()


DEEP = {
    "bool": b'{"query":' + nested(1_000, '{"bool":{"must":', '{"match_all":{}}', "}}") + b"}",
    "constant_score": b'{"query":' + nested(1_000, '{"constant_score":{"filter":', '{"match_all":{}}', "}}") + b"}",
    "dis_max": b'{"query":' + nested(1_000, '{"dis_max":{"queries":[', '{"match_all":{}}', "]}}") + b"}",
    "aggregations": b'{"aggs":' + nested(1_000, '{"a":{"terms":{"field":"value"},"aggs":', '{"b":{"max":{"field":"value"}}}', "}}") + b"}",
    "filters": b'{"aggs":' + nested(1_000, '{"a":{"filter":{"match_all":{}},"aggs":', '{"b":{"max":{"field":"value"}}}', "}}") + b"}",
    "arrays": b'{"sort":' + nested(1_000, "[", '"timestamp"', "]") + b"}",
}


@pytest.mark.parametrize("what", DEEP)
def test_a_thousand_levels_are_refused(queries, thing, what):
    refused(queries, thing.index("number"), DEEP[what])


def over_time(**pipeline):
    return {"size": 0, "aggs": {"t": {"date_histogram": {"field": "timestamp", "fixed_interval": "1m"},
                                      "aggs": {"s": {"sum": {"field": "value"}}, **pipeline}}}}


@pytest.mark.parametrize("script", ["(" * 1_000 + "params.s" + ")" * 1_000, "-" * 1_000 + "params.s", "+".join(["params.s"] * 100_000),
                                    "Math.abs(" * 1_000 + "params.s" + ")" * 1_000, "params.s ? " * 1_000 + "1" + ": 0" * 1_000,
                                    "!" * 4_000 + "true", "1" * 4_000, "1e" + "9" * 4_000], ids=short)
def test_scripts_without_measure(queries, thing, script):
    ask(queries, thing.index("number"), over_time(b={"bucket_script": {"buckets_path": {"s": "s"}, "script": script}}))


def test_a_thousand_pipelines_on_one_another(queries, thing):
    chain = {f"p{n}": {"derivative": {"buckets_path": f"p{n - 1}" if n else "s"}} for n in range(1_000)}
    ask(queries, thing.index("number"), over_time(**chain))


def test_a_path_of_a_thousand_steps_is_refused(queries, thing):
    refused(queries, thing.index("number"), {"size": 0, "aggs": {"m": {"max_bucket": {"buckets_path": ">".join(["a"] * 1_000)}}}})


# Numbers of things


def test_a_hundred_thousand_terms_are_refused(queries, thing):
    refused(queries, thing.index("number"), {"query": {"terms": {"value": list(range(100_000))}}}, naming="65536")


def test_65536_terms_are_answered(queries, thing):
    assert queries.count(thing.index("number"), {"terms": {"value": list(range(65_536))}}) == COUNT


@pytest.mark.parametrize("size", [2**31, 2**31 - 1, 2**63, 10**400, 1e308, "1e999"], ids=short)
@pytest.mark.parametrize("member", ["size", "from"])
def test_windows_without_measure_are_refused(queries, thing, member, size):
    refused(queries, thing.index("number"), {member: size})


@pytest.mark.parametrize("size", [2**31, 2**63, 10**400, 1e308], ids=short)
@pytest.mark.parametrize("kind, member", [("terms", "size"), ("top_hits", "size"), ("composite", "size"), ("auto_date_histogram", "buckets"),
                                          ("cardinality", "precision_threshold")])
def test_sizes_of_aggregations_without_measure_are_refused(queries, thing, kind, member, size):
    options = {"sources": [{"v": {"terms": {"field": "value"}}}]} if kind == "composite" else {} if kind == "top_hits" else {"field": "value"}
    if kind == "auto_date_histogram":
        options["field"] = "timestamp"
    response = ask(queries, thing.index("number"), aggregation(kind, **options, **{member: size}))
    assert response.status == 400 or kind == "cardinality"


FAR = {"date_histogram": {"field": "timestamp", "fixed_interval": "100ms"}}
BOUNDS = {"min": 0, "max": 1e12}
MANY_BUCKETS = {
    "times far apart": FAR,
    "values far apart": {"histogram": {"field": "value", "interval": 1}},
    "tiny intervals": {"histogram": {"field": "value", "interval": 1e-300}},
    "bounds of a histogram": {"histogram": {"field": "value", "interval": 1, "extended_bounds": BOUNDS}},
    "bounds of dates": {"date_histogram": {"field": "timestamp", "fixed_interval": "1ms",
                                           "extended_bounds": {"min": "1970-01-01", "max": "2200-01-01"}}},
    "seconds of a calendar": {"date_histogram": {"field": "timestamp", "calendar_interval": "1m", "time_zone": "Europe/Berlin"}},
    "a composite page": {"composite": {"size": INT_MAX, "sources": [{"v": {"terms": {"field": "value"}}}]}},
}


@pytest.mark.parametrize("what", MANY_BUCKETS)
def test_a_thousand_million_buckets_are_refused(queries, thing, what):
    index = "number" if what.startswith(("bounds", "tiny", "a composite")) else "far"
    refused(queries, thing.index(index), {"size": 0, "aggs": {"a": MANY_BUCKETS[what]}})


def test_histograms_in_histograms_are_refused(queries, thing):
    inner = {"a": {"histogram": {"field": "value", "interval": 1e5, "extended_bounds": {"min": 0, "max": 5e9}}}}
    refused(queries, thing.index("far"), {"size": 0, "aggs": {"t": {"date_histogram": {"field": "timestamp", "fixed_interval": "1d"},
                                                                    "aggs": inner}}})


def test_the_most_buckets_of_an_auto_date_histogram(queries, thing):
    refused(queries, thing.index("far"), aggregation("auto_date_histogram", field="timestamp", buckets=10**9))


@pytest.mark.parametrize("function", ["max(values)", "stdDev(values, 1)", "holtWinters(values, 0.1, 0.1, 0.1, 1000, true)"])
def test_windows_of_moving_functions(queries, thing, function):
    body = {"size": 0, "aggs": {"t": {"histogram": {"field": "value", "interval": 1, "extended_bounds": {"min": 0, "max": 60_000}}, "aggs": {
        "s": {"sum": {"field": "value"}},
        "m": {"moving_fn": {"buckets_path": "s", "window": INT_MAX, "script": "MovingFunctions." + function}}}}}}
    refused(queries, thing.index("number"), body)


def test_terms_in_terms_in_terms(queries, thing):
    level = {"a": {"terms": {"field": "timestamp", "size": INT_MAX}}}
    for _ in range(3):
        level = {"a": {"terms": {"field": "value", "size": INT_MAX}, "aggs": level}}
    ask(queries, thing.index("number"), {"size": 0, "aggs": level})


HUNGRY = {"cardinality": {"cardinality": {"field": "timestamp", "precision_threshold": 40_000}},
          "top_hits": {"top_hits": {"size": 100}},
          "percentiles": {"percentiles": {"field": "value"}},
          "median_absolute_deviation": {"median_absolute_deviation": {"field": "value"}},
          "top_metrics": {"top_metrics": {"metrics": {"field": "value"}, "sort": {"timestamp": "desc"}, "size": 10}},
          "terms": {"terms": {"field": "timestamp", "size": 100}}}


@pytest.mark.parametrize("what", HUNGRY)
@pytest.mark.parametrize("buckets", [COUNT, 1])
def test_aggregations_that_hold_much_in_each_bucket(queries, thing, what, buckets):
    ask(queries, thing.index("number"),
        {"size": 0, "aggs": {"t": {"histogram": {"field": "value", "interval": COUNT / buckets}, "aggs": {"a": HUNGRY[what]}}}})


def test_many_aggregations_beside_one_another(queries, thing):
    ask(queries, thing.index("number"), {"size": 0, "aggs": {
        f"a{n}": {"terms": {"field": "value", "size": 60_000}, "aggs": {"p": {"percentiles": {"field": "value"}}}} for n in range(200)}})


# Texts


@pytest.mark.parametrize("pattern", ["*" + "a*" * 500 + "b", "*a" * 1_500 + "*b", "?" * 3_000 + "*b", "*" * 3_000 + "b"], ids=short)
@pytest.mark.parametrize("kind", ["wildcard", "query_string"])
def test_wildcards_that_try_everything(queries, thing, kind, pattern):
    clause = {"wildcard": {"value": {"value": pattern}}} if kind == "wildcard" else {"query_string": {"query": "value:" + pattern}}
    response = ask(queries, thing.index("word"), {"query": clause})
    assert response.status == 400 or response.json["hits"]["total"]["value"] == 0


@pytest.mark.parametrize("clause", [{"regexp": {"value": "(a+)+b"}}, {"query_string": {"query": "value:/(a+)+b/"}},
                                    {"fuzzy": {"value": "aaaa"}}, {"query_string": {"query": "value:aaa~2"}}], ids=short)
def test_patterns_that_are_not_supported_are_refused(queries, thing, clause):
    refused(queries, thing.index("word"), {"query": clause})


@pytest.mark.parametrize("text", [" OR ".join(f"value:{n}" for n in range(10_000)), " ".join(str(n) for n in range(10_000)),
                                  "(" * 10_000 + "1" + ")" * 10_000, "(" * 10_000, "NOT " * 10_000 + "1", "-" * 10_000 + "1",
                                  "+" * 10_000, '"' * 9_999, "\\" * 10_001, "value:[" * 5_000, "^" * 10_000, "x" * MIB], ids=short)
@pytest.mark.parametrize("kind", ["query_string", "simple_query_string"])
def test_typed_queries_without_measure(queries, thing, kind, text):
    response = ask(queries, thing.index("number"), {"query": {kind: {"query": text}}})
    assert response.status in (200, 400)


def test_ten_thousand_clauses_in_a_text_are_refused(queries, thing):
    refused(queries, thing.index("number"), {"query": {"query_string": {"query": " OR ".join(f"value:{n}" for n in range(10_000))}}})


NUMBERS = ["1" * 10_000, "1e400", "-1e400", "1e-400", "0." + "0" * 10_000 + "1", "9" * 400]


@pytest.mark.parametrize("number", NUMBERS, ids=short)
@pytest.mark.parametrize("body", ['{"query":{"range":{"value":{"gte":%s}}}}', '{"query":{"range":{"timestamp":{"gte":%s}}}}',
                                  '{"query":{"term":{"value":%s}}}', '{"query":{"match_all":{"boost":%s}}}',
                                  '{"aggs":{"a":{"histogram":{"field":"value","interval":%s}}}}',
                                  '{"aggs":{"a":{"percentile_ranks":{"field":"value","values":[%s]}}}}',
                                  '{"sort":["value"],"search_after":[%s]}'])
def test_numbers_without_measure(queries, thing, body, number):
    ask(queries, thing.index("number"), (body % number).encode())


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400], ids=short)
@pytest.mark.parametrize("bound", ["gte", "lt"])
def test_numbers_that_are_too_large_are_not_taken_for_others(queries, thing, bound, number):
    refused(queries, thing.index("number"), ('{"query":{"range":{"value":{"%s":%s}}}}' % (bound, number)).encode())


NAME = "x" * MIB
MANY_NAMES = [f"field_{n}_*" for n in range(60_000)]


@pytest.mark.parametrize("body", [
    {"query": {"term": {NAME: 1}}}, {"query": {"exists": {"field": "*" * MIB}}}, {"query": {NAME: {}}}, {NAME: 1}, {"sort": [NAME]},
    {"aggs": {NAME: {"max": {"field": "value"}}}}, {"aggs": {"a": {"max": {"field": NAME}}}}, {"_source": NAME},
    {"_source": ["*a" * (MIB // 2)]}, {"_source": MANY_NAMES}, {"docvalue_fields": MANY_NAMES}, {"fields": MANY_NAMES},
    {"sort": MANY_NAMES}, {"query": {"multi_match": {"query": "1", "fields": MANY_NAMES}}}, {"stored_fields": MANY_NAMES},
    {"aggs": {name: {"max": {"field": "value"}} for name in MANY_NAMES}}, {name: 1 for name in MANY_NAMES}],
    ids=short)
def test_a_million_bytes_of_names(queries, thing, body):
    ask(queries, thing.index("number"), {"size": 1, **body})


def test_names_of_indices_without_measure(queries, thing):
    for expression in (",".join(["*"] * 3_000), "*a" * 4_000, ",".join(f"{n}_{n}" for n in range(1_000)), "-*," * 1_000 + "*"):
        response = queries.call("POST", f"/{expression}/_search", {"size": 0})
        assert response.status in (200, 400, 404, 414, 431), response


def test_filter_paths_without_measure(queries, thing):
    for path in ("**." * 2_000 + "a", ",".join(["a"] * 3_000), "**." * 60 + "x", ",".join(["**." * 30 + "x"] * 60)):
        response = queries.call("POST", f"/{thing.index('number')}/_search?filter_path={path}", {"size": 1_000})
        assert response.status in (200, 400), response


# Many at once


def test_five_hundred_scrolls(platform, queries, thing):
    """More than a caller may have are refused, and those that are taken hold little."""
    opened = []
    for _ in range(500):
        response = queries.call("POST", f"/{thing.index('number')}/_search?scroll=10m", {"size": 1})
        if response.status == 200:
            opened.append(response.json["_scroll_id"])
        else:
            assert response.status == 429, response
    assert len(opened) == 50
    response = Client(platform.address("query")).request(
        "DELETE", "/_search/scroll", [("Authorization", f"Bearer {queries.token}"), ("Content-Type", "application/json")],
        json.dumps({"scroll_id": opened}).encode())
    assert response.status == 200 and response.json["num_freed"] == 50, response


def multi_search(queries, index, body, count):
    lines = (json.dumps({"index": index}) + "\n" + json.dumps(body) + "\n") * count
    return queries.call("POST", "/_msearch", lines.encode(), [("Content-Type", "application/x-ndjson")])


def test_ten_thousand_searches_in_one_are_refused(queries, thing):
    response = multi_search(queries, thing.index("number"), {"size": 0}, 10_000)
    assert response.status == 400 and "1000" in response.text


def test_a_thousand_searches_whose_answers_are_large_are_refused(queries, thing):
    response = multi_search(queries, thing.index("number"), {"size": 10_000}, 1_000)
    assert response.status in (400, 429), response.status
