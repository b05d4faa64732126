"""The part of scripts/bench about queries: the same ones to the platform, VictoriaMetrics and OpenSearch, in turns."""

import json
import statistics
import sys
import urllib.parse

from load import load
from servers import OpenSearch, Platform, cpu_ms, median, victoria_or_none
from walks import Walks


class Query:
    """One question in the languages of all. `one`: of the first sensor alone; the peers then select it in the query."""

    def __init__(self, name, body, victoria, one=True, call="_search"):
        self.name, self.body, self.one, self.call = name, body, one, call
        self.victoria = victoria

    def for_platform(self, walks):
        return f"/{walks.index() if self.one else walks.device + '_*'}/{self.call}", json.dumps(self.body)

    def for_opensearch(self, walks):
        body = dict(self.body, query={"term": {"sensor_id": walks.sensors[0]}}) if self.one else self.body
        return f"/readings/{self.call}" + ("?request_cache=false" if self.call == "_search" else ""), json.dumps(body)

    def for_victoria(self, walks):
        """A path, whose query has {sensor}, {first}, {last} and {hundred}, the time of the last hundred points."""
        values = {"sensor": walks.sensors[0], "first": walks.first_s, "last": walks.last_s, "hundred": walks.last_s - 1000,
                  "all": int(walks.last_s - walks.first_s) + 1}
        path, parameters = self.victoria
        return path + "?" + urllib.parse.urlencode({name: value.format(**values) for name, value in parameters.items()}), ""


def by_time(interval, aggregations):
    return {"t": {"date_histogram": {"field": "timestamp", "fixed_interval": interval}, "aggs": aggregations}}


def metric(kind, **options):
    return {kind: {"field": "value", **options}}


def range_query(query, step):
    return "/api/v1/query_range", {"query": query, "start": "{first}", "end": "{last}", "step": step}


def queries(sensors):
    series = 'reading_value{{sensor="{sensor}"}}'
    return [
        Query("last 100 points of a sensor", {"size": 100, "sort": [{"timestamp": "desc"}]},
              ("/api/v1/export", {"match[]": series, "start": "{hundred}", "end": "{last}"})),
        Query("hourly min, max and mean of a sensor",
              {"size": 0, "aggs": by_time("1h", {kind: metric(kind) for kind in ("min", "max", "avg")})},
              range_query(f'aggr_over_time(("min_over_time","max_over_time","avg_over_time"),{series}[1h])', "1h")),
        Query("95th percentile by hour of a sensor", {"size": 0, "aggs": by_time("1h", {"p": metric("percentiles", percents=[95])})},
              range_query(f"quantile_over_time(0.95,{series}[1h])", "1h")),
        Query("hourly means of a sensor", {"size": 0, "aggs": by_time("1h", {"m": metric("avg")})},
              range_query(f"avg_over_time({series}[1h])", "1h")),
        Query(f"daily means of {sensors} sensors",
              {"size": 0, "aggs": {"s": {"terms": {"field": "sensor_id", "size": sensors}, "aggs": by_time("1d", {"m": metric("avg")})}}},
              range_query("avg_over_time(reading_value[1d])", "1d"), one=False),
        Query("count of all", {}, ("/api/v1/query", {"query": "sum(count_over_time(reading_value[{all}s]))", "time": "{last}"}),
              one=False, call="_count"),
    ]


def agree(ours, theirs, where=""):
    """Whether two answers say the same, as far as both say it. Percentiles are estimates in both."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if "values" in ours:
            return all(abs(ours["values"][name] - value) <= 0.02 * abs(value) for name, value in theirs["values"].items())
        return all(agree(ours[name], theirs[name], name) for name in ours.keys() & theirs.keys() - {"doc_count_error_upper_bound"})
    if isinstance(ours, list) and isinstance(theirs, list):
        # Buckets of equal counts may come in another order.
        order = (lambda one: str(one.get("key"))) if ours and "key" in ours[0] else (lambda one: 0)
        return len(ours) == len(theirs) and all(agree(*pair, where) for pair in zip(sorted(ours, key=order), sorted(theirs, key=order)))
    if isinstance(ours, float) or isinstance(theirs, float):
        return ours is not None and theirs is not None and abs(ours - theirs) <= 1e-9 * max(abs(ours), abs(theirs), 1)
    return ours == theirs


def what_counts(answer):
    if "count" in answer:
        return {"count": answer["count"]}
    return {"aggregations": answer.get("aggregations"), "hits": [hit["_source"] for hit in answer["hits"]["hits"]]}


def check_opensearch(walks, opensearch, query):
    path, body = query.for_platform(walks)
    ours = what_counts(walks.platform.call("POST", path, json.loads(body), walks.platform.query))
    path, body = query.for_opensearch(walks)
    theirs = what_counts(opensearch.call("POST", path, body))
    if not agree(ours, theirs):
        sys.exit(f"bench: {query.name}: the answers differ:\n{json.dumps(ours)[:600]}\n{json.dumps(theirs)[:600]}")


def check_victoria(walks, victoria, query):
    """What it shows is cut otherwise at the edges of buckets, so only whether it finds all is compared."""
    answer = json.loads(victoria.get(query.for_victoria(walks)[0]))
    if "values" in answer:
        found, wanted = len(answer["values"]), query.body["size"]
    elif answer["data"]["resultType"] == "vector":
        found, wanted = int(answer["data"]["result"][0]["value"][1]), walks.total
    else:
        found, wanted = len(answer["data"]["result"]), (3 if "min" in query.victoria[1]["query"] else 1) if query.one else len(walks.sensors)
    if found != wanted:
        sys.exit(f"bench: {query.name}: VictoriaMetrics has {found} of {wanted}")


def measure(server, path, body, options, **more):
    port = server.query if isinstance(server, Platform) else server.port
    header = {"header": "Authorization: Bearer " + server.token} if isinstance(server, Platform) else {}
    found = load(port=port, kind="search", path=path, body=body, connections=1, requests=options.requests, seconds=options.seconds,
                 pid=server.pid, **header, **more)
    if found["refused"] or found["unanswered"] or not found["requests"]:
        sys.exit(f"bench: {server.NAME} refused {path} {body}")
    return found


def figures(rows):
    return f"p50 {median(rows, 'p50_ms'):.3f} ms, p99 {median(rows, 'p99_ms'):.3f} ms, {cpu_ms(rows):.3f} CPU ms"


def compare(walks, peers, options):
    """Prints a line for each query and server; requests of all servers take turns, round by round."""
    for query in queries(len(walks.sensors)):
        asked = {walks.platform: query.for_platform(walks)}
        for peer in peers:
            if isinstance(peer, OpenSearch):
                asked[peer] = query.for_opensearch(walks)
                check_opensearch(walks, peer, query)
            else:
                asked[peer] = query.for_victoria(walks)
                check_victoria(walks, peer, query)
        for server, question in asked.items():
            measure(server, *question, options)
        found = {server: [] for server in asked}
        for _ in range(options.rounds):
            for server, question in asked.items():
                found[server].append(measure(server, *question, options))
        ours = found.pop(walks.platform)
        tail = statistics.median(row["p99_ms"] / row["p50_ms"] for row in ours)
        print(f"{query.name}: {figures(ours)}; p99 is {tail:.1f} times p50 ({ours[0]['requests']} requests a round)")
        for peer, theirs in found.items():
            times = statistics.median(b["p50_ms"] / a["p50_ms"] for a, b in zip(ours, theirs))
            cpu = cpu_ms(theirs) / max(cpu_ms(ours), 0.001)
            print(f"  {peer.NAME}: {figures(theirs)}; we are {times:.1f} times as fast, by CPU time {cpu:.1f} times", flush=True)


def bench_queries(options):
    """--sensors with 10,000 points each, in all of them."""
    platform, peers = Platform(), []
    try:
        if victoria := victoria_or_none():
            peers.append(victoria)
        if options.opensearch:
            peers.append(OpenSearch())
        walks = Walks(platform, options.sensors, 10_000)
        for server in (platform, *peers):
            walks.into(server)
        compare(walks, peers, options)
    finally:
        for server in (platform, *peers):
            server.stop()


PARTS = {"queries": bench_queries}
