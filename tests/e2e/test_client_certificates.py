"""Devices that are known by a client certificate instead of by a token."""

import hashlib
import json

import pytest

from support.api import make_thing
from support.certificates import Certificate
from support.http import Connection, render
from support.program import Platform
from support.query import Queries
from support.websocket import TEXT, Refused, WebSocket, frame


@pytest.fixture(scope="module")
def server_certificate(tmp_path_factory):
    return Certificate.make(tmp_path_factory.mktemp("certificate"), "server")


@pytest.fixture(scope="module")
def platform(tmp_path_factory, server_certificate):
    running = Platform(tmp_path_factory.mktemp("platform"), {"websocket.ports": "0", **server_certificate.settings("http,websocket")})
    running.start()
    yield running
    if running.process is not None:
        assert running.stop() == 0


@pytest.fixture
def device(tmp_path):
    return Certificate.make(tmp_path, "device")


def showing(server_certificate, device):
    context = server_certificate.trusting()
    context.load_cert_chain(device.certificate, device.key)
    return context


def post(platform, tls, readings):
    body = json.dumps(readings).encode()
    with Connection(platform.address("http"), tls=tls) as connection:
        connection.send(render("POST", "/", platform.address("http"), [("Content-Type", "application/json")], body))
        return connection.receive("POST").status


def test_a_certificate_stands_for_its_device_until_it_is_removed(platform, root, server_certificate, device):
    thing = make_thing(root, {"a": "double"})
    tls = showing(server_certificate, device)
    reading = {"sensor_id": thing.sensors["a"], "timestamp": 1_600_000_000, "value": 1}
    assert post(platform, tls, reading) == 401, "nobody knows it yet"
    with pytest.raises(Refused) as refused:
        WebSocket(platform.address("websocket"), tls=tls)
    assert refused.value.status == 401

    at = f"/api/devices/{thing.device}/certificates"
    added = root.ok("POST", at, {"name": "its own", "certificate": device.certificate.read_text()})["result"]
    assert added["fingerprint"] == hashlib.sha256(device.der).hexdigest()
    assert post(platform, tls, reading) == 200
    with WebSocket(platform.address("websocket"), tls=tls, protocols=["iotplatform.ack"]) as client:
        client.send(frame(TEXT, json.dumps({**reading, "value": 2})))
        assert client.next() == ("text", b'{"accepted":1}')
        assert sorted(one["value"] for one in Queries(platform, thing.consumer_token).all(thing.index("a"))) == [1, 2]
        root.ok("POST", f"/api/devices/{thing.device}/key/rotate", {})
        client.send(frame(TEXT, json.dumps({**reading, "value": 3})))
        assert client.next() == ("text", b'{"accepted":1}'), "the key has nothing to do with it"
        root.ok("DELETE", f"{at}/{added['fingerprint']}")
        assert client.next() == ("close", 1008, "the certificate was removed")
    assert post(platform, tls, reading) == 401


def test_a_token_counts_before_the_certificate(platform, root, server_certificate, device):
    thing = make_thing(root, {"a": "double"})
    root.ok("POST", f"/api/devices/{thing.device}/certificates", {"name": "its own", "certificate": device.certificate.read_text()})
    tls = showing(server_certificate, device)
    with pytest.raises(Refused) as refused:
        WebSocket(platform.address("websocket"), tls=tls, token="nonsense")
    assert refused.value.status == 403
    WebSocket(platform.address("websocket"), tls=server_certificate.trusting(), token=root.device_key(thing.device)).hang_up()
