"""Requests about fields inside objects: those about a sensor of the field's type, with the field's name in place of `value`.

The sensor `station` (data.py) has for each of these fields values like those of the sensor that the request was made for.
"""

import re

# The sensor that a request is made for, and the field of `station` that it is then asked about.
FIELDS = {"temperature": ["value.temp", "value.place.depth"], "level": ["value.level", "value.levels"], "door": ["value.door"],
          "state": ["value.state.keyword", "value.states.keyword"], "message": ["value.message"], "serviced": ["value.serviced"]}
# Clauses whose members are names of fields.
NAMING = {"term", "terms", "match", "match_phrase", "range", "prefix", "wildcard", "geo_distance", "geo_bounding_box", "sort"}


def renamed(node, field, parent=None):
    """The body with `field` where `value` was."""
    if isinstance(node, dict):
        return {field if key == "value" and parent in NAMING else key: renamed(item, field, key) for key, item in node.items()}
    if isinstance(node, list):
        return [renamed(item, field, parent) for item in node]
    if node == "value":
        return field
    if isinstance(node, str) and parent in ("query", "fields"):
        return re.sub(r"\bvalue(?=[:^]|$)", field, node)
    return node
