"""Devices and sensors: the twelve steps of the original, and what it lacked."""

import json
import re
import time

from support.api import Api


def now_s():
    return int(time.time())


def field(page, label):
    return page.get_by_role("textbox", name=label, exact=True)


def sign_in(page, username, password):
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_twelve_steps(gui, expect, tmp_path):
    page = gui.page(user=None, path="/devices")
    # 1, 2: at /devices one signs in, and is where one wanted to be.
    sign_in(page, "root", "x5KATOHT9zHczR49aPy0")
    expect(page.get_by_role("heading", name="Devices", exact=True)).to_be_visible()
    assert page.url == gui.url + "/devices"
    # 3, 4: add a device, view it.
    page.get_by_role("button", name="Add device").click()
    field(page, "Name").fill("Pump house")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Pump house")).to_be_visible()
    # 5: add a sensor.
    page.get_by_role("button", name="Add sensor").click()
    field(page, "Name").fill("Pressure")
    field(page, "Unit").fill("bar")
    field(page, "Path").fill("Pumps/Left")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="Pressure")).to_be_visible()
    # 6: download the device's key.
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download device key").click()
    downloading.value.save_as(tmp_path / "device.json")
    key = json.loads((tmp_path / "device.json").read_text())
    # 7: the icon that shows the sensor's id.
    page.get_by_role("button", name="Ids of Pressure").click()
    shown = page.get_by_role("dialog", name="Ids of Pressure")
    sensor = shown.locator(".id").first.inner_text()
    assert sensor.isdigit()
    page.keyboard.press("Escape")
    # The key and the id are what a device needs.
    device = Api(gui.platform.address("http"), key["token"])
    device.ok("POST", "/", {"sensor_id": sensor, "timestamp": now_s(), "value": 4.5})
    expect(page.get_by_text("4.5 bar")).to_be_visible()
    # 8 to 10: a consumer, viewed, granted the sensor.
    page.get_by_role("link", name="Consumers").click()
    page.get_by_role("button", name="Add consumer").first.click()
    field(page, "Name").fill("Reports")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Reports", exact=True)).to_be_visible()
    page.get_by_role("button", name="Grant sensors").first.click()
    page.get_by_role("dialog").get_by_label("Device").first.fill("Pump")
    page.get_by_role("option", name=re.compile("Pump house")).click()
    page.get_by_role("checkbox", name=re.compile("Pressure")).check()
    page.get_by_role("button", name=re.compile("^Grant")).last.click()
    expect(page.get_by_role("link", name="Pressure")).to_be_visible()
    # 11, 12: the consumer's key, with which the reading is queried.
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download consumer key").click()
    downloading.value.save_as(tmp_path / "consumer.json")
    consumer = Api(gui.platform.address("core"), json.loads((tmp_path / "consumer.json").read_text())["token"])
    found = consumer.ok("GET", f"/api/consumers/consume/{sensor}/_search")
    assert [hit["_source"]["value"] for hit in found["hits"]["hits"]] == [4.5]


def test_wrong_passwords_are_told(gui, expect):
    page = gui.page(user=None, path="/devices")
    sign_in(page, "root", "not this one")
    expect(page.get_by_role("alert")).to_contain_text("Wrong user name or password")


def test_what_is_wrong_stands_at_its_field_and_what_was_written_stays(gui, expect):
    page = gui.page(path="/devices")
    page.get_by_role("button", name="Add device").click()
    field(page, "Name").fill("Clock")
    field(page, "Keep readings for").fill("a while")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(field(page, "Keep readings for")).to_have_attribute("aria-invalid", "true")
    # The page is loaded again: nothing is lost.
    page.reload()
    page.get_by_role("button", name="Add device").click()
    expect(field(page, "Name")).to_have_value("Clock")
    field(page, "Keep readings for").fill("30d")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Clock")).to_be_visible()
    assert gui.api("GET", "/api/devices?name=Clock")["result"][0]["retention"] == 30 * 86400


def test_a_sensor_is_dragged_to_another_path(gui, expect):
    device, (left, _) = gui.device("Car", ("left", "right"))
    gui.api("PATCH", f"/api/devices/{device}/sensors/{left}", {"path": "Wheels/Front"})
    page = gui.page(path=f"/devices/{device}")
    page.get_by_role("tab", name="Tree").click()
    page.get_by_role("listitem").filter(has=page.get_by_role("link", name="right")).last.drag_to(
        page.get_by_role("region", name="Wheels/Front"))
    expect(page.get_by_role("region", name="Wheels/Front").get_by_role("link", name="right")).to_be_visible()
    # The same with the keyboard.
    page.get_by_role("button", name="Move left").press("Enter")
    field(page, "Path").fill("Doors")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Doors").get_by_role("link", name="left")).to_be_visible()
    paths = {each["name"]: each["path"] for each in gui.api("GET", f"/api/devices/{device}/sensors")["result"]}
    assert paths == {"left": "Doors", "right": "Wheels/Front"}


def test_deleting_says_what_is_lost_and_asks_for_the_name(gui, expect):
    device, _ = gui.device("Old pump", ("a", "b"))
    page = gui.page(path=f"/devices/{device}")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Its 2 sensors, all their readings")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_role("textbox").fill("Old pump")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Devices", exact=True)).to_be_visible()
    assert gui.api("GET", "/api/devices?name=Old")["result"] == []


def test_a_rotated_key_replaces_the_old_one(gui, expect):
    device, _ = gui.device("Rotated")
    old = gui.api("GET", f"/api/devices/{device}/key")["token"]
    page = gui.page(path=f"/devices/{device}")
    page.get_by_role("button", name="Rotate key").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Rotated")
    page.get_by_role("dialog").get_by_role("button", name="Rotate key").click()
    expect(page.get_by_role("status").filter(has_text="The key was rotated")).to_be_visible()
    assert gui.api("GET", f"/api/devices/{device}/key")["token"] != old


def test_a_read_only_user_sees_no_button_that_would_fail(gui, expect):
    user = gui.user("reader", "user")
    device, _ = gui.device("Seen", as_user="reader")
    gui.api("PATCH", f"/api/users/{user}", {"role": "read-only"})
    page = gui.page(user="reader", path=f"/devices/{device}")
    expect(page.get_by_role("heading", name="Seen")).to_be_visible()
    for name in ("Add sensor", "Edit", "Delete", "Rotate key", "Download device key"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_role("link", name="Users")).to_have_count(0)
    # The API refuses it too.
    answer = page.request.delete(f"/api/devices/{device}", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 403 and answer.json()["name"] != "CrossSiteRequest"


def test_ten_thousand_devices_are_paged_and_searched(gui, expect):
    for start in range(0, 10_000, 1):
        gui.api("POST", "/api/devices", {"name": f"Meter {start:05}"})
    page = gui.page(path="/devices")
    rows = page.get_by_role("row")
    expect(rows).to_have_count(51)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(101)
    page.get_by_role("searchbox").fill("meter 07777")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("link", name="Meter 07777")).to_be_visible()
    page.get_by_role("searchbox").fill("nowhere")
    expect(page.get_by_text("Nothing has “nowhere” in its name.")).to_be_visible()


def test_the_chart_shows_readings_live_and_is_zoomed(gui, expect):
    device, (sensor,) = gui.device("Live")
    start = now_s() * 1000 - 3_600_000
    gui.send(device, [{"sensor_id": sensor, "timestamp": start + 1000 * i, "value": i % 60} for i in range(3_000)])
    page = gui.page(path=f"/devices/{device}/sensors/{sensor}")
    chart = page.get_by_role("region", name="Readings over time")
    expect(chart.locator("canvas")).to_be_visible()
    expect(page.get_by_text("3,000", exact=True)).to_be_visible()
    page.get_by_text("1 hour").click()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.get_by_text("3,000", exact=True)).to_have_count(0)
    page.get_by_text("All", exact=True).click()
    expect(page.get_by_text("3,000", exact=True)).to_be_visible()
    page.get_by_role("switch", name="Live").check()
    gui.send(device, [{"sensor_id": sensor, "timestamp": now_s() * 1000, "value": 4321}])
    expect(page.get_by_text("4,321 °C").first).to_be_visible()


def test_readings_are_downloaded_as_csv(gui, expect, tmp_path):
    device, (sensor,) = gui.device("Download")
    gui.send(device, [{"sensor_id": sensor, "timestamp": 1_500_000_000 + i, "value": i} for i in range(10)])
    page = gui.page(path=f"/devices/{device}/sensors/{sensor}")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download CSV").click()
    downloading.value.save_as(tmp_path / "readings.csv")
    lines = (tmp_path / "readings.csv").read_text().splitlines()
    assert len(lines) == 11 and lines[1].endswith(",0.0"), lines


def test_a_session_that_ended_loses_nothing(gui, expect):
    gui.user("forgetful")
    page = gui.page(user="forgetful", path="/devices")
    page.get_by_role("button", name="Add device").click()
    field(page, "Name").fill("Half written")
    page.context.clear_cookies()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    page.get_by_role("dialog").last.get_by_label("Password").fill("a long password")
    page.get_by_role("dialog").last.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Your session has ended")).to_have_count(0)
    expect(field(page, "Name")).to_have_value("Half written")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Half written")).to_be_visible()


def test_a_restarted_server_is_found_again_by_the_open_page(gui, expect):
    device, (sensor,) = gui.device("Restarted")
    page = gui.page(path=f"/devices/{device}")
    expect(page.get_by_role("heading", name="Restarted")).to_be_visible()
    address = {name: gui.platform.address(name)[1] for name in ("core", "http")}
    settings = dict(gui.platform.settings)
    assert gui.platform.stop() == 0
    gui.platform.settings.update({"core.port": address["core"], "http.ports": address["http"]})
    gui.platform.start()
    gui.platform.settings.clear()
    gui.platform.settings.update(settings)
    gui.send(device, [{"sensor_id": sensor, "timestamp": now_s(), "value": 77}])
    expect(page.get_by_text("77 °C")).to_be_visible()


def test_german(gui, expect):
    page = gui.page(path="/devices", language="de")
    expect(page.get_by_role("heading", name="Geräte")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
