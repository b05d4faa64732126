"""The requests of Grafana's Elasticsearch data source: what its backend makes of a panel's target, a template variable and an
annotation. Written after the behaviour of versions 9 to 12; settings that an editor keeps as text stay text here as there."""

import json

from support.http import Client

HIGHLIGHT = {"fields": {"*": {}}, "pre_tags": ["@HIGHLIGHT@"], "post_tags": ["@/HIGHLIGHT@"], "fragment_size": 2147483647}
CALENDAR_INTERVALS = ("1w", "1M", "1q", "1y")
# The type of a field in its editors, by that of the mapping.
FIELD_TYPES = {"date": "date", "date_nanos": "date", "float": "number", "double": "number", "integer": "number", "long": "number",
               "short": "number", "byte": "number", "text": "string", "keyword": "string", "geo_point": "geo_point"}
ONE_PATH = ("derivative", "moving_fn", "cumulative_sum", "serial_diff")
DOCUMENTS = ("raw_data", "raw_document")


def is_number(text):
    return text is not None and str(text).isdigit()


class Grafana:
    """A data source with an index pattern, asked over a range of time in milliseconds."""

    def __init__(self, platform, token, index, begin_ms, end_ms, interval_ms=60_000, time_field="timestamp"):
        self.client = Client(platform.address("query"))
        self.headers = [("Authorization", f"Bearer {token}")]
        self.index, self.begin_ms, self.end_ms = index, begin_ms, end_ms
        self.interval_ms, self.time_field = interval_ms, time_field

    def get(self, target):
        response = self.client.request("GET", target, self.headers)
        assert response.status == 200, response
        return response.json

    def multi_search(self, *bodies, index=None, as_list=False):
        """The answers to searches sent together, each of which may be an error."""
        index = self.index if index is None else index
        header = {"ignore_unavailable": True, "index": index.split(",") if as_list else index, "search_type": "query_then_fetch"}
        # Its maps are written with their keys in order, also that of sort.
        lines = [json.dumps(line, sort_keys=True) for body in bodies for line in (header, body)]
        sent = ("\n".join(lines) + "\n").replace("$__interval_ms", str(self.interval_ms)).encode()
        response = self.client.request("POST", "/_msearch?max_concurrent_shard_requests=5",
                                       [*self.headers, ("Content-Type", "application/x-ndjson")], sent)
        assert response.status == 200, response
        answers = response.json["responses"]
        assert len(answers) == len(bodies)
        return answers

    def ask(self, body, **options):
        """The answer to one search, which must be one."""
        [answer] = self.multi_search(body, **options)
        assert "error" not in answer and answer["status"] == 200, answer
        return answer

    def panel(self, target, **options):
        return self.ask(self.body(target), **options)

    def terms_variable(self, definition):
        """The values of {"find": "terms", "field": ...}."""
        order = {"doc_count": "_count"}.get(definition.get("orderBy"), "_key")
        body = {"size": 0, "query": self._query(definition.get("query")),
                "aggs": {"1": {"terms": {"field": definition["field"], "size": definition.get("size", 500),
                                         "order": {order: definition.get("order", "desc" if order == "_count" else "asc")}}}}}
        return [bucket["key"] for bucket in self.ask(body)["aggregations"]["1"]["buckets"]]

    def fields_variable(self, kind=None):
        """{name: type} of {"find": "fields"}."""
        found = {}
        for index in self.get(f"/{self.index}/_mapping").values():
            for name, field in index["mappings"]["properties"].items():
                one = FIELD_TYPES.get(field.get("type"), field.get("type", "object"))
                if kind in (None, one):
                    found[name] = one
        return found

    def annotations(self, text=None):
        """The documents of an annotation query."""
        between = {"from": self.begin_ms, "to": self.end_ms, "format": "epoch_millis"}
        filters = [{"bool": {"should": [{"range": {self.time_field: between}}], "minimum_should_match": 1}}]
        if text:
            filters.append({"query_string": {"query": text}})
        return [hit["_source"] for hit in self.ask({"query": {"bool": {"filter": filters}}, "size": 10_000}, as_list=True)["hits"]["hits"]]

    def body(self, target):
        """The search of a panel's target."""
        metrics = target["metrics"]
        body = {"size": 0, "query": self._query(target.get("query"))}
        if metrics[0]["type"] == "logs":
            body.update(self._documents(metrics[0].get("settings", {}).get("limit")), highlight=HIGHLIGHT, fields=[self._standard_time()])
            body["aggs"] = {"1": {"date_histogram": self._date_histogram({})}}
        elif metrics[0]["type"] in DOCUMENTS:
            body.update(self._documents(metrics[0].get("settings", {}).get("size")))
            if metrics[0]["type"] == "raw_data":
                body["fields"] = [self._standard_time()]
        else:
            level = body
            for bucket in target["bucketAggs"]:
                level["aggs"] = {**level.get("aggs", {}), bucket["id"]: self._bucket(bucket, metrics)}
                level = level["aggs"][bucket["id"]]
            level.setdefault("aggs", {}).update({metric["id"]: self._metric(metric, metrics)
                                                 for metric in metrics if metric["type"] != "count"})
            if not level["aggs"]:
                del level["aggs"]
        return body

    def _query(self, text):
        between = {"range": {self.time_field: {"gte": self.begin_ms, "lte": self.end_ms, "format": "epoch_millis"}}}
        if not text:
            return {"bool": {"filter": between}}
        return {"bool": {"filter": [between, {"query_string": {"analyze_wildcard": True, "query": text}}]}}

    def _standard_time(self):
        return {"field": self.time_field, "format": "strict_date_optional_time_nanos"}

    def _documents(self, size):
        return {"size": int(size or 0) or 500, "docvalue_fields": [self.time_field], "script_fields": {},
                "sort": {self.time_field: {"order": "desc", "unmapped_type": "boolean"}, "_doc": {"order": "desc"}}}

    def _date_histogram(self, bucket):
        settings = bucket.get("settings", {})
        interval = settings.get("interval", "auto")
        made = {"field": bucket.get("field") or self.time_field, "min_doc_count": int(settings.get("min_doc_count", 0)),
                "extended_bounds": {"min": self.begin_ms, "max": self.end_ms}, "format": "epoch_millis"}
        made["calendar_interval" if interval in CALENDAR_INTERVALS else "fixed_interval"] = \
            "$__interval_msms" if interval == "auto" else interval
        made.update({theirs: settings[ours] for ours, theirs in (("offset", "offset"), ("timeZone", "time_zone"), ("missing", "missing"))
                     if ours in settings})
        return made

    def _bucket(self, bucket, metrics):
        kind, settings = bucket["type"], bucket.get("settings", {})
        if kind == "date_histogram":
            return {kind: self._date_histogram(bucket)}
        if kind == "histogram":
            return {kind: {"field": bucket["field"], "interval": int(settings.get("interval", 1000)),
                           "min_doc_count": int(settings.get("min_doc_count", 0))}}
        if kind == "filters":
            return {kind: {"filters": {one.get("label") or one["query"]: {"query_string": {"query": one["query"], "analyze_wildcard": True}}
                                       for one in settings["filters"]}}}
        if kind == "terms":
            return self._terms(bucket, settings, metrics)
        return {kind: {"field": bucket["field"], **settings}}

    @staticmethod
    def _terms(bucket, settings, metrics):
        made = {"field": bucket["field"], "size": int(settings.get("size", 0)) or 500, "order": {}}
        if "min_doc_count" in settings:
            made["min_doc_count"] = int(settings["min_doc_count"])
        if "missing" in settings:
            made["missing"] = settings["missing"]
        container = {"terms": made}
        by = settings.get("orderBy")
        if by is not None:
            metric = next((one for one in metrics if one["id"] == by.partition("[")[0].partition(".")[0]), None)
            if metric is not None and metric["type"] == "count":
                by = "_count"
            elif metric is not None:
                container["aggs"] = {metric["id"]: {metric["type"]: {"field": metric["field"]}}}
            made["order"] = {by: settings.get("order", "desc")}
        return container

    @staticmethod
    def _metric(metric, metrics):
        kinds = {one["id"]: one["type"] for one in metrics}
        settings = {key: value for key, value in metric.get("settings", {}).items() if value is not None}

        def path(ident):
            return "_count" if kinds[ident] == "count" else ident

        if metric["type"] == "bucket_script":
            paths = {one["name"]: path(one["pipelineAgg"]) for one in metric["pipelineVariables"]}
            return {metric["type"]: {"buckets_path": paths, **settings}}
        if metric["type"] in ONE_PATH and is_number(metric.get("field")):
            if "lag" in settings:
                settings["lag"] = float(settings["lag"])
            return {metric["type"]: {"buckets_path": path(metric["field"]), **settings}}
        if metric["type"] == "top_metrics":
            return {"top_metrics": {"metrics": [{"field": field} for field in settings["metrics"]], "size": "1",
                                    "sort": [{settings["orderBy"]: settings["order"]}]}}
        return {metric["type"]: {"field": metric["field"], **settings}}
