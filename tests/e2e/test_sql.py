"""SQL on the query port, as curl asks it."""

import csv
import io
import json

import pytest

from support.api import make_thing
from support.ingest import Gateway
from support.query import Queries

START = 1_526_717_967
COUNT = 1_000


@pytest.fixture(scope="module")
def thing(platform, root):
    thing = make_thing(root, {"number": "double"})
    Gateway(platform, thing.token).store(
        [{"sensor_id": thing.sensors["number"], "timestamp": START + 600 * n, "value": n % 10 + 0.5} for n in range(COUNT)])
    return thing


@pytest.fixture
def queries(platform, thing):
    return Queries(platform, thing.consumer_token, "query")


def ask(queries, body, path="/_sql", headers=()):
    return queries.call("POST", path, body, headers)


def test_rows_come_page_after_page_each_once(queries, thing):
    page = ask(queries, {"query": f'SELECT timestamp, value FROM "{thing.index("number")}" ORDER BY timestamp',
                         "fetch_size": 300}).json
    assert page["columns"] == [{"name": "timestamp", "type": "datetime"}, {"name": "value", "type": "double"}]
    rows = page["rows"]
    while "cursor" in page:
        page = ask(queries, {"cursor": page["cursor"]}).json
        rows += page["rows"]
    assert [value for _, value in rows] == [n % 10 + 0.5 for n in range(COUNT)]
    assert len({time for time, _ in rows}) == COUNT


def test_groups_are_those_of_a_plain_loop(queries, thing):
    answer = ask(queries, {"query": f'SELECT value, COUNT(*) AS n, SUM(value) FROM "{thing.index("number")}" '
                                    "WHERE value > ? GROUP BY value HAVING COUNT(*) > 1 ORDER BY value DESC", "params": [7]})
    assert answer.json["rows"] == [[9.5, 100, 950.0], [8.5, 100, 850.0], [7.5, 100, 750.0]]


@pytest.mark.parametrize("path, headers", [("/_sql?format=csv", ()), ("/_sql", (("Accept", "text/csv"),))])
def test_csv_by_parameter_and_by_accept(queries, thing, path, headers):
    answer = ask(queries, {"query": f"SELECT value FROM {thing.index('number')} ORDER BY timestamp"}, path, headers)
    assert answer.status == 200
    rows = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert rows[0] == ["value"] and [float(value) for (value,) in rows[1:]] == [n % 10 + 0.5 for n in range(COUNT)]


def test_txt_is_a_table(queries, thing):
    answer = ask(queries, {"query": f"SELECT MAX(value) AS m FROM {thing.index('number')}"}, "/_sql?format=txt")
    assert answer.body.decode().splitlines() == ["       m       ", "-" * 15, "9.5            "]


def test_what_is_unknown_is_named_with_its_place(queries, thing):
    answer = ask(queries, {"query": f"SELECT nosuch FROM {thing.index('number')}"})
    assert answer.status == 400
    assert answer.json["error"]["type"] == "verification_exception"
    assert "line 1:8: Unknown column [nosuch]" in answer.json["error"]["reason"]


def test_the_translation_is_a_search(queries, thing):
    body = ask(queries, {"query": f"SELECT COUNT(value) FROM {thing.index('number')} WHERE value < 1"}, "/_sql/translate").json
    assert json.dumps(body["query"]) == '{"range": {"value": {"lt": 1}}}'
    assert queries.search(thing.index("number"), body)["aggregations"]["_count"]["value"] == 100


def test_a_cursor_is_closed(queries, thing):
    cursor = ask(queries, {"query": f"SELECT value FROM {thing.index('number')}", "fetch_size": 10}).json["cursor"]
    assert ask(queries, {"cursor": cursor}, "/_sql/close").json == {"succeeded": True}
    assert ask(queries, {"cursor": cursor}).status == 404
