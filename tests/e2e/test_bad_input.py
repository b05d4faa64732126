"""Bad input: the right status, an answer that names the fault, nothing stored, and the platform as well as before."""

import dataclasses
import json
import re
import string

import pytest

from e2e import bad_api_calls, bad_queries, bad_readings, bad_requests
from support import tokens
from support.api import Api, make_thing
from support.http import Client, Connection, ConnectionEnded
from support.ingest import Gateway
from support.program import Platform
from support.query import Queries

MAPPINGS = ("double", "float", "long", "integer", "short", "byte", "boolean", "keyword", "text", "date", "geo_point", "object")


@dataclasses.dataclass
class World:
    """A thing with a sensor of each mapping, which holds two readings, and others who want to get at it."""

    platform: Platform
    root: Api
    thing: object
    names: dict
    clients: dict

    def fill_in(self, template):
        """The bytes with each $name replaced."""
        if isinstance(template, str):
            return string.Template(template).safe_substitute(self.names).encode()
        for name in sorted(self.names, key=len, reverse=True):
            template = template.replace(b"$" + name.encode(), self.names[name].encode())
        return template

    def state(self):
        """All that a refused request must not change."""
        counts = {name: self.queries.count(self.thing.index(name)) for name in ("double", "long")}
        everything = self.query_port.call("GET", f"/{self.thing.device}_*/_count")
        assert everything.status == 200, everything
        registry = [self.root.ok("GET", f"/api/{what}") for what in ("devices", "users", "consumers")]
        return counts, everything.json["count"], registry

    @property
    def queries(self):
        return self.clients["queries"]

    @property
    def query_port(self):
        return self.clients["query port"]


@pytest.fixture(scope="module")
def world(platform, root):
    thing = make_thing(root, {mapping: mapping for mapping in MAPPINGS})
    other = make_thing(root, {"other": "double"}, "Somebody else's")
    Gateway(platform, thing.token).store([{"sensor_id": thing.sensors["double"], "timestamp": time, "value": 1}
                                          for time in (1, 1_526_717_967)])
    user = root.create_user("user", "a user's password", "user")
    root.create_user("reader", "a reader's password", "read-only")
    good = string.Template(bad_readings.GOOD).substitute(thing.sensors)
    names = {**thing.sensors, "other": other.sensors["other"], "device": thing.device, "sensor": thing.sensors["double"],
             "consumer": thing.consumer, "user": str(user["id"]), "token": thing.token, "body": good, "length": str(len(good))}
    clients = {"root": root, "user": Api.signed_in(platform, "user", "a user's password"),
               "reader": Api.signed_in(platform, "reader", "a reader's password"), "nobody": Api(platform.address("core")),
               "gateway": Gateway(platform, thing.token), "queries": Queries(platform, thing.consumer_token),
               "query port": Queries(platform, thing.consumer_token, front="query")}
    return World(platform, root, thing, names, clients)


@pytest.fixture(autouse=True)
def unchanged(world):
    """Around each test: nothing is stored by it, and the platform is still well."""
    before = world.state()
    yield
    assert Client(world.platform.address("core")).request("GET", "/healthz").status == 200
    assert Client(world.platform.address("core")).request("GET", "/readyz").status == 200
    assert world.state() == before


def expect(response, status, says):
    assert response.status in (status if isinstance(status, tuple) else (status,)), response
    assert re.search(says, response.text, re.IGNORECASE), response
    if response.body:
        assert response.header("Content-Type").startswith("application/json"), response
        assert response.json["errors"], response


def expect_api_error(response, status, says):
    expect(response, status, says)
    body = response.json
    assert re.fullmatch(r"[A-Z][A-Za-z]+", body["name"]), response
    assert all(error["message"] for error in body["errors"]), response


def raw(address, request):
    """Sends bytes that may be refused before they have all been sent; the answer."""
    with Connection(address) as connection:
        try:
            connection.send(request)
        except ConnectionError:
            pass  # refused half-way: the answer is there to be read
        return connection.receive(request.split(b" ", 1)[0].decode("latin-1"))


def by_name(case):
    return pytest.param(*case, id=case[0])


@pytest.mark.parametrize("what, body, status, says", map(by_name, bad_readings.ALL))
def test_a_bad_message_is_refused(world, what, body, status, says):
    expect(world.clients["gateway"].post(world.fill_in(body)), status, says)


@pytest.mark.parametrize("what, request_bytes, status, says", map(by_name, bad_requests.ALL))
@pytest.mark.parametrize("port", [0, 1])
def test_a_bad_request_is_refused(world, port, what, request_bytes, status, says):
    expect(raw(world.platform.address("http", port), world.fill_in(request_bytes)), status, says)


def test_a_head_request_is_refused_without_a_body(world):
    assert Client(world.platform.address("http")).request("HEAD", "/").status == 405


def test_a_request_without_a_host_is_refused(world):
    request = b"POST / HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer $token\r\nContent-Length: $length\r\n\r\n$body"
    expect(raw(world.platform.address("http"), world.fill_in(request)), 400, "host")


def test_a_405_names_what_is_allowed(world):
    assert "POST" in Client(world.platform.address("http")).request("GET", "/").header("Allow")


def test_each_fault_of_a_message_is_named_by_its_index(world):
    """Two bad ones among a thousand: two errors, and none of the others is stored."""
    messages = [{"sensor_id": world.thing.sensors["double"], "timestamp": 1_600_000_000 + n, "value": n} for n in range(1_000)]
    messages[17]["value"] = "abc"
    messages[803]["sensor_id"] = "987654321"
    response = world.clients["gateway"].post(messages)
    expect(response, 400, "")
    faults = response.json["errors"]
    assert [fault["index"] for fault in faults] == [17, 803], response
    assert [fault["field"] for fault in faults] == ["value", "sensor_id"], response
    assert all(fault["message"] for fault in faults)


def test_the_answer_to_a_thousand_faults_is_bounded(world):
    response = world.clients["gateway"].post([{"sensor_id": "987654321", "value": n} for n in range(50_000)])
    expect(response, 400, "")
    assert len(response.body) < 1_000_000


def test_a_request_cut_short_stores_nothing(world):
    request = world.fill_in(bad_requests.request(bad_requests.FINE))
    for cut in range(1, len(request), 7):
        with Connection(world.platform.address("http")) as connection:
            connection.send(request[:cut])


class Fronts:
    """The four places that take tokens, each with a request that a genuine token may make and its kind of token."""

    def __init__(self, world):
        self.world = world
        jwks = world.root.ok("GET", "/api/jwks.json")
        self.forgers = {kind: tokens.Forger(token, world.platform.data_dir, jwks) for kind, token in (
            ("device", world.thing.token), ("user", world.root.token), ("consumer", world.thing.consumer_token))}

    def answer(self, front, token):
        world, platform = self.world, self.world.platform
        if front == "gateway":
            return Gateway(platform, token).post(world.fill_in(bad_readings.GOOD))
        if front == "API":
            return Api(platform.address("core"), token).call("GET", "/api/devices")
        queries = Queries(platform, token, "proxy" if front == "proxy" else "query")
        return queries.call("GET", queries.path(world.thing.index("double"), "_search"))


KIND = {"gateway": "device", "API": "user", "proxy": "consumer", "query port": "consumer"}
# Of the gateway the contract says 403; elsewhere a token that is no token may be 401 as well.
REFUSED = {"gateway": (403,), "API": (401, 403), "proxy": (401, 403), "query port": (401, 403)}


@pytest.fixture(scope="module")
def fronts(world):
    return Fronts(world)


@pytest.mark.parametrize("what", tokens.FORGERIES)
@pytest.mark.parametrize("front", KIND)
def test_a_forged_token_is_refused(fronts, front, what):
    response = fronts.answer(front, tokens.FORGERIES[what](fronts.forgers[KIND[front]]))
    # "!" belongs to no token at all (RFC 6750, section 2.1): the header is not of the form that the contract asks for.
    assert response.status in ((401, 403) if what == "no base64url" else REFUSED[front]), response
    if what.startswith("expired"):
        assert "expired" in response.text, response
    if front == "query port":
        assert response.header("X-Elastic-Product") == "Elasticsearch"
        assert response.json["status"] == response.status


@pytest.mark.parametrize("kind", ["device", "user", "consumer"])
@pytest.mark.parametrize("front", KIND)
def test_a_token_of_one_kind_never_passes_for_another(fronts, front, kind):
    if kind == KIND[front] or (front == "query port" and kind == "user"):
        pytest.skip("the kind that belongs there")
    response = fronts.answer(front, fronts.forgers[kind].token)
    assert response.status in REFUSED[front], response


@pytest.mark.parametrize("front", ["API", "proxy", "query port"])
def test_a_request_without_a_token_is_refused(fronts, front):
    response = Client(fronts.world.platform.address("query" if front == "query port" else "core")).request(
        "GET", {"API": "/api/devices", "proxy": f"/api/consumers/consume/{fronts.world.thing.sensors['double']}/_search",
                "query port": f"/{fronts.world.thing.index('double')}/_search"}[front])
    assert response.status == 401, response


@pytest.mark.parametrize("kind, front", [("device", "gateway"), ("consumer", "proxy"), ("consumer", "query port")])
def test_a_revoked_token_is_refused(fronts, kind, front):
    """An earlier key version than the present one, though signed by the platform itself."""
    world = fronts.world
    thing = make_thing(world.root, {"a": "double"}, "To be rotated")
    name, old = (("devices", thing.token) if kind == "device" else ("consumers", thing.consumer_token))
    owner = thing.device if kind == "device" else thing.consumer
    world.root.ok("POST", f"/api/{name}/{owner}/key/rotate")
    response = fronts.answer(front, old)
    assert response.status in REFUSED[front], response
    assert re.search("revoked|rotated", response.text), response
    world.root.ok("DELETE", f"/api/devices/{thing.device}")
    world.root.ok("DELETE", f"/api/consumers/{thing.consumer}")


def fill_in(world, value):
    """A body with each $name replaced in its texts."""
    if isinstance(value, dict):
        return {key: fill_in(world, one) for key, one in value.items()}
    return string.Template(value).safe_substitute(world.names) if isinstance(value, str) else value


@pytest.mark.parametrize("what, who, method, target, body, status, says", map(by_name, bad_api_calls.ALL))
def test_a_bad_call_of_the_api_is_refused(world, what, who, method, target, body, status, says):
    source = None
    client = world.clients[who]
    if "sign-in" in what:
        # Failed sign-ins are counted by address: each comes from another one.
        source = f"127.0.1.{1 + [case[0] for case in bad_api_calls.ALL].index(what) % 250}"
        client = Api(world.platform.address("core"), source=source)
    try:
        response = client.call(method, fill_in(world, target), fill_in(world, body))
    except (ConnectionEnded, ConnectionError):
        assert what == "100 MB", "the connection ended without an answer"
        return
    expect_api_error(response, status, says)


@pytest.mark.parametrize("what, body, says", map(by_name, bad_queries.FAULTS))
@pytest.mark.parametrize("front", ["proxy", "query port"])
def test_a_bad_query_is_refused_in_elasticsearchs_form(world, front, what, body, says):
    queries = world.clients["queries" if front == "proxy" else "query port"]
    response = queries.call("POST", queries.path(world.thing.index("double"), "_search"), bad_queries.body(body))
    expect_elasticsearch_error(response, 400, says)


def expect_elasticsearch_error(response, status, says=""):
    """Elasticsearch's error form. Paths and methods without a handler it answers with a text alone."""
    assert response.status in (status if isinstance(status, tuple) else (status,)), response
    assert response.header("X-Elastic-Product") == "Elasticsearch"
    error = response.json["error"]
    if isinstance(error, str) and response.status in (400, 405):
        assert "uri" in error
        return
    assert response.json["status"] == response.status
    assert re.fullmatch(r"[a-z_]+", error["type"]), response
    assert error["reason"] or error["caused_by"]["reason"], response
    assert error["root_cause"] or error["caused_by"], response
    assert re.search(says, json.dumps(error), re.IGNORECASE), response


@pytest.mark.parametrize("method, target, status", [
    ("GET", "/hello/_search", (403, 404)), ("GET", "/987654321_1/_search", (403, 404)), ("GET", "/$device_987654321/_search", (403, 404)),
    ("GET", "/$device_$other/_search", (403, 404)), ("GET", "/$index/_hello", (400, 404, 405)), ("PUT", "/$index", (400, 403, 405)),
    ("DELETE", "/$index", (400, 403, 405)), ("POST", "/$index/_doc", (400, 403, 405)), ("PUT", "/$index/_doc/1", (400, 403, 405)),
    ("POST", "/_bulk", (400, 403, 405)), ("POST", "/$index/_delete_by_query", (400, 403, 405)), ("PUT", "/$index/_mapping", (400, 403, 405)),
    ("POST", "/$index/_update/1", (400, 403, 405)), ("GET", "/$index/_search?hello=1", 400), ("GET", "/$index/_search?size=-1", 400),
    ("GET", "/$index/_search?size=many", 400), ("GET", "/%zz/_search", 400), ("GET", "/../_search", (400, 403, 404, 405)),
    ("GET", "/$index/../../etc/passwd", (400, 403, 404, 405))])
def test_a_bad_path_on_the_query_port_is_refused(world, method, target, status):
    target = target.replace("$index", world.thing.index("double"))
    target = target.replace("$device_", world.thing.device + "_").replace("$other", world.names["other"])
    body = {} if method in ("POST", "PUT") else None
    response = world.query_port.call(method, target, body)
    expect_elasticsearch_error(response, status)


@pytest.mark.parametrize("sensor", ["987654321", "$other", "me", "-1", "0", "%2e%2e", "99999999999999999999"])
def test_a_sensor_that_is_not_granted_cannot_be_told_from_one_that_does_not_exist(world, sensor):
    sensor = string.Template(sensor).substitute(world.names)
    response = world.queries.call("GET", f"/api/consumers/consume/{sensor}/_search")
    assert response.status in (400, 403, 404), response
    if sensor in ("987654321", world.names["other"]):
        unknown = world.queries.call("GET", "/api/consumers/consume/987654321/_search")
        assert unknown.text.replace("987654321", "X") == response.text.replace(sensor, "X")
