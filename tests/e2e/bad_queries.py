"""Queries that Elasticsearch's front must refuse in its error form: (what is wrong, body, what the answer must name).

All are POST _search of one index and answer 400.
"""

import json

DEEP = '{"query":' + '{"bool":{"must":[' * 500 + '{"match_all":{}}' + "]}}" * 500 + "}"


def query(clause):
    return {"query": clause}


def aggregation(one):
    return {"size": 0, "aggs": {"a": one}}


FAULTS = [
    ("no JSON", "{", "json|parse|x_content|unexpected"),
    ("an array", [], "object|start_object|parse|x_content"),
    ("a number", 1, "object|start_object|parse|x_content"),
    ("something behind", "{} {}", "json|parse|x_content|token"),
    ("bad UTF-8", b'{"query":{"term":{"device_id":"\xff"}}}', "utf|json|parse"),
    ("nested 100,000 deep", "[" * 100_000, "deep|depth|nest|parse|json|object"),
    ("an unknown key", {"hello": 1}, "hello"),
    ("an unknown query", query({"hello": {}}), "hello"),
    ("a query by script", query({"script": {"script": "true"}}), "script"),
    ("script fields", {"script_fields": {"a": {"script": "1"}}}, "script_fields"),
    ("two queries in one", query({"match_all": {}, "match_none": {}}), "match_none|match_all|end_object|field_name"),
    ("an empty query", query({}), "query|empty|clause|field_name"),
    ("a query that is a text", query("hello"), "query|object|token"),
    ("a term without a field", query({"term": {}}), "term"),
    ("a term of two fields", query({"term": {"value": 1, "sensor_id": "1"}}), "term"),
    ("terms that are no array", query({"terms": {"value": 1}}), "terms"),
    ("an unknown option of range", query({"range": {"value": {"more": 1}}}), "more"),
    ("a range of a word over numbers", query({"range": {"value": {"gte": "abc"}}}), "abc|number"),
    ("a range with a bad date", query({"range": {"timestamp": {"gte": "yesterday"}}}), "yesterday|date"),
    ("a range with bad date math", query({"range": {"timestamp": {"gte": "now-1q"}}}), "now|math|unit|date"),
    ("a range with an unknown zone", query({"range": {"timestamp": {"gte": "2018-01-01", "time_zone": "Mars/Olympus"}}}), "zone|mars"),
    ("exists without a field", query({"exists": {}}), "exists|field"),
    ("a bool with an unknown clause", query({"bool": {"perhaps": []}}), "perhaps"),
    ("a bool nested 500 deep", DEEP, "deep|depth|nest|clause"),
    ("10,000 clauses", query({"bool": {"should": [{"term": {"value": n}} for n in range(10_000)]}}), "clause|many"),
    ("a size below zero", {"size": -1}, "size"),
    ("a size that is a word", {"size": "many"}, "size|many"),
    ("a size past the window", {"size": 10_001}, "10000|10,000|window"),
    ("from and size past the window", {"from": 9_999, "size": 2}, "10000|10,000|window"),
    ("a from below zero", {"from": -1}, "from"),
    ("an unknown field to sort by", {"sort": ["hello"]}, "hello"),
    ("an unknown order", {"sort": [{"timestamp": "sideways"}]}, "sideways|order"),
    ("search_after without sort", {"search_after": [1]}, "sort|search_after"),
    ("search_after with too many values", {"sort": ["timestamp"], "search_after": [1, 2, 3]}, "search_after|sort"),
    ("search_after with from", {"sort": ["timestamp"], "search_after": [1], "from": 5}, "from|search_after"),
    ("an unknown aggregation", aggregation({"hello": {"field": "value"}}), "hello"),
    ("a scripted aggregation", aggregation({"scripted_metric": {"map_script": "1"}}), "script"),
    ("two aggregations in one", aggregation({"min": {"field": "value"}, "max": {"field": "value"}}), "min|max|two|found"),
    ("an aggregation of nothing", aggregation({}), "a|missing|definition|type"),
    ("an aggregation without a field", aggregation({"avg": {}}), "avg|field"),
    ("a histogram without interval", aggregation({"histogram": {"field": "value"}}), "interval"),
    ("a histogram of interval 0", aggregation({"histogram": {"field": "value", "interval": 0}}), "interval"),
    ("a histogram of a negative interval", aggregation({"histogram": {"field": "value", "interval": -1}}), "interval"),
    ("a date_histogram without interval", aggregation({"date_histogram": {"field": "timestamp"}}), "interval"),
    ("a date_histogram of two intervals",
     aggregation({"date_histogram": {"field": "timestamp", "fixed_interval": "1h", "calendar_interval": "1d"}}), "interval"),
    ("an interval without a unit", aggregation({"date_histogram": {"field": "timestamp", "fixed_interval": "10"}}), "interval|unit|10"),
    ("an interval of nothing", aggregation({"date_histogram": {"field": "timestamp", "fixed_interval": "0s"}}), "interval|0|zero"),
    ("a fixed month", aggregation({"date_histogram": {"field": "timestamp", "fixed_interval": "1M"}}), "interval|1M"),
    ("two calendar days", aggregation({"date_histogram": {"field": "timestamp", "calendar_interval": "2d"}}), "interval|2d"),
    ("an average of texts", aggregation({"avg": {"field": "sensor_id"}}), "sensor_id|keyword|numeric|support"),
    ("a percentile above 100", aggregation({"percentiles": {"field": "value", "percents": [101]}}), "percent"),
    ("terms of size 0", aggregation({"terms": {"field": "value", "size": 0}}), "size"),
    # The index holds readings that lie years apart.
    ("too many buckets", aggregation({"date_histogram": {"field": "timestamp", "fixed_interval": "1ms"}}), "bucket"),
]


def body(sent):
    return sent if isinstance(sent, bytes) else sent.encode() if isinstance(sent, str) else json.dumps(sent).encode()
