"""Readings as log and metric shippers write them on port 9000: the requests that each of them makes, as it makes them."""

import gzip
import json

import pytest
import zstandard

from support.api import Api, make_thing
from support.disk import FileSizeLimit
from support.http import Client
from support.program import Platform
from support.query import Queries
from support.wait import eventually

START_S = 1_526_717_967
NDJSON = "application/x-ndjson"


def lines(index, documents, action="index", **metadata):
    parts = []
    for document in documents:
        parts += [json.dumps({action: {"_index": index, **metadata}}), json.dumps(document)]
    return ("\n".join(parts) + "\n").encode()


def documents(begin, end):
    return [{"timestamp": START_S + number, "value": number} for number in range(begin, end)]


class Shipper:
    def __init__(self, platform, token):
        self.client = Client(platform.address("query"))
        self.token = token

    def call(self, method, target, body=None, content_type=NDJSON, headers=()):
        headers = [("Authorization", f"Bearer {self.token}"), *headers]
        if body is not None:
            headers.append(("Content-Type", content_type))
        return self.client.request(method, target, headers, body)

    def bulk(self, body, target="/_bulk", **options):
        return self.call("POST", target, body, **options)


@pytest.fixture
def thing(root):
    return make_thing(root, {"level": "double", "state": "keyword"}, "Plant")


@pytest.fixture
def shipper(platform, thing):
    return Shipper(platform, thing.token)


def values(platform, thing):
    return [document["value"] for document in Queries(platform, thing.consumer_token).all(thing.index("level"))]


def test_what_is_acknowledged_is_found_at_once(platform, thing, shipper):
    for begin in range(0, 500, 50):
        answer = shipper.bulk(lines(thing.index("level"), documents(begin, begin + 50))).json
        assert answer["errors"] is False and len(answer["items"]) == 50
        assert Queries(platform, thing.consumer_token).count(thing.index("level")) == begin + 50
    ids = {item["index"]["_id"] for item in answer["items"]}
    hits = Queries(platform, thing.consumer_token).search(thing.index("level"), {"size": 500})["hits"]["hits"]
    assert ids <= {hit["_id"] for hit in hits}


def test_a_filter_path_that_is_refused_stores_nothing(platform, thing, shipper):
    target = "/_bulk?filter_path=" + ",".join(["errors"] * 65)
    refused = shipper.bulk(lines(thing.index("level"), documents(0, 5)), target=target)
    assert refused.status == 400 and "[filter_path]" in refused.json["error"]["reason"]
    assert values(platform, thing) == []
    assert shipper.bulk(lines(thing.index("level"), documents(0, 5)), target=target[:-7]).json == {"errors": False}


def test_logstash(platform, thing, shipper):
    """output { elasticsearch { manage_template => false  ilm_enabled => false  data_stream => false } }"""
    assert shipper.call("HEAD", "/").status == 200
    root = shipper.call("GET", "/")
    assert root.json["tagline"] == "You Know, for Search" and root.header("X-Elastic-Product") == "Elasticsearch"
    assert shipper.call("GET", "/_license").json["license"]["status"] == "active"
    events = [{"@timestamp": "2018-05-19T08:19:27.000Z", "@version": "1", "host": {"name": "a"}, "value": "1.5", "tags": ["x"]},
              {"@timestamp": "2018-05-19T08:19:28.123456789Z", "@version": "1", "message": "no reading"}]
    answer = shipper.bulk(gzip.compress(lines(thing.index("level"), events, routing=None)), content_type="application/json",
                          target="/_bulk?filter_path=errors,items.*.error,items.*.status",
                          headers=[("Content-Encoding", "gzip")]).json
    assert answer["errors"] is True
    assert [item["index"]["status"] for item in answer["items"]] == [201, 400]
    assert answer["items"][1]["index"]["error"]["type"] == "document_parsing_exception"
    assert values(platform, thing) == [1.5]


def test_filebeat(platform, thing, shipper):
    """setup.template.enabled: false, setup.ilm.enabled: false"""
    assert shipper.call("GET", "/").json["version"]["number"].startswith("8.")
    assert shipper.call("GET", "/_license?human=false").json["license"]["type"] == "basic"
    event = {"@timestamp": "2018-05-19T08:19:27.000Z", "value": 4, "log": {"offset": 0, "file": {"path": "/var/log/plant"}},
             "input": {"type": "filestream"}, "agent": {"type": "filebeat", "version": "8.19.3"}, "ecs": {"version": "8.0.0"}}
    answer = shipper.bulk(lines(thing.index("level"), [event], "create"),
                          target="/_bulk?filter_path=errors%2Citems.%2A.error%2Citems.%2A.status")
    assert answer.json == {"errors": False, "items": [{"create": {"status": 201}}]}
    assert values(platform, thing) == [4]


def test_fluent_bit(platform, thing, shipper):
    """[OUTPUT] Name es, Index 3_4, Time_Key @timestamp; with and without Suppress_Type_Name, compressed or not."""
    record = {"@timestamp": "2018-05-19T08:19:27.000Z", "value": 1}
    target = "/_bulk/?filter_path=errors,items.*.error"
    assert shipper.bulk(lines(thing.index("level"), [record], "create", _type="_doc"), target=target).json == {"errors": False}
    record["value"] = 2
    packed = gzip.compress(lines(thing.index("level"), [record], "create"))
    assert shipper.bulk(packed, target=target, headers=[("Content-Encoding", "gzip")]).json == {"errors": False}
    assert values(platform, thing) == [1, 2]


def test_vector(platform, thing, shipper):
    """sinks.x.type = "elasticsearch", api_version = "v8", bulk.index = "3_4", compression = "zstd"."""
    assert shipper.call("GET", "/_cluster/health").status == 403, "healthcheck.enabled = false, or a user's token"
    event = {"timestamp": "2018-05-19T08:19:27Z", "value": 3.25, "source_type": "internal_metrics"}
    answer = shipper.bulk(zstandard.compress(lines(thing.index("level"), [event])), target="/_bulk?timeout=60s",
                          headers=[("Content-Encoding", "zstd")])
    assert answer.status == 200 and answer.json["errors"] is False
    assert values(platform, thing) == [3.25]


def test_owners_and_admins_ship_for_their_devices(platform, root, thing):
    owner = root.create_user("ships", "correct horse battery")
    signed_in = Api.signed_in(platform, "ships", "correct horse battery")
    own = make_thing(signed_in, {"level": "double"}, "Own")
    reader_name = "only reads"
    root.create_user(reader_name, "correct horse battery", "read-only")
    both = lines(own.index("level"), documents(0, 1)) + lines(thing.index("level"), documents(0, 1))

    def statuses(token):
        return [item["index"]["status"] for item in Shipper(platform, token).bulk(both).json["items"]]

    assert statuses(signed_in.token) == [201, 404], owner
    assert statuses(root.token) == [201, 201]
    assert statuses(own.token) == [201, 404]
    assert statuses(Api.signed_in(platform, reader_name, "correct horse battery").token) == [403, 403]
    assert statuses(own.consumer_token) == [403, 403]


def test_what_was_acknowledged_survives_the_plug(tmp_path):
    with Platform(tmp_path) as platform:
        thing = make_thing(Api.signed_in(platform), {"level": "double"})
        shipper = Shipper(platform, thing.token)
        assert shipper.bulk(lines(thing.index("level"), documents(0, 300))).json["errors"] is False
        assert shipper.call("POST", f"/{thing.index('level')}/_doc", b'{"timestamp":1,"value":-1}', "application/json").status == 201
        platform.kill()
        platform.start()
        assert values(platform, thing) == [-1, *range(300)]


def test_the_same_again_is_the_same_document(platform, thing, shipper):
    first = shipper.bulk(lines(thing.index("level"), documents(0, 10), "create")).json
    again = shipper.bulk(lines(thing.index("level"), documents(0, 10), "create")).json
    assert [item["create"]["_id"] for item in first["items"]] == [item["create"]["_id"] for item in again["items"]]
    assert again["errors"] is False
    assert values(platform, thing) == list(range(10))


def test_a_device_that_sends_too_much_is_told_429(tmp_path):
    with Platform(tmp_path, {"gateway.device_readings_per_s_max": "10"}) as platform:
        thing = make_thing(Api.signed_in(platform), {"level": "double"})
        shipper = Shipper(platform, thing.token)
        assert shipper.bulk(lines(thing.index("level"), documents(0, 60))).status == 200
        refused = shipper.bulk(lines(thing.index("level"), documents(60, 61)))
        assert refused.status == 429 and int(refused.header("Retry-After")) >= 1
        assert refused.json["error"]["type"] == "es_rejected_execution_exception"
        # The device's other ways count with it.
        gateway = Client(platform.address("http"))
        reading = json.dumps({"sensor_id": thing.sensors["level"], "value": 1}).encode()
        answer = gateway.request("POST", "/", [("Authorization", f"Bearer {thing.token}"), ("Content-Type", "application/json")], reading)
        assert answer.status == 429


def test_limits_of_a_request(tmp_path):
    settings = {"http.readings_max": "20", "http.body_bytes_max": "65536", "http.decompressed_bytes_max": "131072"}
    with Platform(tmp_path, settings) as platform:
        thing = make_thing(Api.signed_in(platform), {"level": "double"})
        shipper = Shipper(platform, thing.token)
        index = thing.index("level")
        assert shipper.bulk(lines(index, documents(0, 20))).status == 200
        assert shipper.bulk(lines(index, documents(0, 21))).status == 413
        assert shipper.bulk(b" " * 65_537).status == 413
        bomb = gzip.compress(lines(index, documents(0, 1)) + b"\n" * 200_000)
        assert shipper.bulk(bomb, headers=[("Content-Encoding", "gzip")]).status == 413
        assert values(platform, thing) == list(range(20))


def test_a_full_disk_is_told_429_and_nothing_acknowledged_is_lost(tmp_path):
    with Platform(tmp_path, prefix=FileSizeLimit.PREFIX) as platform:
        limit = FileSizeLimit(platform)
        thing = make_thing(Api.signed_in(platform), {"state": "keyword"})
        shipper = Shipper(platform, thing.token)
        index, stored = thing.index("state"), []

        def send(begin):
            batch = [{"timestamp": START_S + number, "value": f"{number:06}" + "x" * 900} for number in range(begin, begin + 50)]
            answer = shipper.bulk(lines(index, batch))
            if answer.status == 200:
                assert answer.json["errors"] is False
                stored.append(begin)
            return answer

        for begin in range(0, 250, 50):
            assert send(begin).status == 200
        limit.fill()
        refused = next(answer for answer in map(send, range(250, 100_000, 50)) if answer.status != 200)
        assert refused.status == 429 and int(refused.header("Retry-After")) >= 1, refused
        assert refused.json["error"]["type"] == "es_rejected_execution_exception"
        assert shipper.call("POST", f"/{index}/_doc", b'{"value":"x"}', "application/json").status == 429
        limit.make_room()
        again = eventually("readings are accepted again", lambda: (answer := send(200_000)).status == 200 and answer)
        assert again.json["items"][0]["index"]["status"] == 201
        platform.kill()
        platform.start()
        queries = Queries(platform, thing.consumer_token)
        for begin in stored:
            times = {"range": {"timestamp": {"gte": 1000 * (START_S + begin), "lt": 1000 * (START_S + begin + 50)}}}
            assert queries.count(index, times) == 50
