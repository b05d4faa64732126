"""Tokens as the original platform issued them, without kid and aud: taken only where the setting says so, as what they were
issued for, and until the key is rotated."""

import pytest

from support.api import Api, make_thing
from support.ingest import Gateway
from support.program import Platform
from support.query import Queries
from support.tokens import signed, signing_key


def legacy_token(platform, subject):
    return signed({"alg": "RS256", "typ": "JWT"}, {"iss": "iotplatform", "sub": subject, "iat": 1_526_717_967},
                  signing_key(platform.data_dir))


def reading(thing):
    return {"sensor_id": thing.sensors["number"], "timestamp": 1_526_717_967, "value": 1}


@pytest.fixture(scope="module", params=[False, True], ids=["refused", "accepted"])
def thing(request, tmp_path_factory):
    settings = {"access.accept_legacy_tokens": "true"} if request.param else {}
    with Platform(tmp_path_factory.mktemp("legacy"), settings) as platform:
        root = Api.signed_in(platform)
        # So that the device and the consumer have different ids.
        root.create_consumer("Other")
        yield request.param, platform, root, make_thing(root, {"number": "double"})


def test_a_devices(thing):
    accepted, platform, root, thing = thing
    gateway = Gateway(platform, legacy_token(platform, thing.device))
    assert gateway.post(reading(thing)).status == (200 if accepted else 403)
    assert Gateway(platform, legacy_token(platform, "987")).post(reading(thing)).status == 403
    root.ok("POST", f"/api/devices/{thing.device}/key/rotate")
    assert gateway.post(reading(thing)).status == 403


def test_a_consumers(thing):
    accepted, platform, root, thing = thing
    token = legacy_token(platform, thing.consumer)
    for front in ("proxy", "query"):
        queries = Queries(platform, token, front)
        status = queries.call("POST", queries.path(thing.index("number"), "_search"), {}).status
        assert (status == 200) == accepted, (front, status)
    root.ok("POST", f"/api/consumers/{thing.consumer}/key/rotate")
    queries = Queries(platform, token)
    assert queries.call("POST", queries.path(thing.index("number"), "_search"), {}).status == 403


def test_a_user_signs_in_again(thing):
    _, platform, _, _ = thing
    answer = Api(platform.address("core"), legacy_token(platform, "-1")).call("GET", "/api/devices")
    assert answer.status in (401, 403), answer
