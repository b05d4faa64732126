"""Users, the own account and the audit log."""

import re

NEW_PASSWORD = re.compile(r"^New password\W*$")
REPEATED = re.compile(r"^New password once more\W*$")


def test_an_admin_adds_changes_and_deletes_a_user(gui, expect):
    page = gui.page(path="/users")
    page.get_by_role("button", name="Add user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Ida Imhof")
    dialog.get_by_label("User name").fill("root")
    dialog.get_by_label(re.compile(r"^Password\W*$")).fill("short")
    expect(dialog.get_by_text("Too short: 3 more characters are needed.")).to_be_visible()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_text("must have 8 to 1024 bytes")).to_be_visible()
    dialog.get_by_label(re.compile(r"^Password\W*$")).fill("correct horse battery")
    expect(dialog.get_by_text("Strong.")).to_be_visible()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_text('another user is called "root"')).to_be_visible()
    dialog.get_by_label("User name").fill("ida")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("cell", name="ida", exact=True)).to_be_visible()

    page.get_by_role("button", name="Edit ida").click()
    dialog.get_by_label("Role").select_option("read-only")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="Ida Imhof")).to_contain_text("Reads only")

    gui.api("POST", f"/api/users/{_id_of(gui, 'ida')}/devices", {"name": "Ida's"})
    page.get_by_role("button", name="Delete ida").click()
    expect(dialog).to_contain_text("its devices (1)")
    expect(dialog).to_contain_text("its consumers (0)")
    dialog.get_by_role("textbox").fill("ida")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("cell", name="ida", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Delete root")).to_have_count(0)


def _id_of(gui, username):
    return next(each["id"] for each in gui.api("GET", "/api/users")["result"] if each["username"] == username)


def test_a_user_changes_its_name_and_password_and_stays_signed_in(gui, expect):
    gui.user("kim", "user", "the first password")
    page = gui.page(user="kim", path="/account")
    page.get_by_role("textbox", name="Name", exact=True).fill("Kim Klein")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Kim Klein")).to_be_visible()
    page.get_by_label(NEW_PASSWORD).fill("the second password")
    page.get_by_label(REPEATED).fill("another")
    expect(page.get_by_text("This is not the same password.")).to_be_visible()
    page.get_by_label(REPEATED).fill("the second password")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password was changed")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Own account")).to_be_visible()
    for path in ("/users", "/audit"):
        page.goto(path)
        expect(page.get_by_text("Only administrators see this page.")).to_be_visible()


def test_the_audit_log_tells_what_was_and_what_is_and_leads_there(gui, expect):
    device, _ = gui.device("Before")
    gui.api("PATCH", f"/api/devices/{device}", {"name": "After"})
    page = gui.page(path="/audit")
    row = page.get_by_role("row").filter(has_text="device.update").first
    expect(row).to_contain_text("root")
    expect(row).to_contain_text("Before → After")
    page.get_by_label("Find in the entries shown").fill("before → nothing")
    expect(page.get_by_text("None of the entries shown has")).to_be_visible()
    page.get_by_label("Find in the entries shown").fill("device.update")
    expect(page.get_by_text("user.create")).to_have_count(0)
    row.get_by_role("link", name=f"device/{device}").click()
    expect(page.get_by_role("heading", name="After")).to_be_visible()
