"""Dashboards in a browser: made, kept, moved, shared, on a wall, as files."""

import json
import re
import time

import pytest

DOCUMENT = {"version": 1, "variables": [], "range": {"last": "24h"}, "refresh_s": None, "panels": []}


def panel(identity, kind, place, sensors=(), options=None, **more):
    x, y, w, h = place
    return {"id": identity, "kind": kind, "title": more.pop("title", identity), "x": x, "y": y, "w": w, "h": h,
            "sensors": list(sensors), "options": options or {}, **more}


def latest(identity, place, sensor, **more):
    return panel(identity, "latest", place, [sensor], {"warn": None, "alarm": None}, **more)


def text(identity, place, content="note", **more):
    return panel(identity, "text", place, [], {"text": content}, **more)


@pytest.fixture
def pump(gui):
    """A device with readings of the last hours: its id and the index of its temperature."""
    device, (sensor,) = gui.device("pump of the hall")
    now = int(time.time())
    gui.send(device, [{"sensor_id": sensor, "timestamp": now - 60 * each, "value": 20 + each / 10} for each in range(120)])
    return device, f"{device}_{sensor}"


def make(gui, panels, name="Hall", visibility="private", **more):
    body = {"name": name, "description": "", "visibility": visibility, "document": {**DOCUMENT, "panels": panels, **more}}
    return gui.api("POST", "/api/dashboards", body)["result"]["id"]


def document(gui, dashboard):
    return gui.api("GET", f"/api/dashboards/{dashboard}")["result"]["document"]


def box(page, title):
    return page.get_by_role("group", name=title, exact=True).bounding_box()


def choose(page, field, option):
    page.get_by_role("textbox", name=field).click()
    page.get_by_role("option", name=re.compile(option)).first.click()


def test_a_dashboard_is_made_and_is_there_after_a_reload(gui, expect, pump):
    page = gui.page(path="/dashboards")
    page.get_by_role("button", name="Add dashboard").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Made here")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Made here")).to_be_visible()

    page.get_by_role("main").get_by_role("button", name="Add panel").last.click()
    page.get_by_role("button", name="Latest value").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Choose at least one sensor")).to_be_visible()
    choose(page, "Device", rf"pump of the hall \({pump[0]}\)")
    choose(page, "Add sensor", "temperature")
    page.get_by_role("textbox", name="Title").fill("Now")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("group", name="Now", exact=True).get_by_text("20 °C")).to_be_visible()

    # What is not saved outlives a reload, too.
    page.reload()
    expect(page.get_by_text("What you had begun")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("group", name="Now", exact=True).get_by_text("20 °C")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)


def test_panels_are_moved_and_resized_with_the_keyboard(gui, expect):
    dashboard = make(gui, [text("left", (0, 0, 4, 3)), text("right", (4, 0, 4, 3))])
    page = gui.page(path=f"/dashboards/{dashboard}")
    page.get_by_role("button", name="Edit", exact=True).click()
    handle = page.get_by_role("button", name="Move left")
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("left: column 2, row 1, 4 wide, 3 high")).to_be_attached()
    expect(handle).to_be_focused()
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("left: column 2, row 1, 4 wide, 4 high")).to_be_attached()
    # The other one made way.
    assert box(page, "right")["y"] > box(page, "left")["y"]
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    places = {each["id"]: (each["x"], each["y"], each["w"], each["h"]) for each in document(gui, dashboard)["panels"]}
    assert places == {"left": (1, 0, 4, 4), "right": (4, 4, 4, 3)}


def test_panels_are_dragged_and_escape_leaves_them_where_they_were(gui, expect):
    dashboard = make(gui, [text("upper", (0, 0, 6, 3)), text("below", (0, 3, 6, 3))])
    page = gui.page(path=f"/dashboards/{dashboard}")
    page.get_by_role("button", name="Edit", exact=True).click()
    before = box(page, "upper")

    def drag():
        start = page.get_by_role("button", name="Move upper").bounding_box()
        page.mouse.move(start["x"] + 5, start["y"] + 5)
        page.mouse.down()
        page.mouse.move(start["x"] + 5, start["y"] + 160, steps=6)

    drag()
    page.keyboard.press("Escape")
    page.mouse.up()
    assert box(page, "upper") == before
    drag()
    page.mouse.up()
    expect(page.get_by_text("upper: column 1, row 4")).to_be_attached()
    assert box(page, "upper")["y"] > box(page, "below")["y"]


def test_a_shared_dashboard_shows_its_readings_to_a_user_who_has_no_devices(gui, expect, pump):
    gui.user("viewer")
    dashboard = make(gui, [latest("Shown", (0, 0, 4, 3), pump[1], labels={pump[1]: {"name": "t", "unit": "°C"}})])
    page = gui.page(path=f"/dashboards/{dashboard}")
    page.get_by_role("button", name="Share").click()
    page.get_by_label("Who may see it").select_option("users")
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()

    theirs = gui.page("viewer", "/dashboards")
    theirs.get_by_role("link", name="Hall").last.click()
    expect(theirs.get_by_role("group", name="Shown", exact=True).get_by_text("20 °C")).to_be_visible()
    expect(theirs.get_by_text("View only")).to_be_visible()
    expect(theirs.get_by_role("button", name="Edit", exact=True)).to_have_count(0)

    gui.api("PATCH", f"/api/dashboards/{dashboard}", {"visibility": "private"})
    theirs.reload()
    expect(theirs.get_by_role("alert")).to_be_visible()


def test_a_panel_that_fails_leaves_the_others_alone(gui, expect, pump):
    dashboard = make(gui, [latest("Gone", (0, 0, 4, 3), "999_999"), latest("There", (4, 0, 4, 3), pump[1])])
    page = gui.page(path=f"/dashboards/{dashboard}")
    expect(page.get_by_role("group", name="Gone", exact=True).get_by_role("alert")).to_contain_text("no answer")
    expect(page.get_by_role("group", name="There", exact=True).get_by_text("20", exact=True)).to_be_visible()


def test_new_readings_appear_with_the_refresh(gui, expect, pump):
    device, index = pump
    dashboard = make(gui, [latest("Now", (0, 0, 4, 3), index)], refresh_s=1)
    page = gui.page(path=f"/dashboards/{dashboard}")
    shown = page.get_by_role("group", name="Now", exact=True)
    expect(shown.get_by_text("20", exact=True)).to_be_visible()
    gui.send(device, [{"sensor_id": index.split("_")[1], "timestamp": int(time.time()), "value": 77}])
    expect(shown.get_by_text("77", exact=True)).to_be_visible()


def test_a_live_dashboard_shows_readings_as_they_come_without_asking(gui, expect, pump):
    device, index = pump
    panels = [latest("Now", (0, 0, 4, 3), index), panel("Dial", "gauge", (4, 0, 4, 4), [index], {"min": 0, "max": 100, "warn": None, "alarm": 50}),
              panel("Course", "time-series", (0, 4, 12, 5), [index], {"band": True})]
    page = gui.page(path=f"/dashboards/{make(gui, panels)}")
    expect(page.get_by_role("group", name="Now", exact=True).get_by_text("20", exact=True)).to_be_visible()
    expect(page.get_by_role("group", name="Dial", exact=True).get_by_text("20", exact=True)).to_be_visible()
    with page.expect_response(re.compile("/api/consumers/live")):
        page.get_by_label("Refresh", exact=True).select_option("Live")
    page.wait_for_load_state("load")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "_search" in request.url else None)
    gui.send(device, [{"sensor_id": index.split("_")[1], "value": 71}])
    expect(page.get_by_role("group", name="Now", exact=True).get_by_text("71", exact=True)).to_be_visible()
    expect(page.get_by_role("group", name="Dial", exact=True)).to_contain_text("Alarm")
    # Between the rounds of half a minute nothing is asked; one may just have begun.
    assert len(asked) <= 2 * len(panels), asked
    page.wait_for_url(re.compile("refresh=live"))

    # Looking at another time ends it, and coming back begins it again.
    page.get_by_role("group", name="Course", exact=True).get_by_role("button", name="Earlier").click()
    page.wait_for_url(re.compile("from="))
    with page.expect_request(re.compile("/api/consumers/live")):
        page.get_by_label("Range of time").select_option("1h")


def test_a_viewer_of_a_shared_dashboard_has_it_refreshed_instead(gui, expect, pump):
    device, index = pump
    dashboard = make(gui, [latest("Now", (0, 0, 4, 3), index)], visibility="users", live=True)
    gui.user("mira")
    page = gui.page("mira", f"/dashboards/{dashboard}")
    refresh = page.get_by_label("Refresh", exact=True)
    expect(refresh.get_by_role("option", name="Live")).to_have_count(0)
    expect(page.get_by_role("group", name="Now", exact=True).get_by_text("20", exact=True)).to_be_visible()
    gui.send(device, [{"sensor_id": index.split("_")[1], "value": 77}])
    expect(page.get_by_role("group", name="Now", exact=True).get_by_text("77", exact=True)).to_be_visible()


def test_the_address_says_what_is_shown(gui, expect, pump):
    variable = {"name": "machine", "label": "Machine", "kind": "device", "default": ""}
    by_variable = panel("Any", "latest", (0, 0, 4, 3), [], {"warn": None, "alarm": None}, device="$machine", path="temp*")
    dashboard = make(gui, [by_variable], variables=[variable])
    page = gui.page(path=f"/dashboards/{dashboard}")
    expect(page.get_by_text("Choose a device above")).to_be_visible()
    choose(page, "Machine", rf"pump of the hall \({pump[0]}\)")
    expect(page.get_by_role("group", name="Any", exact=True).get_by_text("20 °C")).to_be_visible()
    page.get_by_label("Range of time").select_option("7d")
    page.get_by_label("Refresh", exact=True).select_option("60")
    page.wait_for_url(re.compile(r"refresh=60"))
    address = page.url
    assert f"var-machine={pump[0]}" in address and "last=7d" in address
    again = gui.page(path=address.removeprefix(gui.url))
    expect(again.get_by_role("group", name="Any", exact=True).get_by_text("20 °C")).to_be_visible()
    expect(again.get_by_label("Range of time")).to_have_value("7d")
    expect(again.get_by_label("Refresh", exact=True)).to_have_value("60")


def test_the_wall_has_no_navigation(gui, expect, pump):
    dashboard = make(gui, [latest("Now", (0, 0, 4, 3), pump[1])])
    page = gui.page(path=f"/dashboards/{dashboard}?wall=1")
    expect(page.get_by_role("group", name="Now", exact=True).get_by_text("20", exact=True)).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Leave wall mode").click()
    expect(page.get_by_role("navigation", name="Main navigation")).to_be_visible()


def test_a_dashboard_goes_into_a_file_and_comes_back(gui, expect, tmp_path):
    dashboard = make(gui, [text("Notes", (0, 0, 4, 3), "**bold** <b>not</b>")], name="Of a file")
    page = gui.page(path=f"/dashboards/{dashboard}")
    page.get_by_role("button", name="Actions", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export").click()
    assert download.value.suggested_filename == "of-a-file.json"
    path = tmp_path / "file.json"
    download.value.save_as(path)
    exported = json.loads(path.read_text(encoding="utf-8"))

    page.goto("/dashboards")
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    wrong = {**exported, "document": {**exported["document"], "panels": [{**exported["document"]["panels"][0], "kind": "pie"}]}}
    (tmp_path / "wrong.json").write_text(json.dumps(wrong), encoding="utf-8")
    with page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="File").click()
    chooser.value.set_files(tmp_path / "wrong.json")
    expect(dialog.get_by_role("alert")).to_contain_text("document.panels[0].kind")
    expect(dialog.get_by_role("button", name="Import")).to_be_disabled()
    with page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="File").click()
    chooser.value.set_files(path)
    dialog.get_by_role("button", name="Import").click()
    expect(page.get_by_role("group", name="Notes", exact=True)).to_contain_text("bold <b>not</b>")
    assert not page.url.endswith(f"/{dashboard}")


def edit_and_remove(page, title):
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("button", name=f"Panel {title}: actions").click()
    page.get_by_role("menuitem", name="Remove").click()


@pytest.mark.parametrize("way,left", [("Save mine over it", ["b"]), ("Take what was saved, discard mine", ["c"])])
def test_a_conflict_has_two_ways_out(gui, expect, way, left):
    dashboard = make(gui, [text("a", (0, 0, 4, 3)), text("b", (4, 0, 4, 3))])
    page = gui.page(path=f"/dashboards/{dashboard}")
    edit_and_remove(page, "a")
    gui.api("PATCH", f"/api/dashboards/{dashboard}", {"document": {**DOCUMENT, "panels": [text("c", (0, 0, 4, 3))]}})
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog", name="Somebody else").get_by_role("button", name=way).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("group", name=left[0], exact=True)).to_be_visible()
    expect(page.get_by_text("not saved yet")).to_have_count(0)
    assert [each["id"] for each in document(gui, dashboard)["panels"]] == left


def test_sharing_while_editing_is_no_conflict(gui, expect):
    dashboard = make(gui, [text("a", (0, 0, 4, 3)), text("b", (4, 0, 4, 3))])
    page = gui.page(path=f"/dashboards/{dashboard}")
    edit_and_remove(page, "a")
    page.get_by_role("button", name="Share").click()
    page.get_by_label("Who may see it").select_option("users")
    expect(page.get_by_label("Who may see it")).to_be_enabled()
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert [each["id"] for each in document(gui, dashboard)["panels"]] == ["b"]


def test_leaving_asks_where_something_is_not_saved(gui, expect):
    dashboard = make(gui, [text("a", (0, 0, 4, 3))])
    page = gui.page(path=f"/dashboards/{dashboard}")
    edit_and_remove(page, "a")
    navigation = page.get_by_role("navigation", name="Main navigation")
    navigation.get_by_role("link", name="Devices").click()
    page.get_by_role("button", name="Stay").click()
    expect(page.get_by_text("not saved yet")).to_be_visible()
    navigation.get_by_role("link", name="Devices").click()
    page.get_by_role("button", name="Keep them and leave").click()
    expect(page.get_by_role("heading", name="Devices", level=1)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("What you had begun")).to_be_visible()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_role("group", name="a", exact=True)).to_be_visible()


def test_deleting_says_what_is_lost(gui, expect):
    dashboard = make(gui, [text("a", (0, 0, 4, 3))], name="Short-lived")
    page = gui.page(path=f"/dashboards/{dashboard}")
    page.get_by_role("button", name="Actions", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("its panel are lost for good")
    dialog.get_by_role("textbox").fill("Short-lived")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", name="Dashboards", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Short-lived")).to_have_count(0)


def test_a_read_only_user_sees_no_button_that_would_fail(gui, expect):
    gui.user("reader", role="read-only")
    dashboard = make(gui, [text("a", (0, 0, 4, 3))], visibility="users")
    page = gui.page("reader", "/dashboards")
    expect(page.get_by_role("link", name="Hall").last).to_be_visible()
    expect(page.get_by_role("button", name="Add dashboard")).to_have_count(0)
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    page.goto(f"/dashboards/{dashboard}")
    expect(page.get_by_role("group", name="a", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)


def test_panels_stand_below_each_other_on_a_phone(gui, expect):
    dashboard = make(gui, [text("a", (0, 0, 6, 3)), text("b", (6, 0, 6, 3))])
    page = gui.page(path=f"/dashboards/{dashboard}", width=360)
    expect(page.get_by_role("group", name="b", exact=True)).to_be_visible()
    assert box(page, "b")["y"] > box(page, "a")["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
