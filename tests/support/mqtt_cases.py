"""The byte-level cases of a broker's own test suite: packets to send, packets expected.

A case is run on a connection of its own. Unless it says `"connect": false`, a CONNECT has been answered before it begins. In
the end the connection must be closed, with nothing said that the case does not name, or, with `"expect_disconnect": false`,
still answer a PINGREQ. Remarks in a case (`comment`, `FIXME`) mean nothing to the runner.
"""

import json
import os
import pathlib

from support import mqtt
from support.program import ROOT

DIRECTORY = pathlib.Path(os.environ.get("IOT_MQTT_CASES", ROOT.parent / "shared" / "mqtt-cases"))

# What the conformance profile answers to a CONNECT with a keep alive of at most a minute.
ADMITTED = {3: bytes.fromhex("20020000"), 4: bytes.fromhex("20020000"), 5: bytes.fromhex("20090000062200 0A210014")}


class Case:
    def __init__(self, name, description):
        self.name = name
        self.version = description.get("ver", 4)
        self.is_connected = description.get("connect", True)
        self.ends = description.get("expect_disconnect", True)
        self.steps = description["msgs"]


def read(directory=DIRECTORY):
    """All cases in the order in which they are to be run: some lead up to the next one."""
    cases = []
    for file in sorted(directory.glob("*.json")):
        for group in json.loads(file.read_text()):
            for one in group["tests"]:
                cases.append(Case(f"{file.stem}: {' '.join(group['group'].split())}: {one['name']}", one))
    return cases


class Mismatch(AssertionError):
    """What came is not what the case says."""


# A server that says nothing has nothing to say; a case that passes never waits for so long.
SILENCE_S = 10


def run(case, address, silence_s=SILENCE_S):
    """Runs one case; Mismatch says where it went another way."""
    with mqtt.Connection(address, case.version, timeout_s=silence_s) as connection:
        if case.is_connected:
            connection.send(mqtt.connect(case.name, case.version, keep_alive=60))
            _expect(connection, ADMITTED[case.version], "CONNACK")
        for number, step in enumerate(case.steps):
            if step["type"] == "send":
                _send(connection, _bytes(step["payload"]))
            elif step["type"] == "recv":
                _expect(connection, _bytes(step["payload"]), f"step {number + 1}")
            else:
                _publish(address, case.version, step)
        _check_end(connection, case.ends)


def _bytes(digits):
    """Spaces are for the reader, and stand anywhere."""
    return bytes.fromhex(digits.replace(" ", ""))


def _send(connection, data):
    try:
        connection.send(data)
    except ConnectionError:
        pass  # what must come, or not, is seen when it is read


def _expect(connection, wanted, where):
    try:
        found = connection.exactly(len(wanted))
    except (mqtt.Ended, TimeoutError) as ended:
        raise Mismatch(f"{where}: {ended}, instead of {wanted.hex(' ')}") from ended
    if found != wanted:
        raise Mismatch(f"{where}: {(found + connection.buffer).hex(' ')} instead of {wanted.hex(' ')}")


def _publish(address, version, step):
    """Somebody else publishes, and knows that it was taken."""
    with mqtt.Client(address, "helper", version) as helper:
        helper.publish(step["topic"], step["payload"], step["qos"])
        if step["qos"] == 0:
            helper.ping()


def _check_end(connection, ends):
    # A server that still waits for the rest of a packet takes these bytes for it, and then has no reason to go on.
    _send(connection, mqtt.PING)
    if not ends:
        _expect(connection, mqtt.PONG, "a PINGREQ at the end")
        if connection.buffer:
            raise Mismatch(f"more than expected: {connection.buffer.hex(' ')}")
        return
    try:
        said = connection.rest()
    except TimeoutError:
        raise Mismatch("the connection is still open") from None
    if said:
        raise Mismatch(f"before the end: {said.hex(' ')}, of which the case knows nothing")
