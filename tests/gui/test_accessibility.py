"""axe finds nothing against WCAG 2.2 AA on any page, in both themes, wide and narrow."""

import pytest

from support import node

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe():
    return (node.modules() / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def places(gui_of_file):
    """The address of every page, with something on it."""
    gui = gui_of_file
    device, sensors = gui.device("Pump", ("pressure", "flow"))
    gui.api("PATCH", f"/api/devices/{device}/sensors/{sensors[0]}", {"path": "Wheels/Front"})
    gui.send(device, [{"sensor_id": sensors[0], "timestamp": 1_700_000_000 + i, "value": i % 7} for i in range(500)])
    consumer = gui.api("POST", "/api/consumers", {"name": "Reports"})["result"]["id"]
    gui.api("POST", f"/api/consumers/{consumer}/sensors", {"sensor_id": sensors[0]})
    return {
        "devices": "/devices", "device": f"/devices/{device}", "sensor": f"/devices/{device}/sensors/{sensors[0]}",
        "sensor without readings": f"/devices/{device}/sensors/{sensors[1]}", "consumers": "/consumers",
        "consumer": f"/consumers/{consumer}", "connect": "/connect", "dashboards": "/dashboards", "explore": "/explore",
        "operations": "/operations", "jobs": "/jobs", "users": "/users", "account": "/account", "audit": "/audit",
        "nothing": "/no/such/page", "no such device": "/devices/999999",
    }


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes']]}" for each in found]


def look_at(page, expect):
    """Waits until the page has what it shows."""
    expect(page.locator("h1, [role=alert]").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_violation(gui, expect, axe, places, scheme, width):
    page = gui.page(scheme=scheme, width=width)
    found = []
    for name, path in places.items():
        page.goto(path)
        look_at(page, expect)
        found += [f"{name}: {each}" for each in violations(page, axe)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name} is {wide} px wide on a screen of {width}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dialogs_and_signing_in_have_none(gui, expect, axe, places, scheme):
    page = gui.page(user=None, scheme=scheme)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    found = violations(page, axe)
    page = gui.page(path=places["device"], scheme=scheme)
    for button in ("Add sensor", "Edit", "Delete", "Rotate key"):
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        found += [f"{button}: {each}" for each in violations(page, axe)]
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("tab", name="Tree").click()
    expect(page.get_by_role("region", name="Wheels/Front")).to_be_visible()
    found += violations(page, axe)
    page.get_by_role("button", name="root").click()
    expect(page.get_by_role("menu")).to_be_visible()
    found += violations(page, axe)
    assert not found, "\n".join(found)
