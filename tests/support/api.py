"""A small client of IoTCore's REST API, and a ready-made device with sensors and a consumer."""

import dataclasses
import json

from support.http import Client
from support.program import DEMO_PASSWORD
from support.wait import eventually

CREATED = (200, 201)
REMOVED = (200, 204)


class ApiFailed(Exception):
    def __init__(self, what, response):
        super().__init__(f"{what}: {response!r}")
        self.response = response


def unwrap(body):
    """The thing itself, whether or not it comes inside {"result": ...}."""
    return body["result"] if isinstance(body, dict) and "result" in body else body


class Api:
    """The API as one user (or consumer, or nobody)."""

    def __init__(self, address, token=None, source=None, tls=None):
        self.client = Client(address, source, tls)
        self.token = token

    @classmethod
    def signed_in(cls, platform, username="root", password=DEMO_PASSWORD, tls=None):
        api = cls(platform.address("core"), tls=tls)
        api.token = eventually("a sign-in", lambda: api._sign_in(username, password))
        return api

    def _sign_in(self, username, password):
        """The token; None while the platform says that it is not yet able to (its first start makes a key)."""
        response = self.call("POST", "/api/users/signin", {"username": username, "password": password})
        if response.status == 503:
            assert int(response.header("Retry-After")) >= 1, response
            return None
        if response.status != 200:
            raise ApiFailed("sign-in", response)
        return response.json["token"]

    def call(self, method, target, body=None, headers=()):
        """The answer, whatever it is. `body` is a value to send as JSON, or bytes."""
        headers = list(headers)
        if self.token is not None:
            headers.append(("Authorization", f"Bearer {self.token}"))
        if body is not None:
            if not any(name.lower() == "content-type" for name, _ in headers):
                headers.append(("Content-Type", "application/json"))
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        elif method in ("POST", "PUT", "PATCH"):
            body = b""
        return self.client.request(method, target, headers, body)

    def ok(self, method, target, body=None):
        """The answer's JSON (None if it is empty), which must be a 2xx."""
        response = self.call(method, target, body)
        if not 200 <= response.status < 300:
            raise ApiFailed(f"{method} {target}", response)
        return response.json if response.body else None

    def create_user(self, username, password, role="user", name="Somebody"):
        return unwrap(self.ok("POST", "/api/users",
                              {"name": name, "username": username, "password": password, "role": role}))

    def create_device(self, name="Device", description=""):
        return str(self.ok("POST", "/api/devices", {"name": name, "description": description})["result"]["id"])

    def create_sensor(self, device, mapping="double", **fields):
        body = {"name": f"A {mapping}", "mapping": {"type": mapping}, **fields}
        return str(self.ok("POST", f"/api/devices/{device}/sensors", body)["id"])

    def device_key(self, device):
        return self.ok("GET", f"/api/devices/{device}/key")["token"]

    def create_consumer(self, name="Consumer"):
        return str(unwrap(self.ok("POST", "/api/consumers", {"name": name, "description": ""}))["id"])

    def consumer_key(self, consumer):
        return self.ok("GET", f"/api/consumers/{consumer}/key")["token"]

    def grant(self, consumer, sensor):
        self.ok("POST", f"/api/consumers/{consumer}/sensors/{sensor}")


@dataclasses.dataclass
class Thing:
    """A device with sensors by name, its token, and a consumer that may read all of them."""

    device: str
    token: str
    sensors: dict
    consumer: str
    consumer_token: str

    def index(self, name):
        return f"{self.device}_{self.sensors[name]}"


def make_thing(api, mappings, name="Thing"):
    """`mappings`: {"temperature": "double", ...}; the sensors are made by one POST of an array."""
    device = api.create_device(name)
    answer = unwrap(api.ok("POST", f"/api/devices/{device}/sensors",
                           [{"name": key, "mapping": {"type": mapping}} for key, mapping in mappings.items()]))
    sensors = {sensor["name"]: str(sensor["id"]) for sensor in answer}
    assert list(sensors) == list(mappings)
    consumer = api.create_consumer(f"Consumer of {name}")
    for sensor in sensors.values():
        api.grant(consumer, sensor)
    return Thing(device, api.device_key(device), sensors, consumer, api.consumer_key(consumer))
