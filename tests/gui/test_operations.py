"""Operations and stream jobs: numbers of the running program."""

import pytest

from support.api import Api


def test_the_numbers_follow_the_program(gui, expect):
    device, (sensor,) = gui.device("Saw")
    page = gui.page(path="/operations")
    expect(page.get_by_role("img", name="Readings acknowledged and messages refused per second")).to_be_visible()
    before = gui.api("GET", "/api/operations")["result"]["readings"]["acknowledged"]
    gui.send(device, [{"sensor_id": sensor, "value": value} for value in range(50)])
    card = page.locator("dl").filter(has_text="Refused messages")
    expect(card).to_contain_text(str(before + 50))
    # The newest minute has the acknowledgement that was just given.
    expect(page.locator("dl").filter(has_text="p99").first).to_contain_text("ms")


def test_refusals_name_reason_and_device(gui, expect):
    device, (sensor,) = gui.device("Drill")
    token = gui.api("GET", f"/api/devices/{device}/key")["token"]
    refused = Api(gui.platform.address("http"), token).call("POST", "/", {"sensor_id": sensor, "value": "fast"})
    assert refused.status == 400
    page = gui.page(path="/operations")
    page.get_by_role("tab", name="Refused").click()
    expect(page.get_by_role("row").filter(has_text="does not fit its sensor")).to_contain_text("http")
    row = page.get_by_role("row").filter(has_text="Drill")
    expect(row).to_contain_text("fast")
    row.get_by_role("link", name="Drill").click()
    expect(page.get_by_role("heading", name="Drill")).to_be_visible()


def test_settings_are_found_with_where_they_were_set(gui, expect):
    page = gui.page(path="/operations")
    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Find a setting").fill("mqtt.port")
    row = page.get_by_role("row").filter(has_text="mqtt.port")
    expect(row).to_contain_text("default: 1883")
    page.get_by_label("Find a setting").fill("body_bytes_max")
    expect(page.get_by_role("row").filter(has_text="http.body_bytes_max")).to_be_visible()
    page.get_by_label("Only what was set").check()
    expect(page.get_by_text("No setting has this")).to_be_visible()


def test_the_backup_names_the_data_directory(gui, expect):
    directory = gui.api("GET", "/api/operations")["result"]["data_dir"]
    page = gui.page(path="/operations")
    page.get_by_role("tab", name="Backup").click()
    expect(page.get_by_text("iotplatform backup --data-dir")).to_contain_text(directory)


@pytest.mark.parametrize("user,text", [("root", "Written to the log"), ("viewer", "shown to administrators")])
def test_jobs_say_what_runs(gui, expect, user, text):
    if user != "root":
        gui.user(user)
    page = gui.page(user=user, path="/jobs")
    expect(page.get_by_text("This version runs no stream jobs of your own")).to_be_visible()
    expect(page.get_by_text(text)).to_be_visible()


def test_operations_are_for_admins(gui, expect):
    gui.user("operator")
    page = gui.page(user="operator", path="/operations")
    expect(page.get_by_text("Only administrators see this page.")).to_be_visible()
    expect(page.get_by_role("link", name="Operations")).to_have_count(0)
