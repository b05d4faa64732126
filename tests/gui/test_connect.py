"""The first five minutes: a device, a program that sends, the first reading."""

import subprocess

import pytest


def set_port(page, gui):
    """The harness takes any free port, which no setting says."""
    page.get_by_label("Port").fill(str(gui.http))


def test_from_nothing_to_the_first_reading(gui, expect):
    page = gui.page(path="/connect", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("Name of the device").fill("My pump")
    page.get_by_role("button", name="Add device and sensor").click()
    expect(page.get_by_text("My pump, temperature")).to_be_visible()
    set_port(page, gui)
    program = page.get_by_role("region", name="HTTP with curl")
    expect(program).to_contain_text(f":{gui.http}/")
    expect(program).to_contain_text("••••••••")
    page.get_by_role("button", name="Copy the program").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    assert "•" not in command
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == '{"accepted":1}'
    expect(page.get_by_role("status").filter(has_text="It arrived")).to_contain_text("21.5 °C")

    # What does not fit is told where one waits for it.
    subprocess.run(["bash", "-c", command.replace("21.5", '"warm"')], capture_output=True, timeout=30, check=True)
    expect(page.get_by_role("alert").filter(has_text="was refused")).to_contain_text("warm")

    page.reload()
    expect(page.get_by_text("My pump, temperature")).to_be_visible()
    page.get_by_role("button", name="Choose another").click()
    expect(page.get_by_role("button", name="Add device and sensor")).to_be_visible()


def test_the_token_is_shown_when_asked_for(gui, expect):
    device, (sensor,) = gui.device("Valve")
    page = gui.page(path=f"/connect?device={device}&sensor={sensor}")
    program = page.get_by_role("region", name="HTTP with curl")
    expect(program).not_to_contain_text("Bearer eyJ")
    page.get_by_role("button", name="Show token").click()
    expect(program).to_contain_text("Bearer eyJ")
    page.get_by_role("button", name="Hide token").click()
    expect(program).not_to_contain_text("Bearer eyJ")


@pytest.mark.parametrize("protocol,languages", [
    ("HTTP", ["curl", "Python", "Node.js", "Java", "C++", "Arduino"]),
    ("MQTT", ["mosquitto_pub", "Python", "Node.js", "Java", "C++", "Arduino"]),
    ("WebSocket", ["Python", "Node.js", "Java", "C++", "Arduino"]),
])
def test_every_protocol_has_its_languages(gui, expect, protocol, languages):
    device, (sensor,) = gui.device("Mill")
    page = gui.page(path=f"/connect?device={device}&sensor={sensor}", width=360)
    page.get_by_text(protocol, exact=True).click()
    tabs = page.get_by_role("tablist", name="Language").get_by_role("tab")
    expect(tabs).to_have_text(languages)
    for language in languages:
        tabs.filter(has_text=language).click()
        expect(page.get_by_role("region", name=f"{protocol} with {language}", exact=True)).to_contain_text(sensor)


def test_a_sensor_that_is_there_is_found_by_search(gui, expect):
    device, _ = gui.device("Grinder", ("load", "speed"))
    page = gui.page(path="/connect")
    page.get_by_text("One that is there").click()
    page.get_by_label("Device", exact=True).first.fill("Grind")
    page.get_by_role("option", name=f"Grinder ({device})").click()
    page.get_by_label("Sensor", exact=True).first.fill("spee")
    page.get_by_role("option").filter(has_text="speed").click()
    expect(page.get_by_text("Grinder, speed")).to_be_visible()


def test_who_only_reads_is_told_so(gui, expect):
    gui.user("looker", "read-only")
    page = gui.page(user="looker", path="/connect")
    expect(page.get_by_text("Your account only reads")).to_be_visible()
    expect(page.get_by_role("button", name="Add device and sensor")).to_have_count(0)
