"""Random requests over the language of queries, from a seed.

Each part of the language is a feature with a weight; a feature that is off (weight 0) is never asked for, so that what is not built
can be left out. Aggregations are named "<type>_<number>", which compare.py and the runner rely on.
"""

import random
import re
import urllib.parse

from differential import inside
from support.times import iso

MILLISECOND = 1_000_000
DAY_MS = 86_400_000
NUMBERS = ("double", "float", "long", "integer", "short", "byte")
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "+02:00", "-03:30", "UTC", "Asia/Kathmandu"]
FORMATS = ["epoch_millis", "strict_date_optional_time", "date", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss.SSS", "dd.MM.uuuu", "basic_date", "year_month",
           "strict_date_optional_time_nanos", "epoch_second", "date_time", "yyyy-MM||epoch_millis", "HH:mm:ss"]
# Sizes of buckets in milliseconds that fixed_interval can say.
FIXED = [(1, "1ms"), (50, "50ms"), (1_000, "1s"), (10_000, "10s"), (60_000, "1m"), (600_000, "10m"), (5_400_000, "90m"), (3_600_000, "1h"), (21_600_000, "6h"),
         (DAY_MS, "1d"), (DAY_MS * 3, "3d"), (DAY_MS * 7, "7d"), (DAY_MS * 30, "30d"), (DAY_MS * 365, "365d"), (DAY_MS * 3650, "3650d")]
CALENDAR = [(60_000, "1m"), (3_600_000, "hour"), (DAY_MS, "1d"), (DAY_MS, "day"), (DAY_MS * 7, "week"), (DAY_MS * 7, "1w"), (DAY_MS * 28, "month"), (DAY_MS * 28, "1M"),
            (DAY_MS * 90, "quarter"), (DAY_MS * 365, "1y"), (DAY_MS * 365, "year")]
# What a histogram may have at each depth: the engines hold every empty bucket in memory.
BUCKETS_MAX = [300, 30, 8]
# What a member of a request is replaced by to make it wrong. None of it makes a bucket smaller.
JUNK = ["abc", "", {}, [], None, True, "-1", {"a": 1}, [[1]], "value", -1]

# The features and how often each is asked for, among those of its group. What the platform has is in BUILT.
WEIGHTS = {
    "query": {"match_all": 4, "match_none": 1, "term": 8, "terms": 4, "match": 5, "range_value": 10, "range_time": 12, "exists": 3, "ids": 2, "prefix": 3, "wildcard": 3,
              "bool": 12, "constant_score": 3, "query_string": 4, "match_phrase": 1, "regexp": 1, "fuzzy": 0, "geo_distance": 1, "geo_bounding_box": 1, "simple_query_string": 1,
              "dis_max": 1, "multi_match": 1, "nested": 0, "boosting": 1},
    "bucket": {"date_histogram": 12, "histogram": 8, "terms": 8, "filter": 4, "missing": 2, "filters": 4, "range": 4, "date_range": 4, "composite": 4,
               "auto_date_histogram": 3, "global": 1},
    "metric": {"min": 3, "max": 3, "sum": 3, "avg": 4, "stats": 4, "value_count": 3, "percentiles": 4, "extended_stats": 4, "percentile_ranks": 3, "cardinality": 4,
               "median_absolute_deviation": 2, "top_hits": 4, "top_metrics": 3, "weighted_avg": 2, "boxplot": 2, "geo_bounds": 2, "geo_centroid": 2},
    "pipeline": {"derivative": 3, "cumulative_sum": 3, "moving_fn": 3, "serial_diff": 3, "bucket_script": 3, "max_bucket": 2, "min_bucket": 2, "avg_bucket": 2,
                 "sum_bucket": 2, "stats_bucket": 1, "extended_stats_bucket": 1, "percentiles_bucket": 1, "bucket_sort": 1, "bucket_selector": 1},
    "search": {"sort": 10, "search_after": 4, "from": 3, "size": 8, "track_total_hits": 4, "source": 4, "docvalue_fields": 4, "fields": 2, "stored_fields": 1, "version": 1, "text_parameter": 1, "filter_path": 1, "terms_format": 1,
               "histogram_format": 1, "include_pattern": 1, "search_after_doc": 0},
}
# What is refused by name, so that asking for it compares nothing.
REFUSED = {"regexp", "terms_format", "histogram_format", "include_pattern"}
# The features that exist; the others are asked for with --with NAME or --all.
BUILT = {group: set(weights) - REFUSED for group, weights in WEIGHTS.items()}
# Pipelines beside the aggregation whose buckets they look at.
SIBLINGS = {"max_bucket", "min_bucket", "avg_bucket", "sum_bucket", "stats_bucket", "extended_stats_bucket", "percentiles_bucket"}


class Request:
    """`indices` are the names of sensors; `endpoint` is _search or _count."""

    def __init__(self, indices, endpoint, body, parameters="", spoiled=False):
        self.indices, self.endpoint, self.body, self.parameters, self.spoiled = indices, endpoint, body, parameters, spoiled

    def with_body(self, body):
        return Request(self.indices, self.endpoint, body, self.parameters, self.spoiled)

    def target(self, names):
        """The path. `names` maps sensors to indices."""
        return "/" + ",".join(names[one] for one in self.indices) + "/" + self.endpoint + self.parameters

    def as_list(self):
        return [self.indices, self.endpoint, self.body, self.parameters]


class Generator:
    """`world` has `sensors` and `ids`: {sensor: [ids of some readings]}."""

    def __init__(self, seed, sensors, ids, names, added=(), removed=(), wrong_percent=15, inside_percent=12):
        self.rng = random.Random(seed)
        self.sensors, self.ids, self.names = sensors, ids, names
        self.wrong_percent, self.inside_percent = wrong_percent, inside_percent
        every = set(added) if added != "all" else {name for group in WEIGHTS.values() for name in group}
        self.on = {group: {name: weight for name, weight in weights.items()
                           if weight and (name in BUILT[group] or name in every) and name not in removed}
                   for group, weights in WEIGHTS.items()}

    # Choices

    def chance(self, percent):
        return self.rng.randrange(100) < percent

    def one(self, choices):
        return self.rng.choice(list(choices))

    def feature(self, group, without=()):
        weights = {name: weight for name, weight in self.on[group].items() if name not in without}
        return self.rng.choices(list(weights), list(weights.values()))[0]

    def has(self, feature):
        return any(feature in group for group in self.on.values())

    # The whole

    def request(self):
        if not self.chance(self.inside_percent):
            return self._request(self._indices(), None)
        like = self.one(inside.FIELDS)
        request = self._request([like], self.sensors["station"].times)
        field = self.one(inside.FIELDS[like])
        parameters = re.sub(r"\bvalue(?=[:,%]|$)", field, request.parameters)
        return Request(["station"], request.endpoint, inside.renamed(request.body, field), parameters, request.spoiled)

    def _request(self, indices, times):
        self.number = 0
        self.indices = indices
        self.chosen = [self.sensors[name] for name in self.indices]
        self.mappings = {sensor.mapping for sensor in self.chosen}
        self.times = times or [time for sensor in self.chosen for time in sensor.times]
        self.wide = any(name in ("extremes", "counter") for name in self.indices)
        if self.chance(10):
            request = Request(self.indices, "_count", {"query": self.query(3)} if self.chance(95) else {})
        else:
            request = Request(self.indices, "_search", *self._search())
        if not self.wide and self.chance(self.wrong_percent):
            request.body = self.spoil(request.body)
            request.spoiled = True
        return request

    def _indices(self):
        roll = self.rng.randrange(100)
        if roll < 78:
            return [self.one(self.sensors)]
        if roll < 90:
            return sorted(self.rng.sample([name for name, sensor in self.sensors.items() if sensor.mapping in NUMBERS and name not in ("extremes", "counter")], 2))
        return sorted(self.rng.sample([name for name in self.sensors if name not in ("extremes", "counter")], self.rng.randrange(2, 5)))

    def _search(self):
        body, parameters = {}, ""
        if self.chance(65):
            body["query"] = self.query(3)
        aggregating = self.chance(60)
        if aggregating:
            body["aggs"] = self.aggregations(3)
        if aggregating and self.chance(75):
            body["size"] = 0
            if self.chance(20):
                body["track_total_hits"] = self.one([True, False, 10])
            return body, parameters
        if self.has("size") and self.chance(60):
            body["size"] = self.one([0, 1, 3, 7, 20, 50])
        if self.has("from") and self.chance(20):
            body["from"] = self.one([0, 1, 5, 30, 5_000])
        if self.has("sort") and self.chance(70):
            body["sort"] = self.sort()
            if self.has("search_after") and isinstance(body["sort"], list) and self.chance(30):
                after = [self.after(key) for key in body["sort"]]
                if None not in after:
                    body["search_after"] = after
                    body.pop("from", None)
        if self.has("track_total_hits") and self.chance(40):
            body["track_total_hits"] = self.one([True, False, 1, 10, 10_000, 2_147_483_647])
        if self.has("source") and self.chance(30):
            body["_source"] = self.source()
        if self.has("docvalue_fields") and self.chance(25):
            body["docvalue_fields"] = self.fields()
        if self.has("fields") and self.chance(20):
            body["fields"] = self.fields()
        if self.has("stored_fields") and self.chance(5):
            body["stored_fields"] = self.one(["_source", "_none_", [], ["value"], ["_source", "value"], ["*"], ["_none_", "value"]])
        if self.has("version") and self.chance(5):
            body["version"] = True
        if self.chance(5):
            body[self.one(["track_scores", "explain", "version", "seq_no_primary_term", "profile"])] = False
        if self.chance(5):
            parameters = "?" + self.one(["rest_total_hits_as_int=true&track_total_hits=true", "size=2", "typed_keys=true", "_source=false", "_source_includes=value,time*",
                                         "sort=timestamp:desc", "from=1", "track_total_hits=false", "_source_excludes=*_id"])
        elif self.has("text_parameter") and "query" not in body and self.chance(15):
            parameters = "?q=" + urllib.parse.quote(self.query_text()) + self.one(["", "&df=value", "&default_operator=and", "&lenient=true", "&analyze_wildcard=true"])
        elif self.has("filter_path") and self.chance(4):
            parameters = "?filter_path=" + self.one(["hits.total", "hits.hits._source", "hits.hits._source.value", "**.value", "-hits.hits", "-**._id", "took", "nothing", "hits.**"])
        return body, parameters

    def sort(self):
        if self.chance(10):
            return self.one(["timestamp", "value", "_doc"])
        keys = []
        for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3])):
            field = self.one(["timestamp"] * 5 + ["value"] * 5 + ["device_id", "sensor_id", "_doc", "nowhere"])
            options = {}
            if self.chance(60):
                options["order"] = self.one(["asc", "desc"])
            if field not in ("_doc",):
                if self.chance(10):
                    options["missing"] = self.one(["_first", "_last"])
                if field == "nowhere" or self.chance(5):
                    options["unmapped_type"] = self.one(["long", "double", "date", "keyword"])
                if self.chance(10) and field in ("timestamp", "value"):
                    options["mode"] = self.one(["min", "max"])
            if field == "timestamp" and self.chance(10):
                options["format"] = self.one(["strict_date_optional_time_nanos", "epoch_millis"])
            if field == "nowhere" and self.chance(10):
                options.pop("unmapped_type")
            if not options:
                keys.append(field)
            elif list(options) == ["order"] and self.chance(50):
                keys.append({field: options["order"]})
            else:
                keys.append({field: options})
        if len({key if isinstance(key, str) else next(iter(key)) for key in keys}) < len(keys):
            return keys[:1]
        return keys

    def after(self, key):
        field, options = (key, {}) if isinstance(key, str) else next(iter(key.items()))
        if isinstance(options, dict) and ("format" in options or "unmapped_type" in options):
            return None
        if field == "timestamp":
            return self.time_ns() if self.chance(70) else iso(self.time_ns())
        if field == "value" and self.mappings <= set(NUMBERS) | {"keyword"}:
            value = self.value()
            return value if len(self.mappings) == 1 or not isinstance(value, str) else None
        return self.one(["1", "9", "0"]) if field in ("device_id", "sensor_id") else None

    def source(self):
        patterns = ["value", "time*", "*", "*_id", "nothing", "device_id"]
        return self.one([True, False, self.one(patterns), self.rng.sample(patterns, 2), {"includes": self.rng.sample(patterns, 2)},
                         {"excludes": [self.one(patterns)]}, {"includes": ["*"], "excludes": ["value"]}, []])

    def fields(self):
        made = []
        for _ in range(self.rng.randrange(1, 3)):
            field = self.one(["timestamp", "value", "device_id", "val*", "sensor_*", "nothing"])
            if field == "timestamp" and self.chance(70):
                made.append({"field": field, "format": self.one(FORMATS)})
            else:
                made.append(self.one([field, {"field": field}]))
        return made

    # Values that are near those there are

    def time_ns(self):
        if not self.times or self.chance(3):
            return 1_540_598_400_000_000_000
        return max(0, min(2**63 - 1, self.one(self.times) + self.one([0, 0, 0, 1, -1, MILLISECOND, -MILLISECOND, self.rng.randrange(-10**13, 10**13)])))

    def time_text(self, rounded=True):
        text = iso(self.time_ns())
        if rounded and self.chance(50):
            # "2018", "2018-10", ... and whole seconds and milliseconds.
            text = self.one([text[:4], text[:7], text[:10], text[:13], text[:16], text[:19], text[:19] + "Z", text[:23] + "Z", text[:23]])
        return text

    def time_math(self):
        if self.chance(10):
            return self.one(["now", "now-1d", "now/M", "now+1h/h", "now-30d/d"])
        anchor = iso(self.time_ns())
        text = self.one([anchor, anchor[:10], anchor[:19] + "Z"]) + "||"
        for _ in range(self.rng.randrange(0, 3)):
            text += self.one("+-") + str(self.rng.randrange(0, 40)) + self.one("smhHdwMy")
        return text + (self.one(["/d", "/h", "/M", "/w", "/y", "/m"]) if self.chance(50) else "")

    def value(self):
        values = [value for sensor in self.chosen for value in sensor.values[:200]]
        return self.one(values) if values else 1.0

    def number_near(self):
        value = self.value()
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return self.rng.randrange(-50, 50)
        if abs(value) > 1e15:
            return value
        return self.one([value, value, round(value), round(value + self.rng.uniform(-3, 3), 1), -value])

    def comparable(self):
        """A bound or a term for `value`."""
        value = self.value()
        if isinstance(value, dict):
            return self.one([1, "a"])
        if isinstance(value, bool):
            return self.one([True, False, "true", "false", ""])
        if isinstance(value, str):
            return self.time_text() if "date" in self.mappings else self.one([value, value[:3], "m", value.split(" ")[0], value.lower(), value.upper()])
        near = self.number_near()
        return self.one([near, near, near, str(near)])

    def spread(self):
        numbers = [value for sensor in self.chosen for value in sensor.values if isinstance(value, (int, float)) and not isinstance(value, bool)]
        if "date" in self.mappings:
            return 1.5e11
        return max(numbers) - min(numbers) if numbers else 1.0

    # Queries

    def query(self, depth):
        name = self.feature("query", () if depth > 0 else ("bool", "constant_score", "dis_max", "boosting"))
        made = getattr(self, "query_" + name)(depth)
        clause = next(iter(made.values()))
        if self.chance(3) and name not in ("query_string", "geo_distance", "geo_bounding_box"):
            clause["boost"] = self.one([0.5, 2, 1.0])
        return made

    def field_for_term(self):
        return self.one(["value"] * 6 + ["sensor_id", "device_id", "timestamp", "nowhere", "_index"])

    def term_for(self, field):
        if field == "value":
            return self.comparable()
        if field == "timestamp":
            return self.one([self.time_text(), self.time_ns() // MILLISECOND])
        if field == "_index":
            return self.names[self.one(self.indices)]
        return self.one(["1", "2", "5", 3])

    def query_match_all(self, _):
        return {"match_all": {}}

    def query_match_none(self, _):
        return {"match_none": {}}

    def query_term(self, _):
        field = self.field_for_term()
        value = self.term_for(field)
        return {"term": {field: {"value": value} if self.chance(40) else value}}

    def query_terms(self, _):
        field = self.field_for_term()
        return {"terms": {field: [self.term_for(field) for _ in range(self.rng.randrange(0, 5))]}}

    def query_match(self, _):
        field = self.field_for_term()
        value = self.term_for(field)
        if "text" in self.mappings and field == "value":
            value = self.one(["pump", "Pump stopped", "valve A_1", "HIGH all", "12", "", "restart: pump"])
        if self.chance(50):
            return {"match": {field: value}}
        options = {"query": value}
        if self.chance(50):
            options["operator"] = self.one(["and", "or", "AND"])
        return {"match": {field: options}}

    def query_range_value(self, _):
        return {"range": {"value": self._bounds(self.comparable)}}

    def query_range_time(self, _):
        field = "value" if "date" in self.mappings and self.chance(30) else "timestamp"
        options = {}
        roll = self.rng.randrange(10)
        if roll < 3:
            options = self._bounds(lambda: self.one([self.time_ns() // MILLISECOND] * 9 + [2018]))
            if self.chance(50):
                options["format"] = "epoch_millis"
        elif roll < 7:
            options = self._bounds(self.time_text)
        elif roll < 9:
            options = self._bounds(self.time_math)
        else:
            options = self._bounds(lambda: iso(self.time_ns())[:10])
            options["format"] = self.one(["yyyy-MM-dd", "strict_date", "date_optional_time", "yyyy-MM-dd||epoch_millis"])
        if self.chance(20) and roll >= 3:
            options["time_zone"] = self.one(ZONES)
        return {"range": {field: options}}

    def _bounds(self, bound):
        options = {}
        if self.chance(75):
            options[self.one(["gte", "gt", "from"])] = bound()
        if self.chance(75):
            options[self.one(["lte", "lt", "to"])] = bound()
        if self.chance(3):
            options["relation"] = "within"
        return options

    def query_exists(self, _):
        return {"exists": {"field": self.one(["value", "value", "timestamp", "sensor_id", "nowhere", "_id", "val*"])}}

    def query_ids(self, _):
        ids = [one for name in self.indices for one in self.ids[name]] + ["nothing"]
        return {"ids": {"values": self.rng.sample(ids, min(len(ids), self.rng.randrange(0, 4)))}}

    def _like(self):
        text = self.one(["on", "Idle", "err", "", "a", "pum", "VALVE", "warm", "error 7"])
        return self.one(["value", "value", "value", "sensor_id", "nowhere"]), text

    def query_prefix(self, _):
        field, text = self._like()
        return self._with_case("prefix", field, text)

    def query_wildcard(self, _):
        field, text = self._like()
        return self._with_case("wildcard", field, self.one([text + "*", "*" + text[1:], "*", text[:1] + "?*", text, "a\\*b", "?" * 3, "*" + text[1:2] + "*"]))

    def _with_case(self, name, field, text):
        if self.chance(40):
            return {name: {field: text}}
        options = {"value": text}
        if self.chance(50):
            options["case_insensitive"] = self.one([True, False])
        return {name: {field: options}}

    def query_bool(self, depth):
        body = {}
        for part, percent in (("must", 40), ("filter", 45), ("should", 45), ("must_not", 25)):
            if self.chance(percent):
                clauses = [self.query(depth - 1) for _ in range(self.rng.choice([1, 1, 2, 3]))]
                body[part] = clauses[0] if len(clauses) == 1 and self.chance(50) else clauses
        if self.chance(25):
            body["minimum_should_match"] = self.one([0, 1, 2, "50%", "-1", "-30%", "1", "100%", 5])
        return {"bool": body}

    def query_constant_score(self, depth):
        return {"constant_score": {"filter": self.query(depth - 1)}}

    def query_text(self):
        low, high = sorted([self.number_near(), self.number_near()])
        first, last = sorted([self.time_ns(), self.time_ns()])
        return self.one(["*", "*:*", f"value:[{low} TO {high}]", f"value:>={low}", f"value:<{high} AND sensor_id:1", "NOT sensor_id:3", f"timestamp:[{iso(first)} TO {iso(last)}]",
                         f"sensor_id:(1 OR 2 OR 5) AND value:{{{low} TO *}}", "device_id:1", "_exists_:value", "-sensor_id:2", "sensor_id:1*", "value:on", "value:pump",
                         f"timestamp:[{first // MILLISECOND} TO {last // MILLISECOND}]", "nowhere:1", "(value:>0 OR value:<0) AND NOT sensor_id:9", "on", "1", "pump AND started", "-pump", "+sensor_id:1 -device_id:2",
                         f"value:({low} OR {high})", f"value:{low}^2", "sensor_id:?", "value:pu*", '"pump started"', 'value:"pump stopped"', "device_id:[1 TO 3}",
                         "sensor_id:1 device_id:1", "sensor_id:1 && !device_id:1", "val*:on", "value:", "(value:1", "timestamp:[2018-01-01 TO now]", "\\*"])

    def query_query_string(self, _):
        body = {"query": self.query_text()}
        if self.chance(40):
            body["analyze_wildcard"] = True
        if self.chance(20):
            body["default_operator"] = self.one(["AND", "OR"])
        if self.chance(20):
            body["fields"] = self.one([["value"], ["sensor_id", "device_id^2"], ["val*"]])
        elif self.chance(20):
            body["default_field"] = self.one(["value", "sensor_id", "*"])
        if self.chance(20):
            body["lenient"] = self.one([True, False])
        return {"query_string": body}

    def query_simple_query_string(self, _):
        return {"simple_query_string": {"query": self.one(["pump", "1", "pump + valve", "on", "pump -valve", '"pump started"', "pu*", "(pump | valve) + at", "pump |", "-on"]),
                                        "fields": self.one([["value"], ["sensor_id"], ["value", "device_id"]]),
                                        **({"default_operator": self.one(["and", "or"])} if self.chance(40) else {})}}

    def query_match_phrase(self, _):
        return {"match_phrase": {"value": self.one(["pump started", "pump stopped at", "started pump", "on"])}}

    def query_multi_match(self, _):
        return {"multi_match": {"query": self.one(["1", "on", "pump started"]), "fields": self.one([["sensor_id", "device_id"], ["value"], ["sensor_id^2", "nowhere"]]),
                                **({"type": self.one(["best_fields", "most_fields", "phrase"])} if self.chance(40) else {})}}

    def query_regexp(self, _):
        return {"regexp": {"value": self.one(["o.*", "[a-z]+", "(on|off)", "pum."])}}

    def query_dis_max(self, depth):
        return {"dis_max": {"queries": [self.query(depth - 1) for _ in range(2)]}}

    def query_boosting(self, depth):
        return {"boosting": {"positive": self.query(depth - 1), "negative": self.query(depth - 1), "negative_boost": 0.5}}

    def query_geo_distance(self, _):
        return {"geo_distance": {"distance": self.one(["500km", "3000km", "100m"]), "value": {"lat": self.rng.randrange(-60, 60), "lon": self.rng.randrange(-170, 170)}}}

    def query_geo_bounding_box(self, _):
        return {"geo_bounding_box": {"value": {"top_left": {"lat": self.rng.randrange(0, 60), "lon": self.rng.randrange(-170, 0)},
                                               "bottom_right": {"lat": self.rng.randrange(-60, 0), "lon": self.rng.randrange(0, 170)}}}}

    # Aggregations

    def name(self, type):
        self.number += 1
        return f"{type}_{self.number}"

    def aggregations(self, depth, least=1):
        made = {}
        for _ in range(max(least, self.rng.choice([1, 1, 1, 2, 2, 3] if depth == 3 else [0, 1, 1, 2]))):
            if depth > 0 and self.on["bucket"] and self.chance(65 if depth == 3 else 35):
                type = self.feature("bucket", ("global",) if depth < 3 else ())
                body = {type: getattr(self, "bucket_" + type)(3 - depth)}
                below = self.aggregations(depth - 1, 0) if self.chance(60) else {}
                if type in ("date_histogram", "histogram") and self.on["pipeline"] and self.chance(50):
                    below.update(self.parent_pipelines(below))
                if below:
                    body["aggs"] = below
            else:
                type = self.feature("metric")
                body = {type: getattr(self, "metric_" + type)()}
            if self.chance(2):
                body["meta"] = {"color": "blue", "n": [1, {"a": None}]}
            made[self.name(type)] = body
        if self.on["pipeline"] and self.chance(30):
            made.update(self.sibling_pipelines(made))
        return made

    def date_field(self):
        return "value" if "date" in self.mappings and self.chance(40) else "timestamp"

    def span_ms(self, field):
        if field == "value":
            return 150_000_000_000
        return (max(self.times) - min(self.times)) // MILLISECOND + 1 if self.times else 1

    def interval(self, sizes, span, depth):
        fitting = [text for size, text in sizes if span / size <= BUCKETS_MAX[depth]]
        return self.one(fitting[:5]) if fitting else sizes[-1][1]

    def bucket_date_histogram(self, depth):
        field = self.date_field()
        span = self.span_ms(field)
        body = {"field": field}
        if self.chance(50):
            body["fixed_interval"] = self.interval(FIXED, span, depth)
        else:
            body["calendar_interval"] = self.interval(CALENDAR, span, depth)
        self.histogram_options(body, ["1h", "-1h", "+6h", "30m", "1d", "0s"])
        if self.chance(30):
            body["time_zone"] = self.one(ZONES)
        if self.chance(25):
            body["format"] = self.one(FORMATS)
        if field == "timestamp" and self.times and not self.wide and self.chance(20) and depth == 0:
            low, high = min(self.times) // MILLISECOND, max(self.times) // MILLISECOND
            body[self.one(["extended_bounds", "hard_bounds"])] = {"min": low - self.one([0, span // 4]), "max": high + self.one([0, -span // 3, span // 4])}
            body.pop("format", None)
        if self.chance(5) and not self.wide:
            body["missing"] = self.one([1_540_598_400_000, "2018-10-28"])
        return body

    def histogram_options(self, body, offsets):
        if self.chance(40) or self.wide:
            body["min_doc_count"] = self.one([1, 1, 2, 5]) if self.wide else self.one([0, 1, 2, 5])
        if self.chance(20):
            body["keyed"] = self.one([True, True, False])
        if self.chance(20):
            body["order"] = self.one([{"_key": "desc"}, {"_count": "desc"}, {"_count": "asc"}, {"_key": "asc"}])
        if self.chance(20):
            body["offset"] = self.one(offsets)

    def bucket_histogram(self, depth):
        least = max(self.spread(), 1e-3) / BUCKETS_MAX[depth]
        field = "value"
        sizes = [size for size in (0.01, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 33.3, 100, 1_000, 10_000, 1e9, 1e10, 1e16, 1e300) if size >= least]
        body = {"field": field, "interval": self.one(sizes[:3] or [1e300])}
        self.histogram_options(body, [body["interval"] / 4, -1, 0, 7])
        if not self.wide and "date" not in self.mappings and depth == 0 and self.chance(15):
            middle = self.number_near()
            body[self.one(["extended_bounds", "hard_bounds"])] = {"min": middle - 3 * body["interval"], "max": middle + 20 * body["interval"]}
        if self.chance(5):
            body["missing"] = 0
        if self.has("histogram_format") and self.chance(5):
            body["format"] = self.one(["0.00", "#,##0"])
        return body

    def bucket_terms(self, _):
        body = {"field": self.one(["value"] * 6 + ["sensor_id", "device_id", "timestamp", "nowhere"])}
        if self.chance(60):
            body["size"] = self.one([1, 2, 3, 10, 50])
        if self.chance(40):
            body["order"] = self.one([{"_key": "asc"}, {"_key": "desc"}, {"_count": "asc"}, {"_count": "desc"}, [{"_count": "desc"}, {"_key": "desc"}]])
        if self.chance(15):
            body["min_doc_count"] = self.one([1, 2, 5])
        if self.chance(10) and body["field"] == "value":
            value = self.value()
            if isinstance(value, (int, float, str)) and not isinstance(value, bool) and "text" not in self.mappings:
                body[self.one(["include", "exclude"])] = [value, self.value()] if isinstance(value, str) else [value]
        if self.chance(5):
            body["missing"] = self.one([0, "none"]) if "keyword" in self.mappings else 0
        if self.chance(5):
            body["show_term_doc_count_error"] = True
        if len(self.indices) > 1 or body.get("min_doc_count", 1) > 1:
            # So that the engines count exactly.
            body["shard_size"] = 20_000
        return body

    def bucket_filter(self, _):
        return self.query(1)

    def bucket_missing(self, _):
        return {"field": self.one(["value", "nowhere", "timestamp", "sensor_id"])}

    def bucket_filters(self, _):
        body = {"filters": {f"f{n}": self.query(1) for n in range(2)} if self.chance(60) else [self.query(1) for _ in range(2)]}
        if self.chance(30):
            body["other_bucket"] = True
        elif self.chance(20):
            body["other_bucket_key"] = "rest"
        return body

    def bucket_range(self, _):
        low, high = sorted([self.number_near(), self.number_near()])
        body = {"field": "value", "ranges": [self.one([{"to": low}, {"from": low, "to": high}, {"from": high}, {"key": "k", "from": low}]) for _ in range(self.rng.randrange(1, 4))]}
        if self.chance(30):
            body["keyed"] = True
        return body

    def bucket_date_range(self, _):
        body = {"field": self.date_field(), "ranges": []}
        for _ in range(self.rng.randrange(1, 4)):
            low, high = sorted([iso(self.time_ns()), iso(self.time_ns())])
            body["ranges"].append(self.one([{"to": low[:10]}, {"from": low, "to": high}, {"from": high[:10] + "||-1d/d"}, {"key": "k", "from": low}]))
        if self.chance(30):
            body["keyed"] = True
        if self.chance(20):
            body["time_zone"] = self.one(ZONES)
        if self.chance(20):
            body["format"] = "yyyy-MM-dd||strict_date_optional_time_nanos"
        if self.chance(5):
            body["missing"] = "2018-10-28"
        return body

    def bucket_composite(self, _):
        sources = []
        if self.chance(60):
            sources.append({"t": {"date_histogram": {"field": "timestamp", "fixed_interval": self.one(["1d", "6h", "30d"])}}})
        if self.chance(50) or not sources:
            sources.append({"s": {"terms": {"field": self.one(["sensor_id", "value"]), **({"order": "desc"} if self.chance(30) else {})}}})
        if self.chance(20) and self.mappings <= set(NUMBERS) and not self.wide:
            sources.append({"h": {"histogram": {"field": "value", "interval": 10}}})
        body = {"sources": sources, "size": self.one([2, 5, 20])}
        if self.chance(30):
            body["after"] = {next(iter(one)): self.after_key(*next(iter(one.values())).items()) for one in sources}
        return body

    def after_key(self, source):
        type, options = source
        if type == "date_histogram":
            return self.time_ns() // MILLISECOND // DAY_MS * DAY_MS
        return self.one(["1", "5"]) if options["field"] == "sensor_id" else self.value() if type == "terms" else 0

    def bucket_auto_date_histogram(self, _):
        return {"field": self.date_field(), "buckets": self.one([1, 3, 10, 50]), **({"time_zone": self.one(ZONES)} if self.chance(20) else {})}

    def bucket_global(self, _):
        return {}

    def metric_field(self):
        return self.one(["value"] * 8 + ["timestamp", "timestamp", "nowhere", "sensor_id"])

    def _metric(self):
        body = {"field": self.metric_field()}
        if self.chance(8):
            body["missing"] = self.one([0, 5, -1.5])
        return body

    metric_min = metric_max = metric_sum = metric_avg = metric_stats = _metric

    def metric_value_count(self):
        return {"field": self.metric_field()}

    def metric_extended_stats(self):
        return {**self._metric(), **({"sigma": self.one([1, 3, 0.5])} if self.chance(30) else {})}

    def metric_percentiles(self):
        body = {"field": self.one(["value"] * 9 + ["nowhere", "sensor_id"])}
        if self.chance(50):
            body["percents"] = self.one([[50], [0, 100], [5, 25.5, 99.9], [1, 50, 99]])
        if self.chance(25):
            body["keyed"] = False
        return body

    def metric_percentile_ranks(self):
        return {"field": "value", "values": [self.number_near() for _ in range(2)]}

    def metric_median_absolute_deviation(self):
        return {"field": "value"}

    metric_boxplot = metric_median_absolute_deviation

    def metric_cardinality(self):
        return {"field": self.metric_field(), **({"precision_threshold": 20_000} if self.chance(30) else {})}

    def metric_top_hits(self):
        return {"size": self.one([1, 2, 3]), "sort": [{"timestamp": self.one(["asc", "desc"])}, {"value": "asc"}], **({"_source": self.source()} if self.chance(40) else {})}

    def metric_top_metrics(self):
        return {"metrics": self.one([{"field": "value"}, [{"field": "value"}, {"field": "timestamp"}]]), "sort": {"timestamp": self.one(["asc", "desc"])},
                **({"size": self.one([1, 2])} if self.chance(40) else {})}

    def metric_weighted_avg(self):
        return {"value": {"field": "value"}, "weight": {"field": self.one(["value", "timestamp"]), **({"missing": 1} if self.chance(30) else {})}}

    def metric_geo_bounds(self):
        return {"field": "value"}

    metric_geo_centroid = metric_geo_bounds

    # Pipelines

    def single_valued(self, below):
        return [name for name in below if name.rsplit("_", 1)[0] in ("min", "max", "sum", "avg", "value_count", "cardinality")] + ["_count"]

    def parent_pipelines(self, below):
        path = self.one(self.single_valued(below))
        type = self.feature("pipeline", SIBLINGS) if set(self.on["pipeline"]) - SIBLINGS else None
        body = {"buckets_path": path}
        if type is None:
            return {}
        if type in ("derivative", "serial_diff") and self.chance(30):
            body.update({"lag": self.one([1, 2, 5])} if type == "serial_diff" else {"unit": "1h"})
        if type == "moving_fn":
            function = self.one(["max", "min", "sum", "unweightedAvg", "linearWeightedAvg"])
            body.update({"window": self.one([1, 3, 10]), "script": f"MovingFunctions.{function}(values)", **({"shift": self.one([-1, 1])} if self.chance(20) else {})})
        if type in ("bucket_script", "bucket_selector"):
            body = {"buckets_path": {"a": path, "b": "_count"}, "script": self.one(["params.a + params.b", "params.a * 2 - 1", "params.a / (params.b + 1)", "-params.a"])
                    if type == "bucket_script" else "params.a > params.b"}
        if type == "bucket_sort":
            body = {"sort": [{path: {"order": self.one(["asc", "desc"])}}], "size": self.one([2, 5])}
        if self.chance(20) and type in ("derivative", "serial_diff", "moving_fn", "bucket_script"):
            body["gap_policy"] = self.one(["skip", "insert_zeros"])
        return {self.name(type): {type: body}}

    def sibling_pipelines(self, made):
        siblings = set(self.on["pipeline"]) & SIBLINGS
        for name, body in made.items():
            if siblings and name.rsplit("_", 1)[0] in ("date_histogram", "histogram", "terms") and self.chance(60):
                type = self.one(sorted(siblings))
                path = self.one(self.single_valued(body.get("aggs", {})))
                return {self.name(type): {type: {"buckets_path": f"{name}>{path}"}}}
        return {}

    # Wrong requests

    def spoil(self, body):
        """The request with one fault."""
        places = []

        def walk(node, place):
            if isinstance(node, dict):
                for key, value in node.items():
                    places.append((node, key))
                    if key not in ("extended_bounds", "hard_bounds"):
                        walk(value, [*place, key])
            elif isinstance(node, list):
                for at, value in enumerate(node):
                    places.append((node, at))
                    walk(value, [*place, at])

        walk(body, [])
        if not places:
            return {**body, "hello": 1}
        node, key = self.one(places)
        roll = self.rng.randrange(10)
        if roll < 5:
            node[key] = self.one(JUNK)
        elif roll < 6 and isinstance(node, dict):
            node["hello"] = self.one([1, "a", {}])
        elif roll < 7 and isinstance(node, dict):
            node[key + "x"] = node.pop(key)
        elif roll < 8 and isinstance(node, dict) and key not in ("min_doc_count", "fixed_interval"):
            del node[key]
        elif roll < 9 and isinstance(node, dict) and "field" in node:
            node["field"] = self.one(["", "_id", "_index", "value.x", "nowhere"])
        else:
            node[key] = [node[key]] if self.chance(50) else {"x": node[key]}
        return body
