"""What differs by decision, as docs/queries.md ("What differs from Elasticsearch") tells users, and is therefore not asked.

Each rule is (what, does it hold for this request and this difference). Differences are those of compare.py.
"""

import json


def _mentions(request, *words):
    text = json.dumps(request.body)
    return any(word in text for word in words)


RULES = []


def rule_for(request, differences):
    """The decision that explains the first difference, or None."""
    for name, holds in RULES:
        if holds(request, differences[0]):
            return name
    return None
