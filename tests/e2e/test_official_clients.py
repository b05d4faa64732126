"""Elasticsearch's and OpenSearch's official clients, unmodified, each in versions that speak differently."""

import os
import shutil
import subprocess

import pytest

from support import node, venv
from support.api import make_thing
from support.http import DEADLINE_S
from support.program import DIES_WITH_TESTS, ROOT

CLIENTS = ROOT / "tests" / "clients"
REST_CLIENT = CLIENTS / "rest_client"

# By name: the module, and the packages that shadow those of the environment.
PYTHON_CLIENTS = {"elasticsearch-7": ("elasticsearch", "elasticsearch-7"), "elasticsearch-8": ("elasticsearch", None),
                  "elasticsearch-9": ("elasticsearch", "elasticsearch-9"), "opensearch": ("opensearchpy", None)}
JAVASCRIPT_CLIENTS = ["elasticsearch-7", "elasticsearch-8", "elasticsearch-9", "@opensearch-project/opensearch"]


def run(command, env=None):
    done = subprocess.run([*DIES_WITH_TESTS, *map(str, command)], capture_output=True, text=True, env=env, timeout=2 * DEADLINE_S)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]


def url_of(platform):
    return "http://{}:{}".format(*platform.address("query"))


class Things:
    """A thing for each client, whose readings its steps write and read."""

    def __init__(self, platform, root):
        self.url, self.root, self.made = url_of(platform), root, {}

    def index(self, name):
        if name not in self.made:
            self.made[name] = make_thing(self.root, {"level": "double"}, name)
        return self.made[name].index("level")

    def run_python(self, client, step):
        module, packages = PYTHON_CLIENTS[client]
        run([venv.python(), CLIENTS / "bulk_client.py", module, self.url, self.root.token, self.index(client), step],
            env=venv.with_packages(packages) if packages else None)

    def run_javascript(self, client, step):
        run(node.command("bulk_client.js", client, self.url, self.root.token, self.index("js " + client), step),
            env=node.environment())


@pytest.fixture(scope="module")
def things(platform, root):
    return Things(platform, root)


@pytest.mark.parametrize("step", ["writes", "reads", "scan"])
@pytest.mark.parametrize("client", PYTHON_CLIENTS)
def test_python_clients_write_and_read(things, client, step):
    things.run_python(client, step)


def test_elasticsearch_dsl_reads(things):
    things.run_python("elasticsearch-8", "dsl")


@pytest.mark.parametrize("step", ["writes", "reads", "scan"])
@pytest.mark.parametrize("client", JAVASCRIPT_CLIENTS)
def test_javascript_clients_write_and_read(things, client, step):
    things.run_javascript(client, step)


def test_javas_low_level_client_writes_compressed_and_reads(things):
    if not shutil.which("java") or not shutil.which("mvn"):
        pytest.skip("Java and Maven are not installed: scripts/packages-test-long.txt")
    libraries = ROOT / "build" / "java" / "rest_client"
    stamp = libraries / "pom.xml"
    pom = REST_CLIENT / "pom.xml"
    if not stamp.exists() or stamp.read_text() != pom.read_text():
        subprocess.run(["mvn", "--quiet", "--batch-mode", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={libraries}"],
                       check=True, stdout=subprocess.DEVNULL, env=dict(os.environ))
        stamp.write_text(pom.read_text())
    run(["java", "-cp", f"{libraries}/*", REST_CLIENT / "LowLevelRestClient.java", things.url, things.root.token, things.index("java")])
