"""Requests without what Elasticsearch's distribution on Maven Central lacks (some aggregations, the scripting language), or OpenSearch."""

import json
import re

# What OpenSearch says to a format in a sort.
SORT_FORMAT = "[field_sort] unknown field [format]"
# Lacked ones that change the buckets around them.
CHOOSING = {"bucket_sort", "bucket_selector"}
ROUNDS_MAX = 20


def is_lacked(body, answer):
    """Whether Elasticsearch's answer only says that it lacks something."""
    return answer["status"] == 400 and ("nknown" in answer["error"]["reason"] or '"script"' in json.dumps(body))


def without_lacked(body, ask):
    """(the body without what is lacked, Elasticsearch's answer to it, the types of aggregations that were taken out)."""
    removed, whole = set(), json.dumps(body)
    for _ in range(ROUNDS_MAX):
        answer = ask(body)
        if not is_lacked(body, answer):
            break
        named = re.match(r"Unknown aggregation type \[(\w+)\]", answer["error"]["reason"])
        removed |= {named[1]} if named else {"bucket_script", "bucket_selector", "moving_fn"}
        body = _without_types(body, removed)
    return body, answer, {one for one in removed if f'"{one}"' in whole}


def _without_types(node, types):
    if isinstance(node, list):
        return [_without_types(item, types) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: {key: _without_types(one, types) for key, one in value.items() if not (isinstance(one, dict) and types & set(one))}
            if name == "aggs" and isinstance(value, dict) else _without_types(value, types)
            for name, value in node.items()}


def without_sort_formats(body):
    def plain(key):
        return {field: {name: value for name, value in options.items() if name != "format"} if isinstance(options, dict) else options
                for field, options in key.items()} if isinstance(key, dict) else key
    sort = body["sort"]
    return {**body, "sort": [plain(key) for key in sort] if isinstance(sort, list) else plain(sort)}


def within(removed, found):
    """Those of the differences that are inside what Elasticsearch lacks."""
    if removed & CHOOSING:
        return found
    return [one for one in found if removed & set(re.split(r"[.\[\] ]+", one[0]))]
