"""The GUI in a real browser, against the real program."""

import pytest

from support.api import Api
from support.browser import DEADLINE_MS, Browser, sync_api
from support.http import Client
from support.program import DEMO_PASSWORD, Platform

PASSWORDS = {"root": DEMO_PASSWORD}


class Gui:
    """A running program, and pages of it."""

    def __init__(self, running, browser):
        self.platform, self.browser = running, browser
        self.http = running.address("http")[1]
        self._apis, self._contexts, self._complaints = {}, [], []
        # What a test provokes: patterns of console messages that are no failure.
        self.expected_complaints = []

    @property
    def url(self):
        host, port = self.platform.address("core")
        return f"http://{host}:{port}"

    def api(self, method, path, body=None, as_user="root"):
        """The JSON of an answer, which must be a good one."""
        if as_user not in self._apis:
            self._apis[as_user] = Api.signed_in(self.platform, as_user, PASSWORDS[as_user])
        return self._apis[as_user].ok(method, path, body)

    def user(self, username, role="user", password="a long password"):
        """Makes a user that page() can sign in; its id."""
        PASSWORDS[username] = password
        return self.api("POST", "/api/users", {"username": username, "password": password, "role": role})["result"]["id"]

    def device(self, name="pump", sensors=("temperature",), as_user="root", mapping="double", unit="°C"):
        """A device with sensors: its id and theirs."""
        device = self.api("POST", "/api/devices", {"name": name}, as_user)["result"]["id"]
        made = self.api("POST", f"/api/devices/{device}/sensors",
                        [{"name": each, "unit": unit, "mapping": {"type": mapping}} for each in sensors], as_user)
        return device, [each["id"] for each in made]

    def send(self, device, readings, as_user="root"):
        """Sends readings with the device's token."""
        token = self.api("GET", f"/api/devices/{device}/key", as_user=as_user)["token"]
        client = Client(self.platform.address("http"))
        for start in range(0, len(readings), 10_000):
            sender = Api(self.platform.address("http"), token)
            sender.client = client
            sender.ok("POST", "/", readings[start:start + 10_000])

    def page(self, user="root", path="/", **options):
        """A page of a new browser context; signed in unless `user` is None."""
        context = self.browser.context(self.url, **options)
        self._contexts.append(context)
        if user is not None:
            signed_in = context.request.post("/api/session", data={"username": user, "password": PASSWORDS[user]})
            assert signed_in.ok, signed_in.text()
        page = context.new_page()
        page.on("pageerror", lambda error: self._complaints.append(f"uncaught: {error}"))
        page.on("console", self._on_console)
        page.goto(path)
        return page

    def _on_console(self, message):
        if message.type != "error":
            return
        # Answers that are refusals are told there too; what the page makes of them is for the test to look at.
        if message.text.startswith("Failed to load resource"):
            return
        self._complaints.append(f"console: {message.text}")

    def end_test(self):
        for context in self._contexts:
            context.close()
        self._contexts.clear()
        complaints = [each for each in self._complaints
                      if not any(expected in each for expected in self.expected_complaints)]
        self._complaints.clear()
        self.expected_complaints.clear()
        assert not complaints, complaints


@pytest.fixture(scope="session")
def browser():
    sync_api().expect.set_options(timeout=DEADLINE_MS)
    running = Browser()
    yield running
    running.close()


@pytest.fixture(scope="module")
def gui_of_file(tmp_path_factory, browser):
    running = Platform(tmp_path_factory.mktemp("gui"), settings={"websocket.ports": "0", "mqtt.port": "0"})
    running.start()
    yield Gui(running, browser)
    if running.process is not None:
        assert running.stop() == 0


@pytest.fixture
def gui(gui_of_file):
    """A platform that the tests of one file share. A script's error in any of its pages fails the test."""
    yield gui_of_file
    gui_of_file.end_test()


@pytest.fixture(scope="session")
def expect(browser):
    return sync_api().expect
