"""Starting, stopping, and what stands in the way of a start."""

import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import tempfile

import pytest

from support.api import Api, make_thing
from support.http import Client, Connection
from support.ingest import Gateway
from support.program import DEMO_PASSWORD, PROGRAM, Platform
from support.query import Queries
from support.wait import eventually


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_ends_with_exit_code_0(tmp_path, end):
    with Platform(tmp_path) as platform:
        platform.process.send_signal(end)
        assert platform.wait() == 0


def test_finishes_the_request_that_was_begun(tmp_path):
    """SIGTERM comes while the body is still under way."""
    with Platform(tmp_path) as platform:
        thing = make_thing(Api.signed_in(platform), {"a": "double"})
        body = json.dumps({"sensor_id": thing.sensors["a"], "timestamp": 1_600_000_000, "value": 5}).encode()
        with Connection(platform.address("http")) as connection:
            connection.send(f"POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {thing.token}\r\nExpect: 100-continue\r\n"
                            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            assert connection.receive(interim=True).status == 100
            platform.process.send_signal(signal.SIGTERM)
            eventually("no further connections are accepted", lambda: refuses(platform.address("http")))
            connection.send(body)
            assert connection.receive().status == 200
        assert platform.wait() == 0
        platform.start()
        assert Queries(platform, thing.consumer_token).count(thing.index("a")) == 1


def refuses(address):
    try:
        with Connection(address) as connection:
            return connection.at_end()
    except OSError:
        return True


def test_an_idle_connection_does_not_hold_up_the_end(tmp_path):
    with Platform(tmp_path, {"server.shutdown_s": 3600}) as platform:
        with Connection(platform.address("core")) as idle, Connection(platform.address("http")) as silent:
            assert idle.request("GET", "/healthz").status == 200
            platform.process.send_signal(signal.SIGTERM)
            assert platform.wait() == 0
            assert idle.at_end() and silent.at_end()


def test_a_request_that_never_ends_is_cut_after_shutdown_s(tmp_path):
    with Platform(tmp_path, {"server.shutdown_s": 1}) as platform:
        with Connection(platform.address("http")) as slow:
            slow.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n{")
            platform.process.send_signal(signal.SIGTERM)
            assert platform.wait() == 0


def test_sighup_does_not_end_it(tmp_path):
    with Platform(tmp_path) as platform:
        client = Client(platform.address("core"))
        for _ in range(3):
            platform.process.send_signal(signal.SIGHUP)
            assert client.request("GET", "/healthz").status == 200
        assert platform.stop() == 0


def test_a_second_start_on_the_same_directory_is_refused(tmp_path):
    with Platform(tmp_path) as platform:
        thing = make_thing(Api.signed_in(platform), {"a": "double"})
        (tmp_path / "second").mkdir()
        second = Platform(tmp_path / "second", data_dir=platform.data_dir)
        failed = second.fail_to_start()
        assert str(platform.data_dir) in failed.output
        assert str(platform.pid) in failed.output or "in use" in failed.output.lower()
        Gateway(platform, thing.token).store({"sensor_id": thing.sensors["a"], "value": 1})
        assert platform.stop() == 0
        second.start()
        assert second.stop() == 0


def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        failed = Platform(tmp_path, {"query.port": port}).fail_to_start()
        assert str(port) in failed.output
        assert not (tmp_path / "ready.json").exists()


def test_a_file_where_the_data_directory_should_be_is_named(tmp_path):
    (tmp_path / "data").write_text("hello")
    failed = Platform(tmp_path).fail_to_start()
    assert str(tmp_path / "data") in failed.output
    assert (tmp_path / "data").read_text() == "hello"


def test_a_key_that_cannot_be_read_is_named(tmp_path):
    """Late in the start, when parts are there that want to be stopped."""
    with Platform(tmp_path) as platform:
        platform.stop()
        key, = platform.data_dir.rglob("token-key.pem")
        key.write_bytes(b"garbage\n")
        failed = platform.fail_to_start()
        assert key.name in failed.output


def test_a_directory_that_may_not_be_written_is_named(tmp_path):
    with tempfile.TemporaryDirectory() as shared:
        os.chmod(shared, 0o755)
        directory = pathlib.Path(shared) / "data"
        directory.mkdir(mode=0o555)
        prefix = []
        if os.geteuid() == 0:
            prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            if subprocess.run([*prefix, PROGRAM, "version"], capture_output=True).returncode != 0:
                pytest.skip("the program cannot be run as another user here")
        failed = Platform(tmp_path, data_dir=directory, prefix=prefix).fail_to_start()
        assert str(directory) in failed.output


def test_the_ready_file_says_who_and_where(tmp_path):
    with Platform(tmp_path) as platform:
        ready = platform.ready
        assert ready["pid"] == platform.pid
        assert ready["version"]
        assert isinstance(ready["start_ms"], int) and ready["start_ms"] >= 0
        assert ready["recovered_readings"] == 0
        assert len(ready["addresses"]["core"]) == len(ready["addresses"]["query"]) == 1
        assert len(ready["addresses"]["http"]) == 2
        every = [address for listener in ready["addresses"].values() for address in listener]
        assert len(set(every)) == len(every)
        for address in every:
            host, _, port = address.rpartition(":")
            assert host == "127.0.0.1"
            Connection((host, int(port))).close()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "output", "ready.json"]


def test_recovered_readings_are_counted(tmp_path):
    with Platform(tmp_path) as platform:
        thing = make_thing(Api.signed_in(platform), {"a": "double"})
        Gateway(platform, thing.token).store([{"sensor_id": thing.sensors["a"], "timestamp": n, "value": n} for n in range(1, 11)])
        platform.kill()
        platform.start()
        assert platform.ready["recovered_readings"] == 10


def test_the_key_is_for_nobody_else(tmp_path):
    with Platform(tmp_path, own_key=True) as platform:
        Api.signed_in(platform)  # the key may be made after the start; a sign-in needs it
        assert stat.S_IMODE(platform.data_dir.stat().st_mode) & 0o077 == 0
        keys = [file for file in platform.data_dir.rglob("*") if file.is_file() and b"PRIVATE KEY" in file.read_bytes()]
        assert [stat.S_IMODE(key.stat().st_mode) for key in keys] == [0o600]


@pytest.mark.parametrize("role, listeners", [
    ("core", {"core"}), ("http", {"http"}), ("query", {"query"}), ("core,http", {"core", "http"}),
    ("core,http,query", {"core", "http", "query"})])
def test_a_role_brings_its_listeners_alone(tmp_path, role, listeners):
    with Platform(tmp_path, {"role": role}) as platform:
        assert {name for name, addresses in platform.ready["addresses"].items() if addresses} == listeners
        assert platform.stop() == 0


@pytest.mark.parametrize("name, listener", [("core.port", "core"), ("http.ports", "http"), ("query.port", "query")])
def test_each_port_can_be_off(tmp_path, name, listener):
    with Platform(tmp_path, {name: "off"}) as platform:
        assert not platform.ready["addresses"].get(listener)
        assert all(platform.ready["addresses"][other] for other in {"core", "http", "query"} - {listener})


def test_the_ports_of_dashboards_and_jobs_serve_the_same_and_begin_with_their_pages(tmp_path):
    with Platform(tmp_path, {"dashboards.port": "0", "jobs.port": "0"}) as platform:
        for listener in ("dashboards", "jobs"):
            client = Client(platform.address(listener))
            for method in ("GET", "HEAD"):
                first = client.request(method, "/")
                assert (first.status, first.header("Location"), first.body) == (302, f"/{listener}", b""), first
                assert first.header("X-Content-Type-Options") == "nosniff"
            assert client.request("GET", "/healthz").json == {"status": "ok"}
            assert client.request("GET", "/api/users/self").status == 401
            assert client.request("POST", "/", body=b"{}").status == 404
        assert Client(platform.address("core")).request("GET", "/").status == 200


def test_a_gateway_has_as_many_ports_as_asked_for(tmp_path):
    with Platform(tmp_path, {"http.ports": "0,0,0"}) as platform:
        assert len(platform.ready["addresses"]["http"]) == 3
        for index in range(3):
            assert Client(platform.address("http", index)).request("POST", "/", body=b"{}").status == 401


def test_the_default_profile_prints_roots_password_once(tmp_path):
    with Platform(tmp_path, profile="default") as platform:
        tried = set()

        def password():
            words = {word.strip("\"'.,:;()=") for word in platform.output().split()}
            for word in sorted(word for word in words - tried if 12 <= len(word) <= 64 and word.isalnum()):
                tried.add(word)
                if sign_in(platform, word, source(len(tried))) == 200:
                    return word
            return None

        printed = eventually("a word of the output is root's password", password)
        assert sign_in(platform, DEMO_PASSWORD, source(251)) == 401
        assert platform.stop() == 0
        platform.start()
        assert sign_in(platform, printed, source(252)) == 200
        assert printed not in platform.output()


def source(number):
    """An address for each sign-in: failed ones are counted by address."""
    return f"127.0.4.{number}"


def sign_in(platform, password, address):
    return Api(platform.address("core"), source=address).call(
        "POST", "/api/users/signin", {"username": "root", "password": password}).status


@pytest.mark.parametrize("profile", ["demo", "conformance"])
@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_profiles_with_known_credentials_listen_on_loopback_only(tmp_path, profile, address):
    failed = Platform(tmp_path, profile=profile, arguments=["--listen", address]).fail_to_start()
    assert "loopback" in failed.output


def test_a_connection_that_sends_nothing_does_not_disturb_others(tmp_path):
    with Platform(tmp_path) as platform:
        silent = [Connection(platform.address("core")) for _ in range(100)]
        assert Client(platform.address("core")).request("GET", "/healthz").status == 200
        for connection in silent:
            connection.close()
