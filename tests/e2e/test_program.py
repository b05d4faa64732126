"""The program's commands and settings, its metrics and probes."""

import collections
import csv
import io
import json
import os
import pathlib
import re
import shutil
import threading

import pytest

from support import ingest, tokens
from support.api import Api, make_thing
from support.http import Client
from support.ingest import Gateway
from support.program import Platform, parse_config, run, setting_names
from support.query import Queries


def config(*arguments, env=None):
    """What `iotplatform config` prints: {name: line}."""
    done = run("config", *arguments, env=env)
    assert done.returncode == 0, done.stderr
    return parse_config(done.stdout)


# Settings


def test_config_prints_every_setting_and_where_it_came_from(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('[query]\nport = 9100\n[core]\nport = 8100\n[http]\nports = "8101,8102"\n')
    lines = config("--config", file, "--core.port", "8200", env={"IOTPLATFORM_CORE__PORT": "8300", "IOTPLATFORM_HTTP__PORTS": "8301"})
    assert set(lines) == setting_names()
    for name, value, source in (("query.port", "9100", str(file)), ("http.ports", "8301", "IOTPLATFORM_HTTP__PORTS"),
                                ("core.port", "8200", "flag"), ("server.shutdown_s", "", "default")):
        assert value in lines[name] and source in lines[name], lines[name]


@pytest.mark.parametrize("name", ["core.port", "http.ports", "websocket.ports", "mqtt.port", "mqtt.tls_port", "query.port",
                                  "dashboards.port", "jobs.port", "server.shutdown_s"])
def test_the_contracts_settings_exist(name):
    assert name in setting_names()


def test_the_defaults_are_the_contracts_ports():
    lines = config()
    for name, value in (("core.port", "8080"), ("http.ports", "8083"), ("http.ports", "8084"), ("query.port", "9000"),
                        ("dashboards.port", "5601"), ("jobs.port", "8081")):
        assert value in lines[name]


@pytest.mark.parametrize("command", ["config", "serve"])
@pytest.mark.parametrize("source", ["flag", "environment", "file"])
@pytest.mark.parametrize("name, value, allowed", [
    ("core.prot", "1", "core.port"), ("hello.world", "1", ""), ("core.port", "65536", "65535"), ("core.port", "-1", "off"),
    ("core.port", "many", "off"), ("query.port", "", "off"), ("http.ports", "1,x", "off"), ("server.shutdown_s", "-5", ""),
    ("server.shutdown_s", "soon", "")])
def test_a_bad_setting_is_refused_with_name_source_and_what_is_allowed(tmp_path, command, source, name, value, allowed):
    section, _, key = name.partition(".")
    variable = f"IOTPLATFORM_{section.upper()}__{key.upper()}"
    arguments, env = [command], {}
    if command == "serve":
        arguments += ["--data-dir", tmp_path / "data"]
    if source == "flag":
        arguments += [f"--{name}", value]
    elif source == "environment":
        env = {variable: value}
    else:
        (tmp_path / "settings.toml").write_text(f"[{section}]\n{key} = {json.dumps(value)}\n")
        arguments += ["--config", tmp_path / "settings.toml"]
    done = run(*arguments, env=env)
    assert done.returncode > 0
    said = done.stderr + done.stdout
    assert name in said and allowed in said, said
    assert {"flag": f"--{name}", "environment": variable, "file": "settings.toml"}[source] in said, said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("text", ["[core", "core.port 8080", "[core]\nport = [1, {}]\n", "\xff\x00"])
def test_a_settings_file_that_is_none_is_refused(tmp_path, text):
    file = tmp_path / "settings.toml"
    file.write_bytes(text.encode("latin-1"))
    done = run("config", "--config", file)
    assert done.returncode > 0 and str(file) in done.stderr + done.stdout


def test_a_settings_file_that_is_not_there_is_refused(tmp_path):
    done = run("config", "--config", tmp_path / "nowhere.toml")
    assert done.returncode > 0 and "nowhere.toml" in done.stderr + done.stdout


@pytest.mark.parametrize("role", ["hello", "core,hello", ""])
def test_an_unknown_role_is_refused(tmp_path, role):
    failed = Platform(tmp_path, {"role": role}).fail_to_start()
    assert "role" in failed.output and "query" in failed.output


def test_an_unknown_profile_is_refused(tmp_path):
    failed = Platform(tmp_path, profile="production").fail_to_start()
    assert "profile" in failed.output and "demo" in failed.output


def test_version_and_help():
    version = run("version")
    assert version.returncode == 0 and re.search(r"\d+\.\d+\.\d+", version.stdout)
    helped = run("--help")
    assert helped.returncode == 0
    for command in ("serve", "config", "verify", "backup", "restore", "import", "export", "token", "password", "version"):
        assert command in helped.stdout
    for words in ([], ["hello"], ["serve", "hello"], ["verify", "--hello"]):
        assert run(*words).returncode > 0


# Probes and metrics


@pytest.fixture(scope="module")
def busy(platform, root):
    """A platform that has done something worth counting."""
    thing = make_thing(root, {"a": "double"})
    gateway = Gateway(platform, thing.token)
    gateway.store([{"sensor_id": thing.sensors["a"], "timestamp": n, "value": n} for n in range(1, 101)])
    assert gateway.post(b"{").status == 400
    assert Queries(platform, thing.consumer_token).count(thing.index("a")) == 100
    return platform


@pytest.mark.parametrize("target", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_probes(platform, target, method):
    assert Client(platform.address("core")).request(method, target).status == 200


class Metrics:
    """The text exposition format, taken apart: {name: type}, {name: help} and the samples [(name, labels, value)]."""

    SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? '
                        r'([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf|NaN|Nan))(?: [0-9]+)?')

    def __init__(self, text):
        self.types, self.helps, self.samples = {}, {}, []
        assert text.endswith("\n")
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in self.types, f"two families of {name}"
                self.types[name] = kind
            elif line.startswith("# HELP "):
                name, _, text = line[7:].partition(" ")
                self.helps[name] = text
            elif line:
                found = self.SAMPLE.fullmatch(line)
                assert found, line
                self.samples.append((found.group(1), found.group(2) or "", float(found.group(3))))

    def total(self, name):
        return sum(value for sample, _, value in self.samples if sample == name)


@pytest.fixture
def metrics(busy):
    response = Client(busy.address("core")).request("GET", "/metrics")
    assert response.status == 200 and response.header("Content-Type").startswith("text/plain")
    return Metrics(response.text)


def test_metrics_follow_prometheus_conventions(metrics):
    assert len(metrics.types) > 10
    for name, kind in metrics.types.items():
        assert re.fullmatch(r"iotplatform_[a-z_]+", name), name
        assert kind in ("counter", "gauge", "histogram", "summary")
        assert (kind == "counter") == name.endswith("_total"), name
        assert metrics.helps[name].strip(), name
    for name, _, _ in metrics.samples:
        assert name in metrics.types or re.sub("_(bucket|sum|count)$", "", name) in metrics.types, name
    seen = collections.Counter((name, labels) for name, labels, _ in metrics.samples)
    assert max(seen.values()) == 1


def test_metrics_count(busy, metrics):
    """Some counter has grown by the hundred readings that were stored."""
    assert any(name.endswith("_total") and value >= 100 for name, _, value in metrics.samples)
    again = Metrics(Client(busy.address("core")).request("GET", "/metrics").text)
    for name, kind in metrics.types.items():
        if kind == "counter":
            assert again.total(name) >= metrics.total(name), name


def test_no_secret_is_printed(busy, root):
    for secret in (root.token, "PRIVATE KEY", "$argon2"):
        assert secret not in busy.output()


# Import and export


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A stopped platform with readings of each kind, and a copy of its data directory from before they came."""
    directory = tmp_path_factory.mktemp("filled")
    platform = Platform(directory)
    platform.start()
    values = {"double": [0.1, -0.0, 1e300, 5], "long": [2**53 + 1, -2**63], "keyword": ["007", 'a,"b"\nc', ""], "text": ["äöü", "x y"],
              "boolean": [True, False], "object": [{"a": [1, "b"]}], "date": ["2018-05-19T08:19:27.123Z"],
              "geo_point": [{"lat": 1.5, "lon": 2.5}]}
    thing = make_thing(Api.signed_in(platform), {mapping: mapping for mapping in values})
    assert platform.stop() == 0
    shutil.copytree(platform.data_dir, directory / "empty")
    platform.start()
    gateway = Gateway(platform, thing.token)
    for mapping, listed in values.items():
        gateway.store([{"sensor_id": thing.sensors[mapping], "timestamp": 1_600_000_000_000_000_001 + n, "value": value}
                       for n, value in enumerate(listed)])
    gateway.store([{"sensor_id": thing.sensors["double"], "timestamp": 1_500_000_000 + n, "value": n / 3} for n in range(5_000)])
    assert platform.stop() == 0
    yield platform, thing, directory / "empty"
    platform.stop_if_running()


def exported(data_dir, kind, *indices):
    done = run("export", "--data-dir", data_dir, "--format", kind, *indices)
    assert done.returncode == 0, done.stderr
    return done.stdout


def contents(platform, thing):
    queries = Queries(platform, thing.consumer_token)
    return {name: sorted(json.dumps(one) for one in queries.all(thing.index(name), by_value=False)) for name in thing.sensors}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("by_name", [True, False])
def test_what_was_exported_can_be_imported_and_a_second_time_changes_nothing(tmp_path, filled, kind, by_name):
    platform, thing, empty = filled
    text = exported(platform.data_dir, kind)
    file = tmp_path / f"readings.{kind}"
    file.write_text(text, newline="")
    target = tmp_path / "data"
    shutil.copytree(empty, target)
    for _ in range(2):
        arguments = [file] if by_name else ["-", "--format", kind]
        done = run("import", *arguments, "--data-dir", target, input=None if by_name else text)
        assert done.returncode == 0, done.stderr
        assert sorted(exported(target, kind).splitlines()) == sorted(text.splitlines())
    with platform, Platform(tmp_path, data_dir=target) as imported:
        assert contents(imported, thing) == contents(platform, thing)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_export_can_be_read_by_others(filled, kind):
    platform, thing, _ = filled
    text = exported(platform.data_dir, kind, thing.index("double"))
    rows = list(csv.DictReader(io.StringIO(text, newline=""))) if kind == "csv" else [json.loads(line) for line in text.splitlines()]
    assert len(rows) == 5_004
    assert {str(row["sensor_id"]) for row in rows} == {thing.sensors["double"]}
    assert {float(row["value"]) for row in rows} >= {n / 3 for n in range(5_000)}
    assert all(row["timestamp"] for row in rows)


@pytest.mark.parametrize("kind, text", [("csv", "hello\n1,2,3\n"), ("jsonl", "{\n"), ("jsonl", '{"sensor_id":"987654321","timestamp":1,"value":1}\n'),
                                        ("jsonl", '{"sensor_id":"$","timestamp":1,"value":"abc"}\n')])
def test_an_import_that_cannot_be_is_refused_with_the_line(tmp_path, filled, kind, text):
    platform, thing, empty = filled
    shutil.copytree(empty, tmp_path / "data")
    (tmp_path / f"bad.{kind}").write_text(text.replace("$", thing.sensors["double"]))
    done = run("import", tmp_path / f"bad.{kind}", "--data-dir", tmp_path / "data")
    assert done.returncode > 0
    assert re.search(r"\b(1|2)\b", done.stderr + done.stdout), done.stderr
    assert exported(tmp_path / "data", kind, thing.index("double")).count("\n") <= 1


def test_an_import_of_a_file_that_is_not_there(tmp_path, filled):
    done = run("import", tmp_path / "nowhere.csv", "--data-dir", filled[2])
    assert done.returncode > 0 and "nowhere.csv" in done.stderr + done.stdout


def test_verify_finds_a_sound_directory_sound(filled):
    done = run("verify", "--data-dir", filled[0].data_dir)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_backup_can_be_restored(tmp_path, filled):
    platform, thing, _ = filled
    assert run("backup", tmp_path / "backup", "--data-dir", platform.data_dir).returncode == 0
    assert run("restore", tmp_path / "backup", "--data-dir", tmp_path / "data").returncode == 0
    assert run("verify", "--data-dir", tmp_path / "data").returncode == 0
    assert sorted(exported(tmp_path / "data", "csv").splitlines()) == sorted(exported(platform.data_dir, "csv").splitlines())
    assert run("restore", tmp_path / "backup", "--data-dir", tmp_path / "data").returncode > 0, "over what is there already"


@pytest.mark.parametrize("command", [["verify"], ["export"], ["token", "user", "-1"], ["password"]])
def test_a_command_on_a_directory_that_is_not_there_makes_none(tmp_path, command):
    done = run(*command, "--data-dir", tmp_path / "nowhere")
    assert done.returncode > 0
    assert not (tmp_path / "nowhere").exists()


# Tokens and passwords


def test_a_token_of_each_kind_can_be_printed(filled):
    platform, thing, _ = filled
    printed = {}
    for kind, subject in (("device", thing.device), ("consumer", thing.consumer), ("user", "-1")):
        done = run("token", "--data-dir", platform.data_dir, kind, subject)
        assert done.returncode == 0, done.stderr
        printed[kind] = done.stdout.strip()
        _, claims, _ = tokens.parts(printed[kind])
        assert (claims["sub"], claims["aud"]) == (subject, kind)
    with platform:
        Gateway(platform, printed["device"]).store({"sensor_id": thing.sensors["double"], "timestamp": 1_500_000_000, "value": 0.0})
        assert Queries(platform, printed["consumer"]).count(thing.index("long")) == 2
        Api(platform.address("core"), printed["user"]).ok("GET", "/api/devices")
        assert platform.stop() == 0


@pytest.mark.parametrize("words", [["device", "987654321"], ["device", "me"], ["robot", "1"], ["device"], []])
def test_no_token_for_what_does_not_exist(filled, words):
    assert run("token", "--data-dir", filled[0].data_dir, *words).returncode > 0


def test_a_new_password_is_printed_and_works(tmp_path):
    with Platform(tmp_path, profile="default") as platform:
        assert platform.stop() == 0
        done = run("password", "--data-dir", platform.data_dir)
        assert done.returncode == 0, done.stderr
        password = re.findall(r"\b[A-Za-z0-9]{12,}\b", done.stdout)[-1]
        platform.start()
        assert Api.signed_in(platform, "root", password).ok("GET", "/api/users/self")


# Threads


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core only")
def test_many_connections_keep_more_than_one_thread_busy(tmp_path):
    """A bystander counts the CPU time of each thread of the process; the two busiest both worked."""
    with Platform(tmp_path, {"server.io_threads": 2}) as platform:
        thing = make_thing(Api.signed_in(platform), {"a": "double"})
        address = platform.address("http")
        before = thread_ticks(platform.pid)

        def requests(part):
            for n in range(20_000):
                body = f'{{"sensor_id":"{thing.sensors["a"]}","timestamp":{part * 1_000_000 + n + 1},"value":{n}}}'
                yield n, ingest.message_request(address, thing.token, body.encode())

        writers = [threading.Thread(target=ingest.deliver, args=(address, requests(part), lambda *_: None, 64)) for part in (1, 2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        after = thread_ticks(platform.pid)
        worked = sorted((after[thread] - before.get(thread, 0) for thread in after), reverse=True)
        print(f"ticks of CPU time by thread: {worked}")
        assert worked[1] > 0 and worked[1] >= worked[0] / 10
        assert Queries(platform, thing.consumer_token).count(thing.index("a")) == 40_000


def thread_ticks(pid):
    """{thread: ticks of CPU time in user and kernel mode}."""
    ticks = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        ticks[task.name] = int(fields[11]) + int(fields[12])
    return ticks
