"""What the web pages need of the server: sessions, shared dashboards, and the numbers of the platform's work."""

import json

import pytest

from support.api import Api, make_thing
from support.http import Client
from support.ingest import Gateway
from support.program import DEMO_PASSWORD, Platform, setting_names
from support.wait import eventually

START = 1_526_717_967
OURS = ("Sec-Fetch-Site", "same-origin")


class Browser:
    """A user's browser with a page of ours."""

    def __init__(self, platform, username, password):
        self.client = Client(platform.address("core"))
        self.cookie = None
        begun = self.call("POST", "/api/session", {"username": username, "password": password})
        assert begun.status == 200, begun
        self.cookie = begun.header("Set-Cookie").split(";")[0]

    def call(self, method, target, body=None, site=OURS):
        headers = [site] if site else []
        if self.cookie:
            headers.append(("Cookie", f"theme=dark; {self.cookie}"))
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        return self.client.request(method, target, headers, None if body is None else json.dumps(body).encode())


@pytest.fixture
def browser(root, platform):
    # A token first: it waits for the key that a first start makes.
    return Browser(platform, "root", DEMO_PASSWORD)


@pytest.fixture
def thing(root, platform):
    made = make_thing(root, {"shown": "double", "hidden": "double"})
    Gateway(platform, made.token).store([{"sensor_id": made.sensors[name], "timestamp": START + at, "value": at}
                                         for name in made.sensors for at in range(3)])
    return made


def hits(response):
    assert response.status == 200, response
    return response.json["hits"]["total"]["value"]


def test_a_session_works_as_its_user_until_it_is_ended(browser):
    shown = browser.call("GET", "/api/session")
    assert shown.status == 200 and shown.json["result"]["username"] == "root", shown
    assert browser.call("POST", "/api/devices", {"name": "d"}).status == 200
    assert browser.call("POST", "/api/devices", {"name": "d"}, site=("Sec-Fetch-Site", "cross-site")).status == 403
    assert browser.call("POST", "/api/devices", {"name": "d"}, site=None).status == 403
    ended = browser.call("DELETE", "/api/session")
    browser.cookie = ended.header("Set-Cookie").split(";")[0]
    assert browser.call("GET", "/api/session").status == 401


def test_users_search_on_the_port_of_the_api(browser, thing):
    assert hits(browser.call("POST", f"/api/elasticsearch/{thing.index('shown')}/_search", {"size": 0})) == 3
    rows = browser.call("POST", "/api/elasticsearch/_sql?format=csv", {"query": f'SELECT COUNT(*) AS n FROM "{thing.index("shown")}"'})
    assert rows.status == 200 and rows.text.split() == ["n", "3"], rows


def test_a_shared_dashboard_shows_its_readings_and_no_others(root, platform, browser, thing):
    root.create_user("viewer", "a long password", "read-only")
    viewer = Browser(platform, "viewer", "a long password")
    document = {"version": 1, "panels": [{"id": "a", "sensors": [thing.index("shown")]}]}
    made = browser.call("POST", "/api/dashboards", {"name": "Hall", "visibility": "users", "document": document})
    assert made.status == 200 and made.json["result"]["document"] == document, made
    at = f"/api/dashboards/{made.json['result']['id']}"
    assert [one["name"] for one in viewer.call("GET", "/api/dashboards").json["result"]] == ["Hall"]
    assert viewer.call("GET", at).json["result"]["may_change"] is False
    assert hits(viewer.call("POST", f"{at}/elasticsearch/{thing.index('shown')}/_search", {"size": 0})) == 3
    assert hits(viewer.call("POST", f"{at}/elasticsearch/{thing.device}_*/_search", {"size": 0})) == 3
    assert viewer.call("POST", f"{at}/elasticsearch/{thing.index('hidden')}/_search", {"size": 0}).status == 404
    assert viewer.call("POST", f"/api/elasticsearch/{thing.index('shown')}/_search", {"size": 0}).status == 404
    assert browser.call("PATCH", at, {"visibility": "private", "version": 1}).status == 200
    assert viewer.call("POST", f"{at}/elasticsearch/{thing.index('shown')}/_search", {"size": 0}).status == 403


def test_dashboards_outlive_the_process(tmp_path):
    with Platform(tmp_path) as platform:
        root = Api.signed_in(platform)
        made = root.ok("POST", "/api/dashboards", {"name": "Hall", "document": {"a": [1.5, None, "é"]}})["result"]
        platform.kill()
        platform.start()
        assert Api.signed_in(platform).ok("GET", f"/api/dashboards/{made['id']}")["result"] == made


def test_the_numbers_of_operations_follow_what_happens(root, platform, thing):
    def operations():
        return root.ok("GET", "/api/operations")["result"]

    def refused(numbers):
        return next(one["count"] for one in numbers["refused"] if (one["protocol"], one["reason"]) == ("http", "bad_message"))

    before = operations()
    gateway = Gateway(platform, thing.token)
    gateway.store([{"sensor_id": thing.sensors["shown"], "timestamp": START + 100 + at, "value": at} for at in range(5)])
    assert gateway.post(b"{").status == 400
    root.ok("GET", "/api/elasticsearch/_cat/indices?format=json")
    # Event loops tell of their requests once a tick, also of those from before this test.
    eventually("the message's count", lambda: operations()["messages"]["http"] > before["messages"]["http"])
    eventually("the refusal", lambda: refused(operations()) > refused(before))
    after = operations()
    assert after["readings"]["acknowledged"] - before["readings"]["acknowledged"] == 5
    assert after["readings"]["stored"] - before["readings"]["stored"] == 5
    assert after["acknowledgement"]["count"] > before["acknowledgement"]["count"]
    assert after["queries"]["answered"] > before["queries"]["answered"]

    assert refused(after) - refused(before) == 1
    assert after["store"]["applied_position"] <= after["log"]["last_position"]
    assert after["log"]["healthy"] is True
    assert after["things"]["sensors"] >= 2
    assert after["connections"]["core"] >= 1
    assert 0 < after["disk"]["used_bytes"] < after["disk"]["size_bytes"]
    assert after["disk"]["budget_bytes"] is None
    assert after["memory_bytes"] > 1 << 20
    assert after["uptime_s"] >= before["uptime_s"] >= 0
    assert after["data_dir"] == str(platform.data_dir.absolute())

    shown = eventually("the device's error", lambda: root.ok("GET", "/api/operations/refusals")["result"])
    assert (shown[0]["device_id"], shown[0]["name"], shown[0]["protocol"]) == (thing.device, "Thing", "http")
    assert shown[0]["message"]


def test_the_settings_are_those_of_the_command(root, platform):
    shown = {one["name"]: one for one in root.ok("GET", "/api/settings")["result"]}
    assert set(shown) == setting_names()
    assert (shown["core.port"]["value"], shown["core.port"]["source"], shown["core.port"]["default"]) == ("0", "flag --core.port", "8080")
    assert shown["server.data_dir"]["value"] == str(platform.data_dir)
