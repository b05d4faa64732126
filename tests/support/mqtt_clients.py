"""The same scenario with different clients: what they subscribe to, what they publish, what they then must have received.

Each client is a program of its own, as a device would run it: mosquitto's two, and scripts in tests/clients.
"""

import dataclasses
import json
import os
import shutil
import subprocess

import pytest

from support import node, venv
from support.http import DEADLINE_S
from support.program import DIES_WITH_TESTS, ROOT

PAHO_JAVA = "org.eclipse.paho:org.eclipse.paho.client.mqttv3:1.2.5"


@dataclasses.dataclass
class Scenario:
    host: str
    port: int
    client_id: str
    version: int = 4  # the level of CONNECT: 3, 4 or 5
    transport: str = "tcp"  # or "websockets"
    path: str = "/mqtt"
    ca: str = None  # the file of the authority, for TLS
    user: str = None
    password: str = None
    clean: bool = True
    keep_alive: int = 60
    subscribe: list = dataclasses.field(default_factory=list)  # (filter, QoS)
    publish: list = dataclasses.field(default_factory=list)  # (topic, payload, QoS, retain)
    expect: int = 0  # how many messages must come
    deadline_s: int = DEADLINE_S


@dataclasses.dataclass
class Outcome:
    received: list  # (topic, payload, QoS, retain) in the order in which they came
    refused: int = None  # the code of the CONNACK that said no, as far as the client tells


class ClientFailed(Exception):
    """The client ended badly; the message holds what it said."""


def _run(command, input_text, env=None):
    done = subprocess.run([*DIES_WITH_TESTS, *map(str, command)], input=input_text, capture_output=True, text=True, env=env,
                          timeout=2 * DEADLINE_S)
    if done.returncode != 0:
        raise ClientFailed(f"{command[0]} ended with {done.returncode}: {done.stdout[-1000:]} {done.stderr[-3000:]}")
    return done.stdout


def _outcome(text):
    lines = [json.loads(line) for line in text.splitlines()]
    if lines and isinstance(lines[-1], dict):
        return Outcome([], lines[-1]["refused"])
    return Outcome([(topic, payload, qos, bool(retain)) for topic, payload, qos, retain in lines])


def paho_v1(scenario):
    return _outcome(_run([venv.python(), ROOT / "tests/clients/paho_client.py", "1"], json.dumps(dataclasses.asdict(scenario))))


def paho_v2(scenario):
    return _outcome(_run([venv.python(), ROOT / "tests/clients/paho_client.py", "2"], json.dumps(dataclasses.asdict(scenario))))


def mqttjs(scenario):
    return _outcome(_run(node.command("mqttjs_client.js"), json.dumps(dataclasses.asdict(scenario)), env=node.environment()))


def mosquitto(scenario):
    """mosquitto_sub and one mosquitto_pub for each message. Over TCP and TLS alone."""
    if scenario.transport != "tcp":
        pytest.skip("mosquitto's clients of Debian 12 speak no WebSocket")
    common = ["-h", scenario.host, "-p", str(scenario.port), "-V", {3: "31", 4: "311", 5: "5"}[scenario.version], "-k", str(scenario.keep_alive)]
    if scenario.user is not None:
        common += ["-u", scenario.user, "-P", scenario.password]
    if scenario.ca:
        common += ["--cafile", scenario.ca]
    subscriber = None
    if scenario.subscribe:
        command = ["mosquitto_sub", *common, "-i", scenario.client_id, "-C", str(scenario.expect), "-W", str(scenario.deadline_s), "-d",
                   "-q", str(max(qos for _, qos in scenario.subscribe)), "-F", "message %q %r %t %p"]
        if not scenario.clean:
            command.append("-c")
        for topic, _ in scenario.subscribe:
            command += ["-t", topic]
        subscriber = subprocess.Popen([*DIES_WITH_TESTS, "stdbuf", "-oL", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = []
        # It says when its subscription was granted (-d), and nothing is published before.
        while not any("SUBACK" in line or "Subscribed" in line for line in said[-1:]):
            line = subscriber.stdout.readline()
            if not line:
                raise ClientFailed(f"mosquitto_sub ended: {said}")
            said.append(line)
    for topic, payload, qos, retain in scenario.publish:
        _run(["mosquitto_pub", *common, "-i", scenario.client_id + "-pub", "-t", topic, "-s", "-q", str(qos), *(["-r"] if retain else [])], payload)
    if subscriber is None:
        return Outcome([])
    rest, _ = subscriber.communicate(timeout=2 * DEADLINE_S)
    if subscriber.returncode != 0:
        raise ClientFailed(f"mosquitto_sub ended with {subscriber.returncode}: {rest[-2000:]}")
    lines = [line.split(" ", 4) for line in [*said, *rest.splitlines()] if line.startswith("message ")]
    return Outcome([(topic, payload, int(qos), retain == "1") for _, qos, retain, topic, payload in lines])


def paho_java(scenario):
    if scenario.version == 5:
        pytest.skip("this client of Java speaks 3.1 and 3.1.1")
    if not shutil.which("java") or not shutil.which("mvn"):
        pytest.skip("Java and Maven are not installed: scripts/packages-test-long.txt")
    url = f"{'ws' if scenario.transport == 'websockets' else 'tcp'}://{scenario.host}:{scenario.port}"
    if scenario.ca:
        url = url.replace("tcp:", "ssl:").replace("ws:", "wss:")
    if scenario.transport == "websockets":
        url += scenario.path
    words = [url, scenario.client_id, scenario.version, str(scenario.clean).lower(), scenario.keep_alive, scenario.user or "",
             scenario.password or "", scenario.ca or "", scenario.expect, scenario.deadline_s]
    words += [f"subscribe\t{topic}\t{qos}" for topic, qos in scenario.subscribe]
    words += [f"publish\t{topic}\t{payload}\t{qos}\t{str(retain).lower()}" for topic, payload, qos, retain in scenario.publish]
    text = _run(["java", "-cp", _java_library(), ROOT / "tests/clients/PahoJavaClient.java"], "\n".join(map(str, words)) + "\n")
    lines = [line.split("\t") for line in text.splitlines()]
    if lines and lines[-1][0] == "refused":
        return Outcome([], int(lines[-1][1]))
    return Outcome([(topic, payload, int(qos), retain == "true") for topic, payload, qos, retain in lines])


def _java_library():
    directory = ROOT / "build" / "java"
    library = directory / "{1}-{2}.jar".format(*PAHO_JAVA.split(":"))
    if not library.exists():
        subprocess.run(["mvn", "--quiet", "--batch-mode", "dependency:copy", f"-Dartifact={PAHO_JAVA}", f"-DoutputDirectory={directory}"],
                       check=True, stdout=subprocess.DEVNULL, env=dict(os.environ))
    return library


CLIENTS = {"mosquitto": mosquitto, "paho_v1": paho_v1, "paho_v2": paho_v2, "mqttjs": mqttjs, "paho_java": paho_java}
