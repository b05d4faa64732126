"""The REST API of IoTCore: each row of the contract's table, for those who may and those who may not."""

import re

import jwt
import pytest

from support import tokens
from support.api import CREATED, REMOVED, Api, make_thing, unwrap
from support.http import Client, Connection
from support.ingest import Gateway
from support.query import Queries


@pytest.fixture(scope="module")
def user(platform, root):
    """A user that owns what it makes."""
    root.create_user("ada", "ada's password", "user", "Ada")
    return Api.signed_in(platform, "ada", "ada's password")


@pytest.fixture(scope="module")
def reader(platform, root):
    root.create_user("rea", "rea's password", "read-only", "Rea")
    return Api.signed_in(platform, "rea", "rea's password")


def ids(answer):
    return [str(one["id"]) for one in unwrap(answer)]


def all_ids(api, target):
    """Follows the pages of a list to its end."""
    found = []
    while page := ids(api.ok("GET", f"{target}?limit=7" + (f"&after={found[-1]}" if found else ""))):
        found += page
    return found


# Users


def test_sign_in_gives_a_token_of_the_kind_user(root):
    header, claims, _ = tokens.parts(root.token)
    assert header["alg"] == "RS256" and header["kid"]
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("iotplatform", "-1", "user")
    assert claims["iat"] and claims["jti"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("target", ["/api/users/self", "/api/users/self/"])
def test_a_user_sees_itself(user, method, target):
    me = unwrap(user.ok(method, target))
    assert (me["username"], me["name"], me["role"]) == ("ada", "Ada", "user")
    assert "password" not in str(me)


def test_an_admin_makes_changes_and_removes_users(platform, root):
    made = root.call("POST", "/api/users", {"name": "Bob", "username": "bob", "password": "bob's password", "role": "user"})
    assert made.status in CREATED
    bob = str(unwrap(made.json)["id"])
    assert bob in ids(root.ok("GET", "/api/users"))
    changed = unwrap(root.ok("PATCH", f"/api/users/{bob}", {"name": "Robert", "password": "another password"}))
    assert changed["name"] == "Robert" and changed["username"] == "bob"
    as_bob = Api.signed_in(platform, "bob", "another password")
    assert Api(platform.address("core")).call("POST", "/api/users/signin",
                                              {"username": "bob", "password": "bob's password"}).status == 401
    assert root.call("DELETE", f"/api/users/{bob}").status in REMOVED
    assert as_bob.call("GET", "/api/users/self").status in (401, 403), "a removed user's token stops working at once"
    assert bob not in ids(root.ok("GET", "/api/users"))


def test_a_user_sees_only_itself_in_the_list_of_users(user):
    response = user.call("GET", "/api/users")
    assert response.status == 403 or [one["username"] for one in unwrap(response.json)] == ["ada"]


def test_a_user_may_change_itself_but_not_its_role(root, user):
    me = str(unwrap(user.ok("GET", "/api/users/self"))["id"])
    assert unwrap(user.ok("PATCH", f"/api/users/{me}", {"name": "Ada L."}))["name"] == "Ada L."
    user.ok("PATCH", f"/api/users/{me}", {"name": "Ada"})
    assert user.call("PATCH", f"/api/users/{me}", {"role": "admin"}).status == 403
    assert unwrap(user.ok("GET", "/api/users/self"))["role"] == "user"


def test_sign_ins_are_braked_per_user_name_and_address(platform):
    """Wrong passwords from one address: after some of them 429, whatever the password; other addresses go on."""
    def attempt(source, username, password="wrong"):
        return Api(platform.address("core"), source=source).call("POST", "/api/users/signin",
                                                                 {"username": username, "password": password})
    statuses = [attempt("127.0.0.77", f"nobody {n}").status for n in range(40)]
    assert statuses[0] == 401 and statuses[-1] == 429
    refused = attempt("127.0.0.77", "root")
    assert refused.status == 429 and int(refused.header("Retry-After")) >= 1
    assert attempt("127.0.0.78", "ada", "ada's password").status in (200, 401)

    statuses = [attempt(f"127.0.0.{100 + n}", "victim").status for n in range(40)]
    assert statuses[0] == 401 and statuses[-1] == 429


def test_an_unknown_user_cannot_be_told_from_a_wrong_password(platform):
    answers = [Api(platform.address("core"), source=f"127.0.3.{n}").call("POST", "/api/users/signin",
                                                                         {"username": name, "password": "wrong"})
               for n, name in enumerate(("root", "unknown to all"), 1)]
    assert answers[0].status == answers[1].status == 401
    assert answers[0].body == answers[1].body


# Devices and sensors


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_device_is_made_listed_read_changed_and_removed(user, slash):
    made = user.call("POST", f"/api/devices{slash}", {"name": "Wing", "description": "left"})
    assert made.status in CREATED
    device = made.json["result"]
    assert (device["name"], device["description"]) == ("Wing", "left")
    at = f"/api/devices/{device['id']}{slash}"
    assert unwrap(user.ok("GET", at))["name"] == "Wing"
    assert unwrap(user.ok("PATCH", at, {"name": "Tail"}))["name"] == "Tail"
    assert unwrap(user.ok("GET", at))["description"] == "left", "what a PATCH does not name stays"
    listed = user.ok("GET", f"/api/devices{slash}")["result"]
    assert [one["name"] for one in listed if one["id"] == device["id"]] == ["Tail"]
    assert user.call("DELETE", at).status in REMOVED
    gone = user.call("GET", at)
    assert gone.status == 404 and gone.json["name"] == "DeviceNotFound"
    assert gone.json["errors"][0]["message"] == "Device not found"


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("name", ["key", "auth_key"])
def test_a_devices_key(user, slash, name):
    device = user.create_device()
    key = user.ok("GET", f"/api/devices/{device}/{name}{slash}")
    assert str(key["device_id"]) == device
    _, claims, _ = tokens.parts(key["token"])
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("iotplatform", device, "device")


@pytest.mark.parametrize("mapping", ['{"type":"double"}', {"type": "double"}, '{ "type" : "double" }\n'])
def test_a_sensors_mapping_is_an_object_or_a_text_of_json(user, mapping):
    device = user.create_device()
    response = user.call("POST", f"/api/devices/{device}/sensors", {"name": "Lift", "mapping": mapping})
    assert response.status in CREATED and "result" not in response.json
    sensor = response.json
    assert sensor["name"] == "Lift" and (sensor["mapping"] == {"type": "double"} or "double" in sensor["mapping"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_sensor_is_made_listed_read_changed_and_removed(user, slash):
    device = user.create_device()
    sensors = f"/api/devices/{device}/sensors"
    sensor = user.ok("POST", sensors + slash, {"name": "Lift", "description": "of the wing", "unit": "N", "path": "Wing/Left",
                                               "mapping": {"type": "float"}})
    assert (sensor["name"], sensor["description"], sensor["unit"], sensor["path"]) == ("Lift", "of the wing", "N", "Wing/Left")
    at = f"{sensors}/{sensor['id']}{slash}"
    assert unwrap(user.ok("GET", at))["unit"] == "N"
    changed = unwrap(user.ok("PATCH", at, {"name": "Drag", "path": "Wing/Right"}))
    assert (changed["name"], changed["path"], changed["unit"]) == ("Drag", "Wing/Right", "N")
    assert ids(user.ok("GET", sensors + slash)) == [str(sensor["id"])]
    assert user.call("DELETE", at).status in REMOVED
    gone = user.call("GET", at)
    assert gone.status == 404 and gone.json["name"] == "SensorNotFound"
    assert ids(user.ok("GET", sensors)) == []


def test_many_sensors_are_made_at_once_or_none(user):
    device = user.create_device()
    sensors = f"/api/devices/{device}/sensors"
    many = [{"name": f"Sensor {n}", "mapping": {"type": "double"}} for n in range(1_000)]
    made = unwrap(user.ok("POST", sensors, many))
    assert [one["name"] for one in made] == [one["name"] for one in many]
    assert len({one["id"] for one in made}) == 1_000
    assert len(all_ids(user, sensors)) == 1_000
    assert user.call("POST", sensors, [*many, {"name": ""}]).status in (400, 422)
    assert len(all_ids(user, sensors)) == 1_000


@pytest.mark.parametrize("mapping", ["double", "float", "long", "integer", "short", "byte", "boolean", "keyword", "text", "date",
                                     "geo_point", "object"])
def test_each_mapping_type_can_be_declared(user, mapping):
    device = user.create_device()
    assert user.create_sensor(device, mapping)


def test_the_tree_of_paths(user):
    """Paths exist while a sensor lies under them."""
    device = user.create_device()
    left = user.create_sensor(device, name="Pressure", path="Wheels/Front/Left")
    user.create_sensor(device, name="Speed")
    tree = str(user.ok("GET", f"/api/devices/{device}/tree"))
    assert all(name in tree for name in ("Wheels", "Front", "Left", "Pressure", "Speed"))
    user.ok("DELETE", f"/api/devices/{device}/sensors/{left}")
    tree = str(user.ok("GET", f"/api/devices/{device}/tree"))
    assert "Wheels" not in tree and "Speed" in tree


def test_a_removed_devices_sensors_and_token_are_gone_at_once(platform, user):
    thing = make_thing(user, {"a": "double"})
    gateway = Gateway(platform, thing.token)
    gateway.store({"sensor_id": thing.sensors["a"], "value": 1})
    user.ok("DELETE", f"/api/devices/{thing.device}")
    assert gateway.post({"sensor_id": thing.sensors["a"], "value": 1}).status == 403
    assert ids(user.ok("GET", f"/api/consumers/{thing.consumer}/sensors")) == []
    queries = Queries(platform, thing.consumer_token)
    assert queries.call("GET", queries.path(thing.index("a"), "_search")).status in (403, 404)


def test_a_sensor_made_anew_does_not_inherit_readings(platform, user):
    thing = make_thing(user, {"a": "double"})
    Gateway(platform, thing.token).store({"sensor_id": thing.sensors["a"], "value": 1})
    user.ok("DELETE", f"/api/devices/{thing.device}/sensors/{thing.sensors['a']}")
    sensor = user.create_sensor(thing.device)
    user.grant(thing.consumer, sensor)
    assert Queries(platform, thing.consumer_token).count(f"{thing.device}_{sensor}") == 0


# Consumers and grants


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_consumer_is_made_listed_changed_and_removed(user, slash):
    made = user.call("POST", f"/api/consumers{slash}", {"name": "Grafana", "description": "d"})
    assert made.status in CREATED
    consumer = str(unwrap(made.json)["id"])
    assert consumer in ids(user.ok("GET", f"/api/consumers{slash}"))
    assert unwrap(user.ok("PATCH", f"/api/consumers/{consumer}{slash}", {"name": "Kibana"}))["name"] == "Kibana"
    assert user.call("DELETE", f"/api/consumers/{consumer}{slash}").status in REMOVED
    assert user.call("GET", f"/api/consumers/{consumer}/key").json["name"] == "ConsumerNotFound"


@pytest.mark.parametrize("name", ["key", "auth_key", "key/", "auth_key/"])
def test_a_consumers_key(user, name):
    consumer = user.create_consumer()
    key = user.ok("GET", f"/api/consumers/{consumer}/{name}")
    assert str(key["consumer_id"]) == consumer
    _, claims, _ = tokens.parts(key["token"])
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("iotplatform", consumer, "consumer")


@pytest.mark.parametrize("by_body", [True, False])
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_grant_opens_a_sensor_and_its_end_closes_it_at_once(platform, user, by_body, slash):
    device, consumer = user.create_device(), user.create_consumer()
    sensor = user.create_sensor(device)
    grants = f"/api/consumers/{consumer}/sensors"
    queries = Queries(platform, user.consumer_key(consumer))
    target = queries.path(f"{device}_{sensor}", "_count")
    assert queries.call("GET", target).status in (403, 404)
    for _ in range(2):  # granting twice changes nothing
        if by_body:
            user.ok("POST", grants + slash, {"sensor_id": sensor})
        else:
            user.ok("POST", f"{grants}/{sensor}{slash}")
    assert ids(user.ok("GET", grants + slash)) == [sensor]
    assert queries.call("GET", target).status == 200
    user.ok("DELETE", f"{grants}/{sensor}{slash}")
    assert queries.call("GET", target).status in (403, 404)
    assert ids(user.ok("GET", grants)) == []


def test_a_grant_needs_rights_on_both_sides(root, user):
    mine, theirs = user.create_consumer(), root.create_consumer()
    my_sensor = user.create_sensor(user.create_device())
    their_sensor = root.create_sensor(root.create_device())
    assert user.call("POST", f"/api/consumers/{mine}/sensors", {"sensor_id": their_sensor}).status in (403, 404)
    assert user.call("POST", f"/api/consumers/{theirs}/sensors", {"sensor_id": my_sensor}).status in (403, 404)
    assert user.call("POST", f"/api/consumers/{mine}/sensors/{their_sensor}").status in (403, 404)
    assert ids(root.ok("GET", f"/api/consumers/{mine}/sensors")) == []


# Rights, pages, other forms


def test_roles(root, user, reader):
    """A user sees what it owns; a reader changes nothing; an admin does everything, of everybody."""
    device = user.create_device("Ada's")
    assert device in all_ids(user, "/api/devices") and device in all_ids(root, "/api/devices")
    assert ids(reader.ok("GET", "/api/devices")) == []
    assert reader.call("GET", f"/api/devices/{device}").status in (403, 404)
    assert reader.call("POST", "/api/devices", {"name": "x"}).status == 403
    assert unwrap(root.ok("PATCH", f"/api/devices/{device}", {"name": "Changed"}))["name"] == "Changed"
    assert root.device_key(device)
    root.ok("DELETE", f"/api/devices/{device}")
    assert user.call("GET", f"/api/devices/{device}").status == 404


def test_lists_are_paged_in_order_and_searched_by_name(platform, root):
    root.create_user("pager", "pager's password")
    api = Api.signed_in(platform, "pager", "pager's password")
    devices = [api.create_device(f"{'Even' if n % 2 == 0 else 'Odd'} {n}") for n in range(25)]
    assert all_ids(api, "/api/devices") == devices
    assert ids(api.ok("GET", "/api/devices?limit=3")) == devices[:3]
    assert ids(api.ok("GET", f"/api/devices?limit=3&after={devices[2]}")) == devices[3:6]
    assert ids(api.ok("GET", f"/api/devices?after={devices[-1]}")) == []
    assert ids(api.ok("GET", "/api/devices?name=odd&limit=100")) == devices[1::2]
    assert ids(api.ok("GET", "/api/devices?name=%25")) == []
    consumers = [api.create_consumer(f"Consumer {n}") for n in range(10)]
    assert all_ids(api, "/api/consumers") == consumers


def test_lists_are_never_unbounded(platform, root):
    root.create_user("many", "many's password")
    api = Api.signed_in(platform, "many", "many's password")
    device = api.create_device()
    for _ in range(2):
        api.ok("POST", f"/api/devices/{device}/sensors",
               [{"name": f"Sensor {n}", "mapping": {"type": "double"}} for n in range(5_000)])
    assert len(ids(api.ok("GET", f"/api/devices/{device}/sensors"))) < 10_000
    assert len(api.ok("GET", "/api/devices")["result"][0]["sensors"]) < 10_000
    assert len(api.call("GET", f"/api/devices/{device}/sensors?limit=1000000").body) < 5_000_000


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_user_scoped_forms_are_the_same_resources(root, user, slash):
    me = unwrap(user.ok("GET", "/api/users/self"))["id"]
    devices = f"/api/users/{me}/devices"
    device = str(user.ok("POST", devices + slash, {"name": "Scoped"})["result"]["id"])
    assert unwrap(user.ok("GET", f"/api/devices/{device}"))["name"] == "Scoped"
    assert device in all_ids(user, devices)
    sensor = user.ok("POST", f"{devices}/{device}/sensors{slash}", {"name": "S", "mapping": '{"type":"double"}'})["id"]
    assert unwrap(user.ok("GET", f"{devices}/{device}/sensors/{sensor}{slash}"))["name"] == "S"
    assert str(user.ok("GET", f"{devices}/{device}/key{slash}")["device_id"]) == device
    consumer = str(unwrap(user.ok("POST", f"/api/users/{me}/consumers{slash}", {"name": "C"}))["id"])
    user.ok("POST", f"/api/users/{me}/consumers/{consumer}/sensors{slash}", {"sensor_id": str(sensor)})
    assert ids(user.ok("GET", f"/api/consumers/{consumer}/sensors")) == [str(sensor)]
    assert user.call("GET", f"/api/users/-1/devices{slash}").status in (403, 404), "another user's"
    assert device in all_ids(root, devices), "an admin may"
    assert user.call("DELETE", f"{devices}/{device}{slash}").status in REMOVED


def test_rotating_a_devices_key_takes_effect_at_once_on_both_gateway_ports(platform, user):
    thing = make_thing(user, {"a": "double"})
    old = [Gateway(platform, thing.token, port) for port in (0, 1)]
    for gateway in old:
        gateway.store({"sensor_id": thing.sensors["a"], "value": 1})
    rotated = user.ok("POST", f"/api/devices/{thing.device}/key/rotate")
    for gateway in old:  # on connections that had been let in before, too
        assert gateway.post({"sensor_id": thing.sensors["a"], "value": 2}).status == 403
    new = user.device_key(thing.device)
    assert new != thing.token
    for token in filter(None, {new, (rotated or {}).get("token")}):
        for port in (0, 1):
            Gateway(platform, token, port).store({"sensor_id": thing.sensors["a"], "value": 3})


def test_rotating_a_consumers_key_takes_effect_at_once_on_both_query_fronts(platform, user):
    thing = make_thing(user, {"a": "double"})
    old = [Queries(platform, thing.consumer_token, front) for front in ("proxy", "query")]
    for queries in old:
        assert queries.count(thing.index("a")) == 0
    user.ok("POST", f"/api/consumers/{thing.consumer}/key/rotate")
    for queries in old:
        assert queries.call("GET", queries.path(thing.index("a"), "_count")).status in (401, 403)
        assert Queries(platform, user.consumer_key(thing.consumer), queries.front).count(thing.index("a")) == 0


def test_asking_for_a_key_again_does_not_end_the_earlier_one(platform, user):
    thing = make_thing(user, {"a": "double"})
    user.device_key(thing.device)
    Gateway(platform, thing.token).store({"sensor_id": thing.sensors["a"], "value": 1})


# Audit, keys, OpenAPI, the rest of port 8080


@pytest.fixture(scope="module")
def openapi(platform):
    response = Client(platform.address("core")).request("GET", "/api/openapi.json")
    assert response.status == 200
    return response.json


def test_changes_are_in_the_audit_log_for_admins(root, user, openapi):
    paths = [path for path in openapi["paths"] if "audit" in path]
    assert len(paths) == 1, "one path of the audit log"
    device = user.create_device("Audited")
    user.ok("DELETE", f"/api/devices/{device}")
    consumer = user.create_consumer()
    user.ok("POST", f"/api/consumers/{consumer}/key/rotate")
    entries = str(root.ok("GET", f"{paths[0]}?limit=20"))
    for expected in ("device", "delete", "create", "rotate", "127.0.0.1", f"{device}"):
        assert expected in entries
    assert "password" not in entries and "$argon2" not in entries
    assert user.call("GET", paths[0]).status == 403
    assert root.call("DELETE", paths[0]).status == 405


def test_the_key_set_verifies_tokens(platform, root):
    keys = Client(platform.address("core")).request("GET", "/api/jwks.json").json["keys"]
    assert [(key["kty"], key["alg"], key["use"]) for key in keys] == [("RSA", "RS256", "sig")]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(keys[0])
    assert len(tokens.decode(keys[0]["n"])) == 512, "4096 bits"
    claims = jwt.decode(root.token, jwt.PyJWK(keys[0]).key, algorithms=["RS256"], audience="user", issuer="iotplatform")
    assert claims["sub"] == "-1" and jwt.get_unverified_header(root.token)["kid"] == keys[0]["kid"]


def test_openapi_is_3_1_and_names_the_contracts_paths(openapi):
    assert openapi["openapi"].startswith("3.1")
    paths = {re.sub(r"\{[^}]+\}", "{}", path.rstrip("/")) for path in openapi["paths"]}
    for expected in ("/api/users/signin", "/api/users/self", "/api/users", "/api/users/{}", "/api/devices", "/api/devices/{}",
                     "/api/devices/{}/key", "/api/devices/{}/key/rotate", "/api/devices/{}/sensors", "/api/devices/{}/sensors/{}",
                     "/api/devices/{}/tree", "/api/consumers", "/api/consumers/{}", "/api/consumers/{}/key",
                     "/api/consumers/{}/sensors", "/api/consumers/{}/sensors/{}"):
        assert expected in paths


def test_every_operation_of_openapi_exists(platform, openapi):
    """Without a token each operation says 401 or does its work; none is unknown."""
    operations, names = 0, set()
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            operations += 1
            names.add(operation["operationId"])
            target = re.sub(r"\{[^}]+\}", "1", path)
            response = Client(platform.address("core")).request(method.upper(), target, [("Content-Type", "application/json")], b"{}")
            assert response.status not in (404, 405, 500, 501), (method, path, response)
            assert str(response.status) in operation["responses"] or "default" in operation["responses"], (method, path, response)
    assert operations > 25 and len(names) == operations


@pytest.mark.parametrize("target", ["/api/docs", "/api/docs/"])
def test_the_documentation_fetches_nothing_from_elsewhere(platform, target):
    response = Client(platform.address("core")).request("GET", target)
    assert response.status == 200 and response.header("Content-Type").startswith("text/html")
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", response.text)


def test_errors_have_the_originals_form(root):
    error = root.call("GET", "/api/devices/987654321").json
    assert error == {"name": "DeviceNotFound", "errors": [{**error["errors"][0], "message": "Device not found"}]}


def test_a_put_off_body_is_asked_for(platform):
    """Expect: 100-continue, as curl sends it with larger bodies."""
    body = b'{"username":"root","password":"wrong"}'
    with Connection(platform.address("core"), source="127.0.0.55") as connection:
        connection.send(b"POST /api/users/signin HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                        b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert connection.receive(interim=True).status == 100
        connection.send(body)
        assert connection.receive().status == 401
