"""Consumers: made, granted to, withdrawn from, their keys, deleted."""

import json
import re


def test_a_consumer_is_made_granted_to_and_reads_with_its_key(gui, expect, tmp_path):
    device, sensors = gui.device("Press", ("force", "stroke", "speed"))
    gui.send(device, [{"sensor_id": sensors[1], "value": 42}])
    page = gui.page(path="/consumers")
    page.get_by_role("button", name="Add consumer").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Night report")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Night report")).to_be_visible()
    expect(page.get_by_text("Nothing is granted to this consumer")).to_be_visible()

    page.get_by_role("button", name="Grant sensors").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Device").first.fill("Press")
    page.get_by_role("option", name=f"Press ({device})").click()
    dialog.get_by_role("searchbox").fill("stro")
    expect(dialog.get_by_role("checkbox", name="force")).to_have_count(0)
    dialog.get_by_role("checkbox", name="stroke").check()
    dialog.get_by_role("searchbox").fill("")
    dialog.get_by_role("checkbox", name="force").check()
    dialog.get_by_role("button", name="Grant 2 sensors").click()
    expect(page.get_by_text("2 sensors were granted")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="stroke")
    expect(row.get_by_role("link", name="Press")).to_be_visible()
    expect(row).to_contain_text("°C")

    page.get_by_role("button", name="Withdraw force").click()
    expect(page.get_by_role("link", name="force")).to_have_count(0)

    with page.expect_download() as download:
        page.get_by_role("button", name="Download consumer key").click()
    assert re.fullmatch(r"consumer-\d+-key\.json", download.value.suggested_filename)
    download.value.save_as(tmp_path / "key.json")
    key = json.loads((tmp_path / "key.json").read_text())
    assert set(key) == {"token", "consumer_id"}
    command = page.get_by_role("region", name="The ten newest readings of stroke")
    address = re.search(r"'(http[^']*)'", command.inner_text()).group(1)
    assert address.startswith(gui.url)
    answer = page.context.request.get(address, headers={"Authorization": f"Bearer {key['token']}"})
    assert answer.json()["hits"]["hits"][0]["_source"]["value"] == 42


def test_what_is_granted_already_cannot_be_chosen_again(gui, expect):
    device, sensors = gui.device("Oven", ("heat", "door"))
    consumer = gui.api("POST", "/api/consumers", {"name": "Kitchen"})["result"]["id"]
    gui.api("POST", f"/api/consumers/{consumer}/sensors/{sensors[0]}")
    page = gui.page(path=f"/consumers/{consumer}")
    page.get_by_role("button", name="Grant sensors").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Device").first.fill("Oven")
    page.get_by_role("option", name=f"Oven ({device})").click()
    expect(dialog.get_by_role("checkbox", name="heat")).to_be_disabled()
    dialog.get_by_role("checkbox", name="All sensors shown").check()
    expect(dialog.get_by_role("button", name="Grant 1 sensor")).to_be_enabled()


def test_a_rotated_key_ends_the_old_one_and_deleting_says_what_is_lost(gui, expect):
    consumer = gui.api("POST", "/api/consumers", {"name": "Old reader"})["result"]["id"]
    page = gui.page(path=f"/consumers/{consumer}")
    page.get_by_role("button", name="Show").click()
    shown = page.get_by_role("region", name="Consumer key")
    before = shown.inner_text()
    page.get_by_role("button", name="Rotate key").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("stop working at once")
    dialog.get_by_role("textbox").fill("Old reader")
    dialog.get_by_role("button", name="Rotate key").click()
    expect(page.get_by_text("The key was rotated")).to_be_visible()
    expect(shown).not_to_have_text(before)

    page.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("grants are lost for good")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_role("textbox").fill("Old reader")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Consumers")).to_be_visible()
    expect(page.get_by_role("link", name="Old reader")).to_have_count(0)


def test_who_only_reads_sees_no_button_that_would_fail(gui, expect):
    user = gui.user("reader", "user")
    consumer = gui.api("POST", "/api/consumers", {"name": "Mine"}, as_user="reader")["result"]["id"]
    gui.api("PATCH", f"/api/users/{user}", {"role": "read-only"})
    page = gui.page(user="reader", path="/consumers")
    expect(page.get_by_role("link", name="Mine")).to_be_visible()
    expect(page.get_by_role("button", name="Add consumer")).to_have_count(0)
    page.goto(f"/consumers/{consumer}")
    expect(page.get_by_role("button", name="Download consumer key")).to_be_visible()
    for name in ("Edit", "Delete", "Grant sensors", "Rotate key"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
