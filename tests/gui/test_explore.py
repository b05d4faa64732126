"""Queries typed in a browser."""

import time


def test_a_search_and_sql_show_tables_and_are_remembered(gui, expect):
    device, (sensor,) = gui.device("explored")
    gui.send(device, [{"sensor_id": sensor, "timestamp": int(time.time()), "value": 4711}])
    page = gui.page(path="/explore")
    page.get_by_label("Indices").fill(f"{device}_{sensor}")
    page.get_by_role("textbox", name="Query").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("cell", name="4,711")).to_be_visible()
    expect(page.get_by_role("region", name="The same with curl")).to_contain_text(f":9000/{device}_{sensor}/_search")
    page.get_by_role("tab", name="JSON").click()
    expect(page.get_by_text('"value": 4711')).to_be_visible()

    page.get_by_text("SQL", exact=True).click()
    # Chromium itself tries to give a style to what is put in the place of selected text.
    gui.expected_complaints.append("Applying inline style")
    editor = page.get_by_role("textbox", name="Query")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(f'SELECT MAX(value) AS top FROM "{device}_{sensor}"')
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("columnheader", name="top")).to_be_visible()

    page.reload()
    expect(page.get_by_role("textbox", name="Query")).to_contain_text("MAX(value)")
    page.get_by_label("Earlier queries").select_option(index=2)
    expect(page.get_by_label("Indices")).to_have_value(f"{device}_{sensor}")


def test_a_refused_query_says_why(gui, expect):
    page = gui.page(path="/explore")
    page.get_by_role("textbox", name="Query").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('{"query":{"no_such_query":{}}}')
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("no_such_query")
