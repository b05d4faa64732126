"""Readings as rows: CSV, JSON lines and Arrow, with the programs that read them."""

import csv
import io
import json
import pathlib
import re
import subprocess
import time

import pytest

from support import venv
from support.api import Api, make_thing
from support.http import Connection, ConnectionEnded
from support.ingest import Gateway
from support.program import ROOT, Platform
from support.times import iso

ARROW = "application/vnd.apache.arrow.stream"
START = 1_526_717_967_000_000_000
SECOND = 1_000_000_000
VALUES = {
    "double": [0.1, -0.0, 1e308, 5e-324, 21.0, 123456789.123456789], "float": [0.5, -1.25, 0.10000000149011612, 3.4028234663852886e38],
    "long": [9007199254740993, -9223372036854775808, 9223372036854775807, 0], "integer": [2147483647, -2147483648, 5],
    "short": [32767, -32768, 0], "byte": [127, -128, 0], "boolean": [True, False, False, True, True, True, False, True, True],
    "keyword": ["7", "", "a,b", 'say "hi"', "two\r\nlines", "äöü € 𝄞"], "text": ["The quick brown fox", "x" * 20_000, ""],
    "date": ["2018-05-19T08:19:27.123Z", "1970-01-01T00:00:00Z", "2200-01-01T00:00:00.123456789Z"],
    "geo_point": [{"lat": 47.5, "lon": 8.25}, {"lat": -90, "lon": 180}, {"lat": 0.1, "lon": -71.34}],
    "object": [{"a": {"b": [1, 2.5, "x", None, True]}, "c": ""}, {}],
}


@pytest.fixture(scope="module")
def thing(platform, root):
    thing = make_thing(root, {mapping: mapping for mapping in VALUES})
    for mapping, values in VALUES.items():
        root.ok("PATCH", f"/api/devices/{thing.device}/sensors/{thing.sensors[mapping]}", {"unit": f"{mapping}s per °"})
        Gateway(platform, thing.token).store([{"sensor_id": thing.sensors[mapping], "timestamp": iso(START + n * SECOND + n),
                                               "value": value} for n, value in enumerate(values)])
    return thing


def url(platform, listener, path):
    host, port = platform.address(listener)
    return f"http://{host}:{port}{path}"


def rows_of(mapping):
    return [[START + n * SECOND + n, value] for n, value in enumerate(VALUES[mapping])]


def ask(platform, token, path, accept, listener="core", method="GET", body=None):
    headers = [("Authorization", f"Bearer {token}"), ("Accept", accept)]
    if body is not None:
        headers.append(("Content-Type", "application/json"))
        body = json.dumps(body).encode()
    with Connection(platform.address(listener)) as connection:
        return connection.request(method, path, headers, body)


def readings_path(thing, mapping, parameters=""):
    return f"/api/devices/{thing.device}/sensors/{thing.sensors[mapping]}/readings{parameters}"


def test_every_mapping_in_every_form_is_what_was_sent(platform, root, thing, tmp_path):
    cases = []
    for mapping in VALUES:
        forwards, backwards = rows_of(mapping), rows_of(mapping)[::-1]
        half = f"from={iso(START + SECOND)}&to={iso(START + 3 * SECOND)}"
        common = {"mapping": mapping, "unit": f"{mapping}s per °", "device": thing.device, "sensor": thing.sensors[mapping]}
        proxy = f"/api/consumers/consume/{thing.sensors[mapping]}"
        for listener, token, path, rows in [
                ("core", root.token, readings_path(thing, mapping), forwards),
                ("core", root.token, readings_path(thing, mapping, "?order=desc"), backwards),
                ("core", root.token, readings_path(thing, mapping, f"?{half}"),
                 [row for row in forwards if START + SECOND <= row[0] < START + 3 * SECOND]),
                ("core", root.token, readings_path(thing, mapping, "?to=1971-01-01T00:00:00Z"), []),
                ("core", root.token, readings_path(thing, mapping, "?limit=1&order=desc"), backwards[:1]),
                ("core", thing.consumer_token, proxy, forwards),
                ("core", thing.consumer_token, f"{proxy}/_search?sort=timestamp:desc", backwards),
                ("query", thing.consumer_token, f"/{thing.index(mapping)}/_search", forwards),
                ("query", thing.consumer_token, f"/{thing.index(mapping)}/_search?sort=timestamp:desc&size=2", backwards[:2])]:
            cases.append({**common, "url": url(platform, listener, path), "token": token, "rows": rows})
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases))
    done = subprocess.run([venv.python(), ROOT / "tests/e2e/rows_client.py", "compare", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mapping", VALUES)
def test_json_lines_are_the_documents(platform, root, thing, mapping):
    answer = ask(platform, root.token, readings_path(thing, mapping), "*/*")
    assert answer.header("Content-Type") == "application/x-ndjson"
    sources = [json.loads(line) for line in answer.text.splitlines()]
    search = ask(platform, thing.consumer_token, f"/{thing.index(mapping)}/_search?sort=timestamp", "application/json", "query").json
    assert sources == [hit["_source"] for hit in search["hits"]["hits"]]


def test_csv_is_what_rfc_4180_says(platform, root, thing):
    text = ask(platform, root.token, readings_path(thing, "keyword"), "text/csv").body.decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert rows[0] == ["timestamp", "device_id", "sensor_id", "value"]
    assert [row[3] for row in rows[1:]] == VALUES["keyword"]
    epoch = ask(platform, root.token, readings_path(thing, "long", "?timestamp=epoch_ns"), "text/csv").text
    assert epoch.split("\r\n")[1].split(",")[0] == str(START)


def test_a_body_says_which_rows_and_columns(platform, thing):
    body = {"query": {"bool": {"filter": [{"range": {"value": {"gt": 0}}}]}}, "sort": [{"timestamp": "desc"}], "_source": ["value"]}
    for listener, path in [("core", f"/api/consumers/consume/{thing.sensors['integer']}/_search"),
                           ("query", f"/{thing.index('integer')}/_search")]:
        answer = ask(platform, thing.consumer_token, path, "text/csv", listener, "POST", body)
        assert (answer.status, answer.text) == (200, "value\r\n5\r\n2147483647\r\n")
        assert answer.header("X-Elastic-Product") == "Elasticsearch" and answer.header("Vary") == "Accept"
        refused = ask(platform, thing.consumer_token, path, "text/csv", listener, "POST", {"aggs": {"a": {"max": {"field": "value"}}}})
        assert refused.status == 400 and "[aggs]" in refused.json["error"]["reason"]
    assert ask(platform, thing.consumer_token, f"/{thing.index('integer')}/_search", "text/csv, application/json", "query").json["hits"]


def test_several_indices_come_one_after_the_other(platform, thing):
    indices = f"/{thing.index('byte')},{thing.index('integer')},{thing.index('keyword')}/_search"
    rows = ask(platform, thing.consumer_token, indices, "text/csv", "query").text.split("\r\n")[1:-1]
    assert [row.split(",")[2] for row in rows[:6]] == sorted([thing.sensors["integer"], thing.sensors["byte"]] * 3, key=int)
    refused = ask(platform, thing.consumer_token, indices, ARROW, "query")
    assert refused.status == 400 and "[value] is of type" in refused.json["error"]["reason"]


def test_curl_writes_a_file(platform, root, thing, tmp_path):
    file = tmp_path / "rows.csv"
    subprocess.run(["curl", "--silent", "--fail", "-o", file, "-H", f"Authorization: Bearer {root.token}", "-H", "Accept: text/csv",
                    url(platform, "core", readings_path(thing, "double"))], check=True)
    assert len(file.read_bytes().split(b"\r\n")) == len(VALUES["double"]) + 2


# Many readings


MANY = 1_000_000


def memory_kib(platform, what="VmRSS"):
    status = pathlib.Path(f"/proc/{platform.process.pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+) kB", status).group(1))


def metric(platform, name):
    with Connection(platform.address("core")) as connection:
        found = re.search(rf"^{name} (\d+)", connection.request("GET", "/metrics").text, re.MULTILINE)
    return int(found.group(1)) if found else 0


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A platform with a million readings of one sensor a second apart, and room for four answers of rows."""
    with Platform(tmp_path_factory.mktemp("many"), {"query.exports_max": "4", "query.export_s": "600"}) as platform:
        api = Api.signed_in(platform)
        thing = make_thing(api, {"number": "double"})
        gateway = Gateway(platform, thing.token)
        sensor = thing.sensors["number"]
        for begin in range(0, MANY, 10_000):
            gateway.store(("[" + ",".join(f'{{"sensor_id":"{sensor}","timestamp":{1_500_000_000 + n},"value":{n % 1000 / 4}}}'
                                          for n in range(begin, begin + 10_000)) + "]").encode())
        yield platform, api, thing


@pytest.mark.slow
def test_a_million_readings_in_every_form(many):
    platform, api, thing = many
    before = memory_kib(platform, "VmHWM")
    done = subprocess.run([venv.python(), ROOT / "tests/e2e/rows_client.py", "measure",
                           url(platform, "core", readings_path(thing, "number")), api.token], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name, found in json.loads(done.stdout).items():
        assert found["rows"] == MANY and found["sum"] == sum(n % 1000 / 4 for n in range(MANY)), name
    # An answer has 12 to 40 MB.
    assert memory_kib(platform, "VmHWM") - before < 16_384


@pytest.mark.slow
def test_both_directions_have_the_same_million(many):
    platform, api, thing = many
    forwards = ask(platform, api.token, readings_path(thing, "number", "?timestamp=epoch_ns"), "text/csv").body.split(b"\r\n")
    backwards = ask(platform, api.token, readings_path(thing, "number", "?timestamp=epoch_ns&order=desc"), "text/csv").body.split(b"\r\n")
    assert len(forwards) == MANY + 2
    assert forwards[1:-1] == backwards[-2:0:-1]


def begin(platform, api, thing, accept="text/csv"):
    """A connection whose answer has begun and is not read any further."""
    connection = Connection(platform.address("core"))
    connection.send(f"GET {readings_path(thing, 'number')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n"
                    f"Accept: {accept}\r\n\r\n".encode())
    while b"\r\n" not in connection.buffer:
        connection.buffer += connection._more()
    assert connection.buffer.startswith(b"HTTP/1.1 200 ")
    return connection


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_slow_readers_hold_little_and_nobody_up(many):
    platform, api, thing = many
    before = memory_kib(platform)
    slow = [begin(platform, api, thing) for _ in range(4)]
    refused = ask(platform, api.token, readings_path(thing, "number"), "text/csv")
    assert refused.status == 429 and refused.header("Retry-After")
    assert ask(platform, thing.consumer_token, f"/api/consumers/consume/{thing.sensors['number']}", "application/json").status == 200
    time.sleep(1)
    # A piece and a decoded block each; the kernel's buffers are not ours.
    assert memory_kib(platform) - before < 4 * 4096
    for connection in slow:
        answer = connection.receive()
        assert answer.status == 200 and answer.body.count(b"\n") == MANY + 1
        connection.close()


@pytest.mark.slow
def test_who_hangs_up_makes_room(many):
    platform, api, thing = many
    for _ in range(3):
        for connection in [begin(platform, api, thing, accept) for accept in ("text/csv", ARROW, "*/*", ARROW)]:
            connection.close()
        eventually(lambda: ask(platform, api.token, readings_path(thing, "number", "?limit=1"), "text/csv").status == 200)
    with begin(platform, api, thing):
        pass


@pytest.mark.slow
def test_curl_notices_an_answer_that_is_cut_off(tmp_path):
    with Platform(tmp_path, {"query.export_s": "2"}) as platform:
        api = Api.signed_in(platform)
        thing = make_thing(api, {"number": "text"})
        gateway = Gateway(platform, thing.token)
        for batch in range(20):
            gateway.store([{"sensor_id": thing.sensors["number"], "timestamp": 1_500_000_000 + batch * 1000 + n, "value": "x" * 1000}
                           for n in range(1000)])
        done = subprocess.run(["curl", "--silent", "--fail", "--limit-rate", "2M", "-o", tmp_path / "rows.csv", "-H",
                               f"Authorization: Bearer {api.token}", "-H", "Accept: text/csv",
                               url(platform, "core", readings_path(thing, "number"))])
        assert done.returncode == 18, "CURLE_PARTIAL_FILE"
        assert metric(platform, "iotplatform_api_exports_broken_total") >= 1
        # A client that stands still is told as well, by the end of the connection.
        connection = begin(platform, api, thing)
        time.sleep(3)
        with pytest.raises(ConnectionEnded):
            while True:
                connection._exactly(1 << 16)
