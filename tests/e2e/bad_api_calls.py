"""Calls of the REST API that must be refused: (what is wrong, who, method, target, body, status, what the answer must name).

`who` is "root", "user" (owns nothing), "reader" (read-only; owns nothing), "nobody". $device, $sensor and $consumer belong
to somebody else than user and reader; $user is the id of "user". A body is a value to send as JSON, or bytes, or None.
"""

SENSORS = "/api/devices/$device/sensors"


def sensor(**fields):
    return {"name": "A sensor", "mapping": {"type": "double"}, **fields}


BODIES = [
    ("no JSON", "root", "POST", "/api/devices", b"{", 400, "json"),
    ("nothing", "root", "POST", "/api/devices", b"", 400, ""),
    ("an array", "root", "POST", "/api/devices", [], (400, 422), ""),
    ("a text", "root", "POST", "/api/devices", "hello", (400, 422), ""),
    ("two objects", "root", "POST", "/api/devices", b'{"name":"a"}{"name":"b"}', 400, "json"),
    ("bad UTF-8", "root", "POST", "/api/devices", b'{"name":"\xff"}', 400, "utf|json"),
    ("nested 100,000 deep", "root", "POST", "/api/devices", b'{"name":' + b"[" * 100_000, 400, ""),
    ("nested 1,000 deep", "root", "POST", "/api/devices", b'{"name":"a","x":' + b"[" * 1_000 + b"]" * 1_000 + b"}", (400, 422), ""),
    ("100 MB", "root", "POST", "/api/devices", b'{"name":"' + b"a" * 100_000_000 + b'"}', 413, ""),
]

FIELDS = [
    ("a device without a name", "root", "POST", "/api/devices", {}, (400, 422), "name"),
    ("a device with an empty name", "root", "POST", "/api/devices", {"name": ""}, (400, 422), "name"),
    ("a device with a number as name", "root", "POST", "/api/devices", {"name": 5}, (400, 422), "name"),
    ("a device with null as name", "root", "POST", "/api/devices", {"name": None}, (400, 422), "name"),
    ("a device with a name of 10,000 letters", "root", "POST", "/api/devices", {"name": "a" * 10_000}, (400, 413, 422), "name"),
    ("a device with a number as description", "root", "POST", "/api/devices", {"name": "a", "description": 5}, (400, 422), "description"),
    ("a device with a description of a megabyte", "root", "POST", "/api/devices",
     {"name": "a", "description": "a" * 1_000_000}, (400, 413, 422), "description"),
    ("a device renamed to nothing", "root", "PATCH", "/api/devices/$device", {"name": ""}, (400, 422), "name"),
    ("a sensor without a name", "root", "POST", SENSORS, {"mapping": {"type": "double"}}, (400, 422), "name"),
    ("a sensor of an unknown type", "root", "POST", SENSORS, sensor(mapping={"type": "complex"}), (400, 422), "mapping|type|complex"),
    ("a sensor with a text that is no JSON as mapping", "root", "POST", SENSORS, sensor(mapping="double"), (400, 422), "mapping"),
    ("a sensor with JSON that is no object as mapping", "root", "POST", SENSORS, sensor(mapping="[]"), (400, 422), "mapping"),
    ("a sensor of an unknown type, as text", "root", "POST", SENSORS, sensor(mapping='{"type":"complex"}'), (400, 422), "mapping|type|complex"),
    ("a sensor with a number as mapping", "root", "POST", SENSORS, sensor(mapping=5), (400, 422), "mapping"),
    ("a sensor with an empty mapping", "root", "POST", SENSORS, sensor(mapping={}), (400, 422), "mapping|type"),
    ("a sensor with a number as type", "root", "POST", SENSORS, sensor(mapping={"type": 5}), (400, 422), "mapping|type"),
    ("a sensor at a path upwards", "root", "POST", SENSORS, sensor(path="../a"), (400, 422), "path"),
    ("a sensor at a path with a control character", "root", "POST", SENSORS, sensor(path="a\nb"), (400, 422), "path"),
    ("a sensor at a path of 1,000 levels", "root", "POST", SENSORS, sensor(path="/".join("a" * 1_000)), (400, 413, 422), "path"),
    ("a sensor with a number as path", "root", "POST", SENSORS, sensor(path=5), (400, 422), "path"),
    ("a sensor with a unit of 10,000 letters", "root", "POST", SENSORS, sensor(unit="a" * 10_000), (400, 413, 422), "unit"),
    ("an array of sensors, one of them bad", "root", "POST", SENSORS, [sensor(), sensor(mapping={"type": "complex"})], (400, 422), "mapping|type|complex"),
    ("an array with something that is no sensor", "root", "POST", SENSORS, [sensor(), 5], (400, 422), ""),
    ("100,000 sensors at once", "root", "POST", SENSORS, [sensor()] * 100_000, (400, 413, 422), "many|most|limit|large"),
    ("a consumer without a name", "root", "POST", "/api/consumers", {}, (400, 422), "name"),
    ("a user without a password", "root", "POST", "/api/users", {"name": "a", "username": "a", "role": "user"}, (400, 422), "password"),
    ("a user without a user name", "root", "POST", "/api/users", {"name": "a", "password": "password 1", "role": "user"}, (400, 422), "username"),
    ("a user of an unknown role", "root", "POST", "/api/users",
     {"name": "a", "username": "b", "password": "password 1", "role": "god"}, (400, 422), "role"),
    ("a user name that is taken", "root", "POST", "/api/users",
     {"name": "a", "username": "root", "password": "password 1", "role": "user"}, 409, "username|taken|exists"),
    ("a grant of nothing", "root", "POST", "/api/consumers/$consumer/sensors", {}, (400, 422), "sensor_id"),
    ("a grant of a word", "root", "POST", "/api/consumers/$consumer/sensors", {"sensor_id": "all"}, (400, 404, 422), "sensor"),
    ("a grant of an unknown sensor", "root", "POST", "/api/consumers/$consumer/sensors", {"sensor_id": "987654321"}, 404, "sensor"),
    ("a sign-in without a password", "nobody", "POST", "/api/users/signin", {"username": "root"}, (400, 401, 422), "password"),
    ("a sign-in with a number as password", "nobody", "POST", "/api/users/signin", {"username": "root", "password": 5}, (400, 401, 422), "password"),
    ("a sign-in with a wrong password", "nobody", "POST", "/api/users/signin", {"username": "root", "password": "wrong"}, 401, ""),
    ("a sign-in of an unknown user", "nobody", "POST", "/api/users/signin", {"username": "nobody", "password": "wrong"}, 401, ""),
]

UNKNOWN = [
    (f"{method} of an unknown {what}", "root", method, target, body, 404, what)
    for what, target, methods in (
        ("device", "/api/devices/987654321", ("GET", "PATCH", "DELETE")),
        ("device", "/api/devices/987654321/key", ("GET",)),
        ("device", "/api/devices/987654321/key/rotate", ("POST",)),
        ("device", "/api/devices/987654321/sensors", ("GET",)),
        ("device", "/api/devices/987654321/tree", ("GET",)),
        ("sensor", "/api/devices/$device/sensors/987654321", ("GET", "PATCH", "DELETE")),
        ("consumer", "/api/consumers/987654321", ("PATCH", "DELETE")),
        ("consumer", "/api/consumers/987654321/key", ("GET",)),
        ("consumer", "/api/consumers/987654321/sensors", ("GET",)),
        ("user", "/api/users/987654321", ("PATCH", "DELETE")))
    for method in methods
    for body in ({"name": "a"} if method == "PATCH" else None,)
]

PATHS = [
    (f"path {target}", "root", "GET", target, None, (400, 404), "")
    for target in ("/api", "/api/hello", "/api/devices/me", "/api/devices/1e3", "/api/devices/-1", "/api/devices/%00",
                   "/api/devices/99999999999999999999999", "/api/devices/..%2fusers", "/api/devices/$device%2fkey",
                   "/api/devices/%zz", "/api/devices/$device/sensors/../../../users", "/api/../api/devices", "/etc/passwd",
                   "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api//devices")
]

LISTS = [
    (f"a list with {parameters}", "root", "GET", f"/api/devices?{parameters}", None, (400, 422), "limit|after")
    for parameters in ("limit=-1", "limit=many", "limit=1e3", "limit=99999999999999999999999", "after=me")
]

METHODS = [
    (f"{method} of {target}", "root", method, target, None, 405, "")
    for method, target in (("PUT", "/api/devices"), ("DELETE", "/api/devices"), ("PATCH", "/api/devices"), ("PUT", "/api/users"),
                           ("GET", "/api/users/signin"), ("POST", "/api/devices/$device"), ("GET", "/api/devices/$device/key/rotate"),
                           ("DELETE", "/metrics"), ("POST", "/healthz"))
]

READS = [("GET", "/api/devices/$device"), ("GET", "/api/devices/$device/key"), ("GET", "/api/devices/$device/auth_key"),
         ("GET", "/api/devices/$device/sensors"), ("GET", "/api/devices/$device/sensors/$sensor"), ("GET", "/api/devices/$device/tree"),
         ("GET", "/api/consumers/$consumer/key"), ("GET", "/api/consumers/$consumer/sensors")]
CHANGES = [("PATCH", "/api/devices/$device", {"name": "mine"}), ("DELETE", "/api/devices/$device", None),
           ("POST", "/api/devices/$device/key/rotate", None), ("POST", SENSORS, sensor()),
           ("PATCH", "/api/devices/$device/sensors/$sensor", {"name": "mine"}), ("DELETE", "/api/devices/$device/sensors/$sensor", None),
           ("PATCH", "/api/consumers/$consumer", {"name": "mine"}), ("DELETE", "/api/consumers/$consumer", None),
           ("POST", "/api/consumers/$consumer/sensors", {"sensor_id": "$sensor"}),
           ("DELETE", "/api/consumers/$consumer/sensors/$sensor", None)]
ADMINS = [("POST", "/api/users", {"name": "a", "username": "c", "password": "password 1", "role": "user"}),
          ("PATCH", "/api/users/-1", {"name": "mine"}), ("DELETE", "/api/users/-1", None),
          ("PATCH", "/api/users/$user", {"role": "admin"})]

RIGHTS = [
    *[(f"{method} {target} of somebody else", "user", method, target, None, (403, 404), "") for method, target in READS],
    *[(f"{method} {target} of somebody else", "user", method, target, body, (403, 404), "") for method, target, body in CHANGES],
    *[(f"{method} {target} by a user", "user", method, target, body, (403, 404), "") for method, target, body in ADMINS],
    *[(f"{method} {target} by a reader", "reader", method, target, body, (403, 404), "") for method, target, body in CHANGES + ADMINS],
    ("a device made by a reader", "reader", "POST", "/api/devices", {"name": "a"}, 403, ""),
    ("a consumer made by a reader", "reader", "POST", "/api/consumers", {"name": "a"}, 403, ""),
    *[(f"{method} {target} without a token", "nobody", method, target, None, 401, "") for method, target in READS],
    *[(f"{method} {target} without a token", "nobody", method, target, body, 401, "") for method, target, body in CHANGES + ADMINS],
    ("the last administrator removed", "root", "DELETE", "/api/users/-1", None, (400, 403, 409), ""),
    ("the last administrator made a user", "root", "PATCH", "/api/users/-1", {"role": "user"}, (400, 403, 409), ""),
]

ALL = BODIES + FIELDS + UNKNOWN + PATHS + LISTS + METHODS + RIGHTS
