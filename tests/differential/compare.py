"""What of two answers must be the same, and what may differ.

canonical() drops what says nothing about correctness, so that what is left can be stored; differences() compares two of those.
"""

import json
import math
import re

# Nine digits of a sum or a mean must agree; the rest depends on the order of additions.
RELATIVE_ERROR = 1e-9
# What sketches may be off: of percentiles as a part of the field's spread, of cardinalities as a part of the count.
SKETCH_ERROR = 0.03
# doc_count_error_upper_bound: the platform's counts are exact.
DROPPED = {"took", "_score", "max_score", "terminated_early", "num_reduce_phases", "profile", "doc_count_error_upper_bound"}
# More of one answer are not looked for.
DIFFERENCES_MAX = 2_000
SKETCHES = ("percentiles", "percentile_ranks", "median_absolute_deviation", "boxplot")


def canonical(status, answer, body):
    """An answer without what may differ. `body` is the request."""
    if status >= 400 or "error" in (answer or {}):
        return {"status": status, "error": _error(answer)}
    kept = _without(answer)
    shards = kept.pop("_shards", None)
    if shards:
        kept["failed"] = sorted((failure["index"], failure["reason"]["type"]) for failure in shards.get("failures", []))
        kept["failed"] = [list(one) for one in kept["failed"]]
    # `filter_path` takes parts away.
    if "hits" in kept.get("hits", {}):
        kept["hits"]["hits"] = _hits(kept["hits"]["hits"], body)
    if "aggregations" in kept:
        kept["aggregations"] = {name: _aggregation(one) for name, one in kept["aggregations"].items()}
    return {"status": status, "answer": kept}


def _without(node):
    if isinstance(node, dict):
        return {name: _without(value) for name, value in node.items() if name not in DROPPED and not (name == "meta" and value == {})}
    if isinstance(node, list):
        return [_without(item) for item in node]
    return node


def _aggregation(node):
    """The order of keyed buckets counts: it is kept as a list."""
    if isinstance(node, dict):
        made = {name: _aggregation(value) for name, value in node.items()}
        if isinstance(node.get("buckets"), dict):
            made["buckets"] = [[name, bucket] for name, bucket in made["buckets"].items()]
        return made
    if isinstance(node, list):
        return [_aggregation(item) for item in node]
    return node


def _error(answer):
    error = answer.get("error", {}) if isinstance(answer, dict) else {}
    if not isinstance(error, dict):
        return {"type": str(error)}
    roots = error.get("root_cause") or [{}]
    return {"type": error.get("type"), "root": roots[0].get("type"), "reason": reason_of(roots[0].get("reason"))}


def reason_of(text):
    """A reason without what is different at each run."""
    return re.sub(r"\[node[^\]]*\]|@[0-9a-f]{6,8}\b", "", text or "")


def _sort_names(body):
    sort = body.get("sort", []) if isinstance(body, dict) else []
    names = []
    for key in sort if isinstance(sort, list) else [sort]:
        names += [key.split(":")[0]] if isinstance(key, str) else list(key) if isinstance(key, dict) else []
    return names


def _hits(hits, body):
    """Hits as groups of equal sort values: [[sort values, [hits in order of their id]]]. Where nothing says which of equals come
    first, and not all are there, only how many there are. Documents of one index have their places in every engine."""
    names = _sort_names(body)
    groups = []
    placed = "_doc" in names and len({hit.get("_index") for hit in hits}) <= 1
    for rank, hit in enumerate(hits):
        # The rank of a document is an engine's own, a score too.
        key = [value for name, value in zip(names, hit.pop("sort", []), strict=False) if name not in ("_doc", "_score")]
        if placed:
            key.append(rank)
        if groups and json.dumps(groups[-1][0]) == json.dumps(key):
            groups[-1][1].append(hit)
        else:
            groups.append([key, [hit]])
    for group in groups:
        group[1].sort(key=lambda hit: hit.get("_id") or json.dumps(hit, sort_keys=True))
    size = body.get("size", 10) if isinstance(body, dict) else 10
    begun_before = bool(body.get("from") or body.get("search_after")) if isinstance(body, dict) else False
    cut = isinstance(size, int) and len(hits) >= size
    for at, group in enumerate(groups):
        if placed:
            continue
        if (at == 0 and begun_before) or (at == len(groups) - 1 and cut):
            group[1] = len(group[1])
    return groups


class Comparison:
    """`spread`: the largest difference of two values in the indices of the request."""

    def __init__(self, spread=0.0, with_reason=False):
        self.spread = spread
        self.with_reason = with_reason
        self.found = []

    def differences(self, expected, actual):
        """[(path, expected, actual)]; paths name aggregations by what comes before "_" in their name, as the generator names them."""
        if expected["status"] != actual["status"]:
            return [("status", [expected["status"], expected.get("error")], [actual["status"], actual.get("error")])]
        if "error" in expected:
            for name in ("type", "root", *(["reason"] if self.with_reason else [])):
                if expected["error"].get(name) != actual["error"].get(name):
                    return [(f"error.{name}", expected["error"].get(name), actual["error"].get(name))]
            return []
        self._node("", expected["answer"], actual["answer"], None)
        return self.found

    def _node(self, path, a, b, kind):
        if len(self.found) >= DIFFERENCES_MAX:
            return
        if isinstance(a, dict) and isinstance(b, dict):
            for name in sorted(set(a) ^ set(b)):
                self.found.append((f"{path}.{_kind(name)}" + (" missing" if name in a else " too many"), a.get(name), b.get(name)))
            for name in a:
                if name in b:
                    self._node(f"{path}.{_kind(name)}", a[name], b[name], _kind(name) if _is_name(name) else kind)
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                self.found.append((f"{path} length", len(a), len(b)))
                return
            for one, other in zip(a, b, strict=True):
                self._node(f"{path}[]", one, other, kind)
        elif not self._same(a, b, kind):
            self.found.append((path, a, b))

    def _same(self, a, b, kind):
        if isinstance(a, bool) or isinstance(b, bool) or type(a) is not type(b):
            return a is b
        if not isinstance(a, (int, float)):
            return a == b
        if a == b:
            return True
        if kind == "cardinality":
            return abs(a - b) <= max(1, SKETCH_ERROR * max(a, b))
        if isinstance(a, int):
            return False
        # Engines keep places to about a centimetre.
        if kind in ("geo_bounds", "geo_centroid"):
            return abs(a - b) <= 1e-6
        if kind in SKETCHES and abs(a - b) <= SKETCH_ERROR * (100 if kind == "percentile_ranks" else self.spread):
            return True
        # A sum of large numbers that cancel out is as exact as those.
        return math.isclose(a, b, rel_tol=RELATIVE_ERROR, abs_tol=self.spread * 1e-12)


def _is_name(name):
    return re.fullmatch(r"[a-z_]+_\d+", name) is not None


def _kind(name):
    """Aggregations are named "<type>_<number>"."""
    return re.sub(r"_\d+$", "", name) if _is_name(name) else name
