"""Wrong input in every form: it is told at its field, what was written stays, and nothing is half done."""

import json
import re

import pytest


def by_label(scope, label):
    return scope.get_by_role("textbox", name=label, exact=True)


# Of each form: the page, the buttons that open it, and what is wrong: what is written, the field that says so, and what it says.
FORMS = {
    "device without a name": ("/devices", ["Add device"], {"Description": "x"}, "Name", "missing or empty", "Add"),
    "device's retention": ("/devices", ["Add device"], {"Name": "x", "Keep readings for": "a while"}, "Keep readings for", "", "Add"),
    "device's retention, changed": ("{device}", ["Edit"], {"Keep readings for": "-1d"}, "Keep readings for", "", "Save"),
    "device's silence": ("/devices", ["Add device"], {"Name": "x", "Counts as silent after": "soon"}, "Counts as silent after", "", "Add"),
    "sensor without a name": ("{device}", ["Add sensor"], {"Unit": "bar"}, "Name", "missing or empty", "Add"),
    "sensor's retention": ("{device}", ["Add sensor"], {"Name": "x", "Keep readings for": "7"}, "Keep readings for", "", "Add"),
    "sensor's path": ("{device}", ["Add sensor"], {"Name": "x", "Path": "a/" * 200}, "Path", "", "Add"),
    "consumer without a name": ("/consumers", ["Add consumer"], {"Description": "x"}, "Name", "missing or empty", "Add"),
    "user without a user name": ("/users", ["Add user"], {"Password": "a long password"}, "User name", "missing or empty", "Add"),
    "user's short password": ("/users", ["Add user"], {"User name": "zoe", "Password": "short"}, "Password", "8", "Add"),
    "user name that is taken": ("/users", ["Add user"], {"User name": "root", "Password": "a long password"}, "User name", "", "Add"),
    "own short password": ("/account", [], {"New password": "short", "New password once more": "short"}, "New password", "8", "Change password"),
    "dashboard without a name": ("/dashboards", ["Add dashboard"], {"Description": "x"}, "Name", "missing or empty", "Add"),
    "dashboard's name taken away": ("{dashboard}", ["Edit", "Actions", "Name and description"], {"Name": ""}, "Name", "missing or empty", "Save"),
    "first device without a name": ("/connect", [], {"Name of the device": ""}, "Name of the device", "missing or empty", "Add device and sensor"),
    "gauge's limits": ("{dashboard}", ["Edit", "Panel Dial: actions", "Edit"], {"Smallest value": "10", "Greatest value": "5"},
                       "Greatest value", "greater than the smallest", "Apply"),
    "gauge's numbers": ("{dashboard}", ["Edit", "Panel Dial: actions", "Edit"], {"Warning from": "hot"}, "Warning from", "number", "Apply"),
    "table's rows": ("{dashboard}", ["Edit", "Panel List: actions", "Edit"], {"Readings at most": "1.5"}, "Readings at most", "whole number", "Apply"),
    "panel's place": ("{dashboard}", ["Edit", "Panel List: actions", "Place and size"], {"Column": "13"}, "Column", "from 1 to 12", "Apply"),
    "panel's width": ("{dashboard}", ["Edit", "Panel List: actions", "Place and size"], {"Column": "6", "Width in columns": "8"}, "Width in columns",
                      "from 1 to 7", "Apply"),
}


@pytest.fixture
def places(gui):
    """A device, and a dashboard with panels of it."""
    device, (sensor,) = gui.device("Boiler", ("heat",))
    index = f"{device}_{sensor}"
    limits = {"min": 0, "max": 100, "warn": None, "alarm": None}
    panels = [{"id": "p1", "kind": "gauge", "title": "Dial", "x": 0, "y": 0, "w": 6, "h": 4, "sensors": [index], "options": limits},
              {"id": "p2", "kind": "table", "title": "List", "x": 6, "y": 0, "w": 6, "h": 4, "sensors": [index], "options": {"rows": 5}}]
    document = {"version": 1, "variables": [], "range": {"last": "24h"}, "refresh_s": None, "panels": panels}
    dashboard = gui.api("POST", "/api/dashboards", {"name": "Hall", "document": document})["result"]["id"]
    return {"{device}": f"/devices/{device}", "{dashboard}": f"/dashboards/{dashboard}"}


def press(page, name):
    """A button, or an item of a menu."""
    page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("menuitem", name=name, exact=True)).or_(
        page.get_by_role("radio", name=name, exact=True)).last.click()


@pytest.mark.parametrize("form", FORMS)
def test_what_is_wrong_is_told_at_its_field(gui, expect, places, form):
    path, openers, written, wrong, said, submit = FORMS[form]
    page = gui.page(path=places.get(path, path))
    for name in openers:
        press(page, name)
    scope = page.get_by_role("dialog") if page.get_by_role("dialog").count() else page.get_by_role("main")
    for label, text in written.items():
        by_label(scope, label).fill(text)
    sent = []
    page.on("response", lambda response: sent.append((response.request.method, response.status)))
    scope.get_by_role("button", name=submit, exact=True).click()
    field = by_label(scope, wrong)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    told = " ".join(page.locator(f"[id='{each}']").inner_text() for each in field.get_attribute("aria-describedby").split())
    assert told and re.search(said, told), told
    for label, text in written.items():
        expect(by_label(scope, label)).to_have_value(text)
    assert not [each for each in sent if each[0] != "GET" and each[1] < 400], sent


def test_passwords_that_differ(gui, expect):
    page = gui.page(path="/account")
    by_label(page, "New password").fill("a long password")
    by_label(page, "New password once more").fill("a wrong")
    expect(page.get_by_text("This is not the same password")).to_be_visible()
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_contain_text("not the same password")


def test_a_range_that_ends_before_it_begins(gui, expect, places):
    page = gui.page(path=places["{dashboard}"])
    page.get_by_label("Range of time").select_option("absolute")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("From").fill("2026-02-01T00:00:00")
    dialog.get_by_label("To").fill("2026-01-01T00:00:00")
    expect(dialog.get_by_text("Must be a time after the beginning")).to_be_visible()
    expect(dialog.get_by_role("button", name="Apply")).to_be_disabled()
    dialog.get_by_label("To").fill("2026-03-01T00:00:00")
    dialog.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("from=2026-0"))


def test_a_variable_whose_name_is_none(gui, expect, places):
    page = gui.page(path=places["{dashboard}"])
    for name in ("Edit", "Actions", "Variables"):
        press(page, name)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Add variable").click()
    by_label(dialog, "Name in the address").fill("no way!")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog.get_by_role("alert")).to_contain_text("variables[0].name")
    expect(by_label(dialog, "Name in the address")).to_have_value("no way!")
    by_label(dialog, "Name in the address").fill("machine")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("content, said", [
    (b"{", "JSON"), (b"[]", "object"), (b'{"name":"x","description":"","document":{"version":2}}', "document.version"),
    (b" " * 1_000_001, "1 MB")])
def test_files_that_cannot_be_imported(gui, expect, content, said):
    page = gui.page(path="/dashboards")
    press(page, "Import")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": content})
    expect(dialog.get_by_role("alert")).to_contain_text(said)
    expect(dialog.get_by_role("button", name="Import", exact=True)).to_be_disabled()


def test_a_file_that_only_the_server_refuses(gui, expect):
    document = {"version": 1, "variables": [], "range": {"last": "24h"}, "refresh_s": None, "panels": []}
    content = json.dumps({"name": "", "description": "", "document": document}).encode()
    page = gui.page(path="/dashboards")
    press(page, "Import")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": content})
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("name")
