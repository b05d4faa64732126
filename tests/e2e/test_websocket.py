"""The WebSocket gateway and real clients of it; what RFC 6455 says is in websocket_cases.py."""

import http.server
import json
import queue
import shutil
import subprocess
import sys
import threading
import time

import pytest

from e2e.websocket_cases import CASES, LIMIT
from support import node, venv
from support.api import Api, make_thing
from support.http import DEADLINE_S, Client
from support.program import DIES_WITH_TESTS, ROOT, Platform
from support.query import Queries
from support.wait import eventually
from support.websocket import BINARY, TEXT, Refused, WebSocket, close, frame

BEGIN_S = 1_600_000_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    running = Platform(tmp_path_factory.mktemp("platform"), {"websocket.ports": "0,0"})
    running.start()
    yield running
    if running.process is not None:
        assert running.stop() == 0


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    running = Platform(tmp_path_factory.mktemp("echo"), {"websocket.ports": "0", "websocket.message_bytes_max": LIMIT},
                       profile="conformance")
    running.start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def thing(root):
    return make_thing(root, {"a": "double"})


def readings(thing, count, begin=0):
    return [{"sensor_id": thing.sensors["a"], "timestamp": BEGIN_S + begin + n, "value": begin + n} for n in range(count)]


def stored(platform, thing):
    return sorted(int(one["value"]) for one in Queries(platform, thing.consumer_token).all(thing.index("a")))


def url(platform, path="/"):
    host, port = platform.address("websocket")
    return f"ws://{host}:{port}{path}"


# -- The protocol ------------------------------------------------------------------------------------------------------

def shown(received):
    kind, value = received[0], received[1]
    if kind == "close":
        return "close" if value is None else f"close {value}"
    return f"{kind}:" + value.decode("utf-8" if kind == "text" else "latin-1")


def run_case(echo, sent, expected, piece=None, deflate=False):
    with WebSocket(echo.address("websocket"), "/echo", deflate=deflate) as client:
        for at in range(0, len(sent), piece or len(sent)):
            client.send(sent[at:at + (piece or len(sent))])
        if not expected or not expected[-1].startswith("close"):
            client.send(close(1000))
            expected = [*expected, "close 1000"]
        for one in expected:
            assert shown(client.next()) == one
        client.send(close(1000))
        assert client.at_end()


@pytest.mark.parametrize("section, name, sent, expected", CASES, ids=[f"{section} {name}" for section, name, _, _ in CASES])
def test_the_protocol(echo, section, name, sent, expected):
    run_case(echo, sent, expected)


def test_there_are_enough_cases():
    assert len(CASES) >= 250 and len({(section, name) for section, name, _, _ in CASES}) == len(CASES)


def test_the_protocol_cut_into_pieces(echo):
    for section, name, sent, expected in CASES:
        if len(sent) < 400:
            run_case(echo, sent, expected, piece=1)
        elif len(sent) < 200_000:
            run_case(echo, sent, expected, piece=4093)


def run_client(command, env=None):
    """What a client printed, which must have ended well."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def client(script, *arguments, python=None):
    return [str(python or venv.python()), str(ROOT / "tests" / "clients" / script), *arguments]


def test_compressed_messages_are_echoed(echo):
    assert run_client(client("websockets_client.py", "echo", url(echo, "/echo"))) == "all echoed\n"


def test_autobahns_frames(echo):
    """Autobahn's client, which checks the server's handshake and frames by its own reading of the RFC."""
    host, port = echo.address("websocket")
    assert run_client(client("autobahn_client.py", host, str(port), python=sys.executable)) == "all echoed\n"


# -- Readings ----------------------------------------------------------------------------------------------------------

def test_good_messages_are_stored_and_not_answered(platform, thing):
    with WebSocket(platform.address("websocket", 1), token=thing.token) as client:
        assert client.protocol is None
        client.text(json.dumps(readings(thing, 1)[0]))
        client.send(frame(BINARY, json.dumps(readings(thing, 3, begin=1))))
        client.send(close(1000))
        assert client.next() == ("close", 1000, "")
    assert stored(platform, thing) == [0, 1, 2, 3]


def test_an_acknowledged_reading_is_in_the_next_query(platform, thing):
    with WebSocket(platform.address("websocket"), token=thing.token, protocols=["iotplatform.ack"]) as client:
        assert client.protocol == "iotplatform.ack"
        for n in range(20):
            client.text(json.dumps(readings(thing, 1, begin=n)[0]))
            assert client.next() == ("text", b'{"accepted":1}')
            assert stored(platform, thing) == list(range(n + 1))


def test_many_messages_are_answered_in_order(platform, thing):
    with WebSocket(platform.address("websocket"), token=thing.token, protocols=["iotplatform.ack"]) as client:
        sent = b""
        for n in range(300):
            sent += frame(TEXT, "nonsense") if n % 7 == 0 else frame(TEXT, json.dumps(readings(thing, n % 5, begin=10 * n)))
        client.send(sent)
        for n in range(300):
            answer = json.loads(client.next()[1])
            if n % 7 == 0:
                assert answer["errors"]
            else:
                assert answer == {"accepted": n % 5}
    assert len(stored(platform, thing)) == sum(n % 5 for n in range(300) if n % 7)


def test_a_bad_message_closes_with_a_reason(platform, thing):
    with WebSocket(platform.address("websocket"), token=thing.token) as client:
        client.text(json.dumps(readings(thing, 1)[0]))
        client.text('{"sensor_id":"999999","value":1}')
        kind, code, reason = client.next()
        assert (kind, code) == ("close", 1007) and "sensor_id" in reason
    assert stored(platform, thing) == [0]


@pytest.mark.parametrize("token, status", [(None, 401), ("nonsense", 403)])
def test_upgrades_without_a_good_token_are_refused(platform, token, status):
    with pytest.raises(Refused) as refused:
        WebSocket(platform.address("websocket"), token=token)
    assert refused.value.status == status


def test_what_is_no_upgrade_is_told(platform):
    response = Client(platform.address("websocket")).request("GET", "/", [])
    assert response.status == 426 and response.header("Upgrade") == "websocket"


def seconds_until_closed(platform, root, thing):
    """From the answer to the rotation of the device's key until its connection hears that it ends."""
    with WebSocket(platform.address("websocket"), token=thing.token) as client:
        client.text(json.dumps(readings(thing, 1)[0]))
        eventually("the reading", lambda: stored(platform, thing))
        told = []
        listener = threading.Thread(target=lambda: told.append((client.next(), time.monotonic())))
        listener.start()
        root.ok("POST", f"/api/devices/{thing.device}/key/rotate", {})
        answered = time.monotonic()
        listener.join()
        assert told[0][0][:2] == ("close", 1008)
        return told[0][1] - answered


def test_a_rotated_key_ends_the_connection_within_100_ms(platform, root):
    things = [make_thing(root, {"a": "double"}) for _ in range(5)]
    # A machine that does something else for a moment is not what is looked at here.
    assert min(seconds_until_closed(platform, root, thing) for thing in things) < 0.1
    thing = things[0]
    with pytest.raises(Refused) as refused:
        WebSocket(platform.address("websocket"), token=thing.token)
    assert refused.value.status == 403


def test_a_device_has_sixteen_connections(platform, thing):
    clients = [WebSocket(platform.address("websocket"), token=thing.token) for _ in range(16)]
    with pytest.raises(Refused) as refused:
        WebSocket(platform.address("websocket"), token=thing.token)
    assert refused.value.status == 429
    for client in clients:
        client.hang_up()


def test_what_was_acknowledged_outlives_the_plug(tmp_path, rng):
    platform = Platform(tmp_path, {"websocket.ports": "0"})
    platform.start()
    thing = make_thing(Api.signed_in(platform), {"a": "double"})
    acknowledged, sent = set(), 0
    for _ in range(5):
        client = WebSocket(platform.address("websocket"), token=thing.token, protocols=["iotplatform.ack"])
        killer = threading.Timer(rng.uniform(0.02, 0.2), platform.process.kill)
        killer.start()
        waiting = []
        try:
            while True:
                batch = b""
                for _ in range(20):
                    batch += frame(TEXT, json.dumps(readings(thing, 1, begin=sent)[0]))
                    waiting.append(sent)
                    sent += 1
                client.send(batch)
                for _ in range(20):
                    answer = client.next()
                    if answer is None:
                        raise ConnectionResetError
                    assert answer == ("text", b'{"accepted":1}')
                    acknowledged.add(waiting.pop(0))
        except (OSError, AssertionError):
            pass
        killer.join()
        platform.kill()
        platform.start()
        found = stored(platform, thing)
        assert acknowledged <= set(found) and len(found) == len(set(found))
    assert acknowledged
    assert platform.stop() == 0


# -- Clients -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["websockets_client.py", "websocket_client_client.py", "ws_client.js"])
def test_clients_as_programs_have_them(platform, thing, name):
    arguments = [url(platform), thing.token, json.dumps(readings(thing, 3))]
    if name.endswith(".js"):
        output = run_client(node.command(name, *arguments), node.environment())
    else:
        output = run_client(client(name, *arguments))
    assert output == 'iotplatform.ack {"accepted":3} 1000\n'
    assert stored(platform, thing) == [0, 1, 2]


PAGE = """<!doctype html><body><script>
const told = [];
const socket = new WebSocket(URL_, ["bearer." + TOKEN]);
socket.onopen = () => { told.push(socket.protocol === "bearer." + TOKEN); socket.send(READINGS); socket.close(1000); };
socket.onclose = (event) => { told.push(event.code, event.wasClean); fetch("/", { method: "POST", body: JSON.stringify(told) }); };
</script></body>"""


class PageServer(http.server.ThreadingHTTPServer):
    """Serves one page, and takes what it posts."""

    def __init__(self, page):
        self.told = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):
                body = page.encode()
                handler.send_response(200)
                handler.send_header("Content-Type", "text/html; charset=utf-8")
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def do_POST(handler):
                self.told.put(json.loads(handler.rfile.read(int(handler.headers["Content-Length"]))))
                handler.send_response(204)
                handler.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def test_a_browser(platform, thing, tmp_path):
    browser = shutil.which("chromium")
    assert browser, "the Debian package chromium is missing"
    page = (PAGE.replace("URL_", json.dumps(url(platform))).replace("TOKEN", json.dumps(thing.token))
            .replace("READINGS", json.dumps(json.dumps(readings(thing, 3)))))
    with PageServer(page) as server:
        command = [*DIES_WITH_TESTS, browser, "--headless", "--no-sandbox", "--disable-gpu",
                   f"--user-data-dir={tmp_path / 'browser'}", f"http://127.0.0.1:{server.server_port}/"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert server.told.get(timeout=DEADLINE_S) == [True, 1000, True]
        finally:
            process.terminate()
            process.wait()
            server.shutdown()
    assert stored(platform, thing) == [0, 1, 2]
