"""TLS on every listener, as other people's clients speak it."""

import json
import signal
import ssl
import subprocess

import pytest

from support.api import Api, make_thing
from support.certificates import Certificate
from support.http import DEADLINE_S, Connection
from support.ingest import Gateway
from support.program import DEMO_PASSWORD, Platform
from support.wait import eventually

ALL = "core,http,query"


@pytest.fixture(name="certificate")
def _certificate(tmp_path):
    return Certificate.make(tmp_path, "server")


def s_client(address, *options):
    """openssl s_client, which shakes hands and goes."""
    return subprocess.run(["openssl", "s_client", "-connect", f"{address[0]}:{address[1]}", "-brief", *map(str, options)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S)


def curl(certificate, address, target, *options):
    done = subprocess.run(["curl", "-sS", "--fail", "--max-time", str(DEADLINE_S), "--cacert", certificate.certificate,
                           f"https://{address[0]}:{address[1]}{target}", *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def shown(address):
    """The certificate (DER) that a new connection is shown."""
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(address))


def test_openssl_agrees_with_it_on_what_is_safe(tmp_path, certificate):
    trust = ("-CAfile", certificate.certificate, "-verify_return_error")
    with Platform(tmp_path, certificate.settings(ALL)) as platform:
        for listener in ALL.split(","):
            address = platform.address(listener)
            for option, version in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
                done = s_client(address, option, *trust)
                assert done.returncode == 0, done.stderr
                assert f"Protocol version: {version}" in done.stderr
            # A protocol that the client offers besides is nothing to stumble over.
            assert s_client(address, "-alpn", "h2,http/1.1", *trust).returncode == 0
            for refused in (["-tls1_1"], ["-tls1"], ["-tls1_2", "-cipher", "AES128-SHA"],
                            ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"]):
                # The level lets the client offer what the server must refuse.
                if "-cipher" not in refused:
                    refused = [*refused, "-cipher", "ALL:@SECLEVEL=0"]
                assert s_client(address, *refused).returncode != 0, refused
        assert platform.stop() == 0


def test_curl_goes_the_whole_way_of_a_reading(tmp_path, certificate):
    with Platform(tmp_path, certificate.settings(ALL)) as platform:
        # The first start may still be making its key.
        Api.signed_in(platform, tls=certificate.trusting())
        json_body = ("-H", "Content-Type: application/json", "-d")
        token = curl(certificate, platform.address("core"), "/api/users/signin", *json_body,
                     json.dumps({"username": "root", "password": DEMO_PASSWORD}))["token"]
        thing = make_thing(Api(platform.address("core"), token, tls=certificate.trusting()), {"a": "double"})
        assert curl(certificate, platform.address("http"), "/", "-H", f"Authorization: Bearer {thing.token}", *json_body,
                    json.dumps({"sensor_id": thing.sensors["a"], "timestamp": 1_600_000_000, "value": 5})) == {"accepted": 1}
        found = curl(certificate, platform.address("query"), f"/{thing.index('a')}/_count",
                     "-H", f"Authorization: Bearer {thing.consumer_token}")
        assert found["count"] == 1
        for listener in ALL.split(","):
            assert f"https://127.0.0.1:{platform.address(listener)[1]}" in platform.output()


def test_a_listener_that_is_not_named_stays_plain(tmp_path, certificate):
    with Platform(tmp_path, certificate.settings("core")) as platform:
        thing = make_thing(Api.signed_in(platform, tls=certificate.trusting()), {"a": "double"})
        Gateway(platform, thing.token).store({"sensor_id": thing.sensors["a"], "value": 1})
        # And one that speaks TLS answers nothing else.
        with Connection(platform.address("core")) as plain:
            plain.send(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            answer = b""
            while data := plain.socket.recv(4096):
                answer += data
            assert b"HTTP/1.1" not in answer


def test_sighup_shows_a_new_certificate_to_new_connections(tmp_path, certificate):
    first = certificate.der
    old_trust = certificate.trusting()
    with Platform(tmp_path, certificate.settings(ALL)) as platform:
        address = platform.address("core")
        with Connection(address, tls=old_trust) as open_before:
            assert open_before.request("GET", "/healthz").status == 200
            assert shown(address) == first
            certificate.replace(Certificate.make(tmp_path, "renewed"))
            assert shown(address) == first
            platform.process.send_signal(signal.SIGHUP)
            eventually("the new certificate is shown", lambda: shown(address) == certificate.der)
            for listener in ALL.split(","):
                assert shown(platform.address(listener)) == certificate.der
            with Connection(address, tls=certificate.trusting()) as open_after:
                assert open_after.request("GET", "/healthz").status == 200
            assert open_before.request("GET", "/healthz").status == 200
        assert platform.stop() == 0


def test_an_unusable_certificate_leaves_the_old_one(tmp_path, certificate):
    first = certificate.der
    with Platform(tmp_path, certificate.settings(ALL)) as platform:
        for contents in (b"", b"-----BEGIN CERTIFICATE-----\nhalf", Certificate.make(tmp_path, "other").certificate.read_bytes()):
            certificate.certificate.write_bytes(contents)
            before = platform.output().count("the old one stays")
            platform.process.send_signal(signal.SIGHUP)
            eventually("the refusal is logged", lambda: platform.output().count("the old one stays") > before)
            assert shown(platform.address("core")) == first
        assert str(certificate.certificate) in platform.output()
        assert platform.stop() == 0


@pytest.mark.parametrize("spoil, named", [
    (lambda settings, _: settings.pop("tls.certificate"), "tls.certificate"),
    (lambda settings, _: settings.pop("tls.key"), "tls.key"),
    (lambda settings, _: [settings.pop("tls.key"), settings.pop("tls.certificate")], "tls.listeners"),
    (lambda settings, _: settings["tls.key"].chmod(0o644), "server-key.pem"),
    (lambda settings, _: settings["tls.key"].unlink(), "server-key.pem"),
    (lambda settings, other: settings.update({"tls.key": other.key}), "other-key.pem"),
    (lambda settings, _: settings["tls.certificate"].write_text("no certificate"), "server.pem"),
])
def test_a_start_that_cannot_work_says_what_to_change(tmp_path, certificate, spoil, named):
    settings = certificate.settings("core")
    spoil(settings, Certificate.make(tmp_path, "other"))
    failed = Platform(tmp_path, settings).fail_to_start()
    assert named in failed.output


def test_the_ports_of_dashboards_and_jobs_speak_it_where_the_core_does(tmp_path, certificate):
    settings = {**certificate.settings("core"), "dashboards.port": "0", "jobs.port": "0"}
    with Platform(tmp_path, settings) as platform:
        for listener in ("core", "dashboards", "jobs"):
            assert curl(certificate, platform.address(listener), "/healthz") == {"status": "ok"}


def test_the_cookie_of_a_session_is_for_tls_alone(tmp_path, certificate):
    body = json.dumps({"username": "root", "password": DEMO_PASSWORD}).encode()
    with Platform(tmp_path, certificate.settings("core")) as platform:
        with Connection(platform.address("core"), tls=certificate.trusting()) as connection:
            response = connection.request("POST", "/api/session", [("Content-Type", "application/json")], body)
            assert response.header("Set-Cookie").endswith("; Secure"), response
