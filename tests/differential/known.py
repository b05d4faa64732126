"""What differs by decision, as docs/queries.md ("What differs from Elasticsearch") tells users, and is therefore left out.

Each rule is a reason and whether it holds for a request, what was expected of it and what came (both as compare.canonical() gives
them), and the differences of these.
"""

import json
import re
import struct

# Not a rule below, as finding it out takes more requests: run.has_both_faults().
BOTH_FAULTS = "of two faults another is told first, and each alone is told alike"


# How the failures of message, report and station are told, which have texts.
TEXTS = [[index, "illegal_argument_exception"] for index in ("1_11", "1_14", "1_17")]


def _text(answer):
    return json.dumps(answer)


def _is_of_filter(request, actual):
    """A text that is no number, among the clauses of an aggregation that filters."""
    is_value = actual["error"]["root"] == "number_format_exception" or "Can't parse boolean value" in actual["error"].get("reason", "")
    return is_value and any(f'"{name}": {{' in _text(request.body) for name in ("filter", "filters"))


def _as_float(number):
    """A float's digits: the fewest that name it among floats."""
    for digits in range(1, 10):
        text = f"{number:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", number):
            return float(text)
    return number


RULES = [
    ("refused by name", lambda request, expected, actual, differences: expected["status"] == 200 and "not supported" in actual.get("error", {}).get("reason", "")),
    ("an aggregation that cannot be joined is refused inside auto_date_histogram before other faults are looked for",
     lambda request, expected, actual, differences: expected["status"] == 400 and "is not supported inside [auto_date_histogram]" in actual.get("error", {}).get("reason", "")),
    ("a fault in OpenSearch, where Elasticsearch's distribution lacks it: Elasticsearch 8 takes serial_diff over buckets that are left out",
     lambda request, expected, actual, differences: re.fullmatch(
         r"Validation Failed: (\d+: parent histogram of serial_diff aggregation \[\w+\] must have min_doc_count of 0;)+", expected.get("error", {}).get("reason") or "")),
    ("a variance comes from distances to the mean, where squares lose their digits far from 0",
     lambda request, expected, actual, differences: ".extended_stats" in differences[0][0]
         and any(part in differences[0][0] for part in (".variance", ".std_deviation", ".sum_of_squares_as_string"))
         and ("timestamp" in _text(request.body) or {"extremes", "counter", "serviced"} & set(request.indices)
              or "value.serviced" in _text(request.body)
              # Of equal numbers it is 0.
              or (differences[0][2] == 0 and isinstance(differences[0][1], float) and 0 < differences[0][1] < 1e-4))),
    ("neither engine's distribution has it",
     lambda request, expected, actual, differences: "Unknown aggregation type" in _text(expected)),
    ("a reading that was sent twice has version 1", lambda request, expected, actual, differences: differences[0][0].endswith("._version")),
    ("what cannot be shown is refused also where no hit is there to be shown",
     lambda request, expected, actual, differences: expected["status"] == 200 and "Fielddata" in _text(actual)
         and not expected["answer"].get("hits", {}).get("hits")),
    ("of several indices another's fault is told",
     lambda request, expected, actual, differences: len(request.indices) > 1 and differences[0][0] == "error.root"
         and expected["error"]["type"] == "search_phase_execution_exception"),
    ("every clause is checked, also where others decide that nothing can match",
     lambda request, expected, actual, differences:
         expected["status"] == 200 and actual["status"] == 400
         and ("failed to create query" in _text(actual) or _is_of_filter(request, actual) or "Failed to parse query" in _text(actual) or "Can only use" in _text(actual) or "unsupported type" in _text(actual) or '"root": "parse_exception"' in _text(actual))),
    ("times that cannot be stored are held at the ends of what can",
     lambda request, expected, actual, differences: "nanosecond resolution" in _text(expected)),
    ("a fault in Elasticsearch: a range that ends at the first nanosecond", lambda request, expected, actual, differences: "nanoseconds are [" in _text(expected)),
    ("malformed requests are refused, also those that Elasticsearch happens to take",
     lambda request, expected, actual, differences: request.spoiled and actual["status"] == 400 and expected["status"] == 200),
    ("an index that cannot answer does not keep the others from aggregating",
     lambda request, expected, actual, differences: len(request.indices) > 1 and differences[0][0] in (".aggregations too many", ".failed length")),
    ("percentiles of several indices are exact, where the engines join sketches",
     lambda request, expected, actual, differences: len(request.indices) > 1 and ".percentiles." in differences[0][0]),
    ("of several indices, whole numbers among decimal ones are decimal, whether or not both have matches",
     lambda request, expected, actual, differences: len(request.indices) > 1 and isinstance(differences[0][1], (int, float)) and isinstance(differences[0][2], float)
         and float(differences[0][1]) == differences[0][2]),
    ("of several indices, a float that is sorted among doubles has a double's digits, whether or not both have matches",
     lambda request, expected, actual, differences: len(request.indices) > 1 and "hits.hits[]" in differences[0][0] and isinstance(differences[0][1], float)
         and isinstance(differences[0][2], float) and differences[0][1] == _as_float(differences[0][2])),
    ("a fault in the engines: over indices of several types they fail with 500",
     lambda request, expected, actual, differences: len(request.indices) > 1 and expected["status"] == 500),
    ("a fault in the engines: what is refused they fail over with 500",
     lambda request, expected, actual, differences: expected["status"] == 500 and actual["status"] == 400),
    ("of several indices, a decimal number in include or exclude stands for no whole number",
     lambda request, expected, actual, differences: len(request.indices) > 1 and differences[0][0].startswith(".aggregations.terms.")
         and re.search(r'"(in|ex)clude": \["?-?\d+\.\d', _text(request.body))),
    ("a fault in OpenSearch, where Elasticsearch's distribution lacks it: buckets of auto_date_histogram are joined when those in them are chosen",
     lambda request, expected, actual, differences: ('"terms"' in _text(request.body) or "min_doc_count" in _text(request.body)) and all(
         re.search(r"\.auto_date_histogram\..*\.(terms|histogram|date_histogram)\.(sum_other_doc_count|buckets)", path)
         for path, _, _ in differences)),
    ("a fault in OpenSearch, where Elasticsearch's distribution lacks it: a field that is named twice shows its values twice",
     lambda request, expected, actual, differences: re.fullmatch(r"\.hits\.hits\[\]\[\]\[\]\.fields\.\w+ length", differences[0][0])
         and differences[0][1] == 2 * differences[0][2] and ".hits" in differences[-1][0]),
    ("a fault in Elasticsearch: the hits of top_hits show the fields that the search asks for",
     lambda request, expected, actual, differences: "fields" in request.body
         and all(re.search(r"top_hits(_\d+)?\.hits\.hits\[\]\.fields missing$", path) for path, _, _ in differences)),
    ("a fault in the engines: below missing of a field that no document has, all buckets share what is counted",
     lambda request, expected, actual, differences: '"missing": {"field": "nowhere"}' in _text(request.body)
         and all(re.search(r"buckets\[\](\[\])?\..*missing\.", path) for path, _, _ in differences)),
    ("a fault in Elasticsearch: of several indices those fail where a range ends at the first nanosecond",
     lambda request, expected, actual, differences: len(request.indices) > 1 and "date_histogram" in _text(request.body)
         and re.search(r'"range": {"timestamp": {[^}]*"(lte?|to)"', _text(request.body))
         and any(one not in actual.get("answer", {}).get("failed", []) and one[1] == "illegal_argument_exception"
                 for one in expected.get("answer", {}).get("failed", []))),
    ("a missing that the field cannot have is told behind that the aggregation does not take the field",
     lambda request, expected, actual, differences: "position" in request.indices and '"missing"' in _text(request.body)
         and expected.get("error", {}).get("root") == "parse_exception"
         and "of type [geo_point] is not supported for aggregation" in actual.get("error", {}).get("reason", "")),
    ("a fault in Elasticsearch: the last nanosecond is shown as null",
     lambda request, expected, actual, differences: all(
         theirs is None and ours == "2262-04-11T23:47:16.854775807Z" for _, theirs, ours in differences)),
    ("an index whose fields cannot be shown fails, whether or not a hit of it is shown",
     lambda request, expected, actual, differences: len(request.indices) > 1 and "docvalue_fields" in request.body
         and any(one in actual.get("answer", {}).get("failed", []) for one in TEXTS)),
    ("an index that cannot be sorted fails, whether or not anything of it matches",
     lambda request, expected, actual, differences: len(request.indices) > 1 and expected["status"] == 200
         and re.match("No mapping found for|can't sort on geo_point", actual.get("error", {}).get("reason") or "")),
    ("of several indices, the kinds of all decide whether they can be told in one list",
     lambda request, expected, actual, differences: len(request.indices) > 1 and actual.get("error", {}).get("root") is None and actual["status"] == 400),
    ("of malformed requests the type of the error may be another",
     lambda request, expected, actual, differences: request.spoiled and expected["status"] == 400 and actual["status"] == 400),
    ("searches in several indices of which none can match count their hits even where this was switched off",
     lambda request, expected, actual, differences: len(request.indices) > 1 and differences[0][0] == ".hits.total missing"),
    ("which index comes first by _doc is each engine's own",
     lambda request, expected, actual, differences: len(request.indices) > 1 and "_doc" in _text(request.body.get("sort"))),
    ("of several indices and of several faults in one another is told",
     lambda request, expected, actual, differences: len(request.indices) > 1 and differences[0][0] == ".failed[][]"
         and "query" in request.body and bool({"aggs", "sort"} & set(request.body))
         and [index for index, _ in expected["answer"]["failed"]] == [index for index, _ in actual["answer"]["failed"]]),
    ("ranks among few numbers are Elasticsearch's; inside auto_date_histogram only OpenSearch can be asked, whose digest counts otherwise",
     lambda request, expected, actual, differences: all(
         re.search(r"auto_date_histogram.*\.(percentile_ranks|percentiles|median_absolute_deviation|boxplot)\.", path) for path, _, _ in differences)),
    ("auto_date_histogram below another one may choose a longer interval",
     lambda request, expected, actual, differences: re.search(r"auto_date_histogram.*auto_date_histogram\.(interval$|buckets)", differences[0][0])),
    ("a histogram over several mappings shows numbers",
     lambda request, expected, actual, differences: len(request.indices) > 1 and differences[0][0] == ".aggregations.histogram.buckets[][]"),
    ("of several faults another is named first",
     lambda request, expected, actual, differences: request.spoiled and expected["status"] == 400 and actual["status"] == 400
         and expected["error"]["type"] == actual["error"]["type"] == "search_phase_execution_exception"),
    ("infinite keys of a histogram are null",
     lambda request, expected, actual, differences: "Infinity" in _text(differences[0][1]) and "histogram" in differences[0][0]),
    ("of several mappings the common look is shown",
     lambda request, expected, actual, differences: len(request.indices) > 1 and ("_as_string" in differences[0][0]
         # Of a keyed range it is the key.
         or differences[0][0].endswith(".range.buckets[][]") and any("_as_string" in path for path, _, _ in differences))),
]


def rule_for(request, expected, actual, differences):
    """The decision that explains the first difference, or None."""
    for reason, holds in RULES:
        if holds(request, expected, actual, differences):
            return reason
    return None
