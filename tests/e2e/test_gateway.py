"""The HTTP gateway: what it takes, in each form that HTTP and the contract allow."""

import gzip
import json
import time

import pytest
import zstandard

from support.api import Api, make_thing
from support.http import Connection
from support.ingest import Gateway, message_request
from support.program import Platform
from support.query import Queries
from support.times import nanoseconds


@pytest.fixture(scope="module")
def thing(root):
    return make_thing(root, {"a": "double"})


@pytest.fixture
def fresh(root):
    """A thing that holds nothing yet."""
    return make_thing(root, {"a": "double", "b": "double"})


def stored(platform, thing, name="a"):
    return Queries(platform, thing.consumer_token).all(thing.index(name))


@pytest.mark.parametrize("timestamp, ns", [
    ("1526717967", 1_526_717_967_000_000_000), ("0", 0), ("99999999999", None), ("100000000000", 100_000_000_000_000_000),
    ("1526717967123", 1_526_717_967_123_000_000), ("1526717967123456", 1_526_717_967_123_456_000),
    ("1526717967123456789", 1_526_717_967_123_456_789), ("9223372036854775807", 9_223_372_036_854_775_807),
    ("1526717967.5", 1_526_717_967_500_000_000), ("1526717967.123456789", 1_526_717_967_123_456_789),
    ("1526717967123.25", 1_526_717_967_123_250_000), ("1.526717967e9", 1_526_717_967_000_000_000),
    ('"2018-05-19T08:19:27Z"', 1_526_717_967_000_000_000), ('"2018-05-19T10:19:27.123456789+02:00"', 1_526_717_967_123_456_789),
    ('"1970-01-01T00:00:00Z"', 0), ('"2262-04-11T23:47:16Z"', 9_223_372_036_000_000_000)])
def test_the_unit_of_a_time_is_seen_by_its_magnitude(platform, fresh, timestamp, ns):
    body = f'{{"sensor_id":"{fresh.sensors["a"]}","timestamp":{timestamp},"value":1}}'.encode()
    response = Gateway(platform, fresh.token).post(body)
    if ns is None:  # below 1e11: seconds, which lie after 2262
        assert response.status == 400
        return
    assert response.status == 200, response
    assert [nanoseconds(one["timestamp"]) for one in stored(platform, fresh)] == [ns]


def test_without_a_time_it_is_that_of_arrival(platform, fresh):
    before = time.time_ns()
    Gateway(platform, fresh.token).store({"sensor_id": fresh.sensors["a"], "value": 1})
    after = time.time_ns()
    assert before <= nanoseconds(stored(platform, fresh)[0]["timestamp"]) <= after


def test_a_sensor_may_be_named_by_a_number(platform, fresh):
    Gateway(platform, fresh.token).store({"sensor_id": int(fresh.sensors["a"]), "timestamp": 1, "value": 1})
    assert [one["sensor_id"] for one in stored(platform, fresh)] == [fresh.sensors["a"]]


@pytest.mark.parametrize("name, compress", [("gzip", gzip.compress), ("zstd", zstandard.compress), ("GZIP", gzip.compress),
                                            ("identity", lambda body: body)])
def test_bodies_may_be_compressed(platform, fresh, name, compress):
    message = [{"sensor_id": fresh.sensors["a"], "timestamp": n, "value": n} for n in range(1, 1_001)]
    response = Gateway(platform, fresh.token).post(compress(json.dumps(message).encode()), [("Content-Encoding", name)])
    assert response.status == 200 and response.json == {"accepted": 1_000}
    assert len(stored(platform, fresh)) == 1_000


@pytest.mark.parametrize("header", ["Content-Type: application/json; charset=utf-8", "content-type:application/json",
                                    "CONTENT-TYPE: Application/JSON"])
@pytest.mark.parametrize("authorization", ["Authorization: Bearer", "authorization: bearer", "AUTHORIZATION:  BEARER"])
def test_headers_in_any_case(platform, fresh, header, authorization):
    body = json.dumps({"sensor_id": fresh.sensors["a"], "timestamp": 1, "value": 1}).encode()
    with Connection(platform.address("http")) as connection:
        connection.send(f"POST / HTTP/1.1\r\nhost: h\r\n{header}\r\n{authorization} {fresh.token}\r\n"
                        f"content-length: {len(body)}\r\n\r\n".encode() + body)
        assert connection.receive().status == 200


def test_a_body_in_chunks_of_one_byte(platform, fresh):
    body = json.dumps({"sensor_id": fresh.sensors["a"], "timestamp": 1, "value": 1}).encode()
    with Connection(platform.address("http")) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer {fresh.token}\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n".encode())
        for byte in body:
            connection.send(b"1\r\n%c\r\n" % byte)
        connection.send(b"0\r\n\r\n")
        assert connection.receive().status == 200
    assert len(stored(platform, fresh)) == 1


def test_a_request_cut_at_every_byte(platform, fresh):
    address = platform.address("http")
    request = message_request(address, fresh.token, json.dumps({"sensor_id": fresh.sensors["a"], "timestamp": 1, "value": 1}).encode())
    with Connection(address) as connection:
        for cut in range(1, len(request)):
            connection.send(request[:cut])
            connection.send(request[cut:])
            assert connection.receive().status == 200
    assert len(stored(platform, fresh)) == 1


def test_pipelined_requests_are_answered_in_order(platform, fresh):
    address = platform.address("http")
    bodies = [json.dumps({"sensor_id": fresh.sensors["a"] if n % 3 else "987654321", "timestamp": n + 1, "value": n}).encode()
              for n in range(300)]
    with Connection(address) as connection:
        connection.send(b"".join(message_request(address, fresh.token, body) for body in bodies))
        assert [connection.receive().status for _ in bodies] == [200 if n % 3 else 400 for n in range(300)]
    assert len(stored(platform, fresh)) == 200


def test_a_connection_outlives_a_bad_request(platform, thing):
    address = platform.address("http")
    good = message_request(address, thing.token, json.dumps({"sensor_id": thing.sensors["a"], "timestamp": 1, "value": 1}).encode())
    bad = message_request(address, thing.token, b"{")
    with Connection(address) as connection:
        for request, status in ((good, 200), (bad, 400), (good, 200)):
            connection.send(request)
            assert connection.receive().status == status


def test_http_1_0_and_connection_close_end_the_connection(platform, thing):
    body = json.dumps({"sensor_id": thing.sensors["a"], "timestamp": 1, "value": 1}).encode()
    rest = (f"Content-Type: application/json\r\nAuthorization: Bearer {thing.token}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    for head in (b"POST / HTTP/1.0\r\n", b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"):
        with Connection(platform.address("http")) as connection:
            connection.send(head + rest)
            assert connection.receive().status == 200
            assert connection.at_end()


def test_a_good_request_after_100_continue(platform, thing):
    body = json.dumps({"sensor_id": thing.sensors["a"], "timestamp": 1, "value": 1}).encode()
    with Connection(platform.address("http")) as connection:
        connection.send((f"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
                         f"Authorization: Bearer {thing.token}\r\nContent-Length: {len(body)}\r\n\r\n").encode())
        assert connection.receive(interim=True).status == 100
        connection.send(body)
        assert connection.receive().status == 200


def test_sensors_of_one_device_may_be_mixed_in_a_message(platform, fresh):
    Gateway(platform, fresh.token).store([{"sensor_id": fresh.sensors[name], "timestamp": n, "value": n}
                                          for n in range(1, 101) for name in ("a", "b")])
    assert len(stored(platform, fresh, "a")) == len(stored(platform, fresh, "b")) == 100


def test_a_rate_limit_is_told_with_when_to_come_back(tmp_path):
    with Platform(tmp_path, {"gateway.device_messages_per_s_max": 5}) as limited:
        thing = make_thing(Api.signed_in(limited), {"a": "double"})
        gateway = Gateway(limited, thing.token)
        answers = [gateway.post({"sensor_id": thing.sensors["a"], "timestamp": n + 1, "value": n}) for n in range(200)]
        refused = [answer for answer in answers if answer.status != 200]
        assert answers[0].status == 200 and refused
        for answer in refused:
            assert answer.status == 429 and int(answer.header("Retry-After")) >= 1
        assert len(stored(limited, thing)) == len(answers) - len(refused)


@pytest.mark.parametrize("size, status", [(4_095, 400), (4_096, 400), (4_097, 413)])
def test_the_limit_of_a_body_at_below_and_above(tmp_path, size, status):
    with Platform(tmp_path, {"http.body_bytes_max": 4_096}) as limited:
        thing = make_thing(Api.signed_in(limited), {"a": "double"})
        assert Gateway(limited, thing.token).post(b"x" * size).status == status
