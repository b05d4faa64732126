"""Peers that break the protocol, stall, or ask for more than their share: the server stays small, and a healthy client beside them
goes on."""

import json
import socket
import threading

import pytest

from support import mqtt, mqtt_platform
from support.api import Api, make_thing
from support.http import Client
from support.mqtt_platform import connect
from support.program import Platform
from support.wait import eventually
from support.websocket import BINARY, PING, PONG, WebSocket, frame

MIB = 1 << 20


def resident(platform):
    for line in open(f"/proc/{platform.pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    limits = {"mqtt.packet_bytes_max": str(MIB), "mqtt.subscriptions_max": "10000", "gateway.connections_per_device_max": "1000"}
    with Platform(tmp_path_factory.mktemp("platform"), mqtt_platform.settings(**limits)) as running:
        yield running
        assert running.stop() == 0


@pytest.fixture(scope="module")
def thing(platform):
    return make_thing(Api.signed_in(platform), {"temperature": "double"})


class Healthy:
    """Publishes readings and talks to itself without a pause, and says if anything is not as it should be."""

    def __init__(self, platform, thing):
        self.client = connect(platform, thing.token, f"healthy-{threading.get_ident()}")
        self.client.subscribe(f"{thing.device}/healthy", qos=1)
        self.thing = thing
        self.stopped = threading.Event()
        self.rounds = 0
        self.fault = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        try:
            while not self.stopped.is_set():
                reading = json.dumps({"sensor_id": self.thing.sensors["temperature"], "timestamp": 1_600_000_000 + self.rounds, "value": 1})
                assert self.client.publish(self.thing.device, reading, 1).reason == 0
                assert self.client.publish(f"{self.thing.device}/healthy", str(self.rounds), 1).reason == 0
                assert self.client.message().payload == str(self.rounds).encode()
                self.rounds += 1
        except BaseException as error:  # pylint: disable=broad-except
            self.fault = error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        begin = self.rounds
        eventually("the healthy client goes on", lambda: self.fault or self.rounds > begin + 3)
        self.stopped.set()
        self.thread.join()
        self.client.close()
        assert self.fault is None, self.fault


@pytest.fixture
def healthy(platform, thing):
    with Healthy(platform, thing) as client:
        before = resident(platform)
        yield client
        grown = resident(platform) - before
        print(f"resident memory grew by {grown / MIB:.1f} MiB")
        assert grown < 96 * MIB


def admitted(platform, thing, name, version=5):
    connection = mqtt.Connection(platform.address("mqtt"), version)
    connection.send(mqtt.connect(name, version, user="JWT", password=thing.token))
    assert connection.expect(mqtt.CONNACK).reason == 0
    return connection


def test_half_packets(platform, thing, healthy):
    """Every beginning of a CONNECT, and of a PUBLISH, and then nothing more."""
    hello = mqtt.connect("half", 5, user="JWT", password=thing.token)
    message = mqtt.publish(thing.device, "x" * 100, 1, 1, 5)
    stalled = []
    for cut in range(0, len(hello), 7):
        connection = mqtt.Connection(platform.address("mqtt"))
        connection.send(hello[:cut])
        stalled.append(connection)
    for cut in range(1, len(message), 7):
        connection = admitted(platform, thing, f"half-{cut}")
        connection.send(message[:cut])
        stalled.append(connection)
    begin = healthy.rounds
    eventually("rounds beside them", lambda: healthy.fault or healthy.rounds > begin + 20)
    for connection in stalled:
        connection.close()


@pytest.mark.parametrize("begin", ["30 ff ff ff ff 7f", "30 ff ff ff ff ff", "10 ff ff ff 7f", "30 ff ff ff 7f"])
def test_packets_that_never_end(platform, thing, healthy, begin):
    """Longer than allowed, or of a length that is none: refused by its first bytes, whatever follows."""
    for is_admitted in (False, True):
        connection = admitted(platform, thing, "endless") if is_admitted else mqtt.Connection(platform.address("mqtt"))
        try:
            connection.send(bytes.fromhex(begin))
            for _ in range(64):
                connection.send(bytes(MIB))
        except ConnectionError:
            pass
        else:
            connection.rest()
        connection.close()


def test_bodies_that_are_promised_and_do_not_come(platform, thing, healthy):
    """Many connections each promise a megabyte: memory is not set aside for promises."""
    connections = []
    for number in range(200):
        connection = admitted(platform, thing, f"promise-{number}")
        connection.send(bytes([0x30]) + mqtt.variable_integer(MIB - 10) + mqtt.text(thing.device) + b"\x00[" + b" " * 1000)
        connections.append(connection)
    eventually("rounds beside them", lambda: healthy.fault or healthy.rounds > 20)
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("qos", [0, 1])
def test_a_subscriber_that_does_not_read(platform, thing, healthy, qos):
    """64 MiB for one who reads nothing: they are dropped, or it is put out; the others do not wait."""
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stalled.connect(platform.address("mqtt"))
    stalled.sendall(mqtt.connect(f"stalled-{qos}", 5, user="JWT", password=thing.token, receive_maximum=65535)
                    + mqtt.subscribe(1, [(f"{thing.device}/flood", qos)], 5))
    with connect(platform, thing.token, "flood") as flood:
        payload = "x" * 65_536
        for _ in range(1024):
            flood.publish(f"{thing.device}/flood", payload, 1)
    stalled.close()


def test_ten_thousand_subscriptions(platform, thing, healthy):
    with connect(platform, thing.token, "many") as many, connect(platform, thing.token, "sender") as sender:
        granted = 0
        for begin in range(0, 10_000, 500):
            filters = [f"{thing.device}/many/{number}/+/{number}/#" for number in range(begin, begin + 500)]
            granted += sum(code == 1 for code in many.subscribe(*filters, qos=1))
        assert granted == 10_000
        # The limit's other side.
        assert many.subscribe(f"{thing.device}/one/more") == [0x97]
        for number in (0, 4_999, 9_999):
            sender.publish(f"{thing.device}/many/{number}/x/{number}/y", "hit", 1)
            assert many.message().topic.startswith(f"{thing.device}/many/{number}/")
        many.ping()
        assert many.inbox == []


def test_wildcard_storms(platform, thing, healthy):
    """Overlapping filters with as many wildcards as fit, and topics that match all of them."""
    levels = 12
    with connect(platform, thing.token, "storm") as storm, connect(platform, thing.token, "sender") as sender:
        filters = []
        for mask in range(1 << 8):
            filters.append(thing.device + "".join("/+" if mask >> level & 1 else "/a" for level in range(8)) + "/#")
        for begin in range(0, len(filters), 64):
            storm.subscribe(*filters[begin:begin + 64], qos=0)
        for number in range(200):
            sender.publish(thing.device + "/a" * levels, str(number), 1)
        storm.ping()
        assert storm.inbox  # once, or once for each filter that matches: both are allowed
        assert len(storm.inbox) in (200, 200 * len(filters))


@pytest.mark.parametrize("topic", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"a\x00b", b"\xf4\x90\x80\x80", b"a\xe2\x82"])
def test_malformed_text(platform, thing, healthy, topic):
    name = thing.device.encode() + b"/" + topic
    for packet in (mqtt.publish(name, "", 1, 1, 5), mqtt.subscribe(1, [(name, 0)], 5)):
        with admitted(platform, thing, "malformed") as connection:
            connection.send(packet)
            assert connection.expect(mqtt.DISCONNECT).reason in (0x81, 0x82, 0x8F, 0x90)
            assert connection.rest() == b""
    with mqtt.Connection(platform.address("mqtt")) as connection:
        connection.send(mqtt.connect(topic, 4, user="JWT", password=thing.token))
        assert connection.rest() in (b"", bytes.fromhex("20020002"))


def test_packet_ids_used_again(platform, thing, healthy):
    """The same id for one message after the other without an answer in between, QoS 1 and 2, and for subscriptions."""
    with admitted(platform, thing, "reuse") as connection:
        for number in range(100):
            connection.send(mqtt.publish(f"{thing.device}/x", str(number), 1, 1, 5), mqtt.publish(f"{thing.device}/x", str(number), 2, 2, 5),
                            mqtt.subscribe(3, [(f"{thing.device}/y", 0)], 5), mqtt.acknowledgement(mqtt.PUBREL, 2),
                            mqtt.acknowledgement(mqtt.PUBREL, 77))
        kinds = {}
        connection.send(mqtt.PING)
        while True:
            try:
                found = connection.receive()
            except mqtt.Ended:
                break
            kinds[found.kind] = kinds.get(found.kind, 0) + 1
            # What waits for the disk may come after the answer to PINGREQ.
            if mqtt.PINGRESP in kinds and all(kinds.get(kind, 0) == 100 for kind in (mqtt.PUBACK, mqtt.PUBREC, mqtt.SUBACK)):
                break
        # It may answer all, or refuse the client; it must not be silent about it.
        assert mqtt.PINGRESP in kinds or mqtt.DISCONNECT in kinds, kinds
        if mqtt.DISCONNECT not in kinds:
            assert kinds[mqtt.PUBACK] == kinds[mqtt.PUBREC] == kinds[mqtt.SUBACK] == 100


def test_more_in_flight_than_was_allowed(platform, thing, healthy):
    """Receive Maximum is the server's to hold: QoS 2 messages without end, none of them released."""
    with admitted(platform, thing, "greedy") as connection:
        try:
            for packet_id in range(1, 65_536):
                connection.send(mqtt.publish(f"{thing.device}/x", "x" * 64, 2, packet_id, 5))
        except ConnectionError:
            pass
        last = None
        try:
            while True:
                last = connection.receive()
        except (mqtt.Ended, ConnectionError):
            pass
        assert last is not None
        assert last.kind != mqtt.DISCONNECT or last.reason == 0x93


def test_a_storm_of_connections(platform, thing, healthy):
    """Two thousand connect and go without a word, and one client id a hundred times over."""
    for _ in range(2000):
        socket.create_connection(platform.address("mqtt")).close()
    taken_over = [admitted(platform, thing, "same") for _ in range(100)]
    taken_over[-1].ping()
    for connection in taken_over[:-1]:
        assert connection.expect(mqtt.DISCONNECT).reason == 0x8E
    for connection in taken_over:
        connection.close()


@pytest.fixture
def websockets(tmp_path):
    """MQTT over WebSocket on one event loop, which a single client could hold."""
    limits = {"websocket.ports": "0", "server.io_threads": "1", "server.shutdown_s": "3", "mqtt.buffered_bytes_max": str(16 * MIB),
              "mqtt.packet_bytes_max": str(64 * MIB)}
    with Platform(tmp_path, mqtt_platform.settings(**limits)) as running:
        yield running
        if running.process is not None:
            assert running.stop() == 0


class Flood:
    """Sends the same bytes over /mqtt without a pause and without a token, until it is ended."""

    def __init__(self, platform, data):
        self.connection = WebSocket(platform.address("websocket"), "/mqtt", protocols=["mqtt"])
        self.data = data
        self.has_ended = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        try:
            while True:
                self.connection.send(self.data)
        except OSError:
            self.has_ended.set()


@pytest.mark.parametrize("kind", [PONG, BINARY, PING])
def test_a_flood_of_frames_that_carry_nothing(websockets, kind):
    flood = Flood(websockets, frame(kind) * 20_000)
    for _ in range(3):
        assert Client(websockets.address("core")).request("GET", "/healthz").status == 200
    assert flood.has_ended.wait(30)


def test_a_flood_does_not_keep_the_platform_from_stopping(websockets):
    floods = [Flood(websockets, (frame(PONG) + frame(BINARY, bytes([mqtt.PINGREQ << 4]))) * 10_000),
              Flood(websockets, frame(PONG, bytes(125)) * 1_000), Flood(websockets, frame(PING, bytes(125)) * 1_000)]
    assert websockets.stop() == 0
    for flood in floods:
        assert flood.has_ended.wait(30)


def test_unfinished_messages_over_websocket_count(websockets):
    """In fragments, and in a frame that is not complete, before anybody has said who it is: all of it is of the limit."""
    before = resident(websockets)
    promise = bytes([mqtt.CONNECT << 4]) + mqtt.variable_integer(60 * MIB)
    connections, refused = [], 0
    for _ in range(12):
        connection = WebSocket(websockets.address("websocket"), "/mqtt", protocols=["mqtt"])
        connections.append(connection)
        try:
            connection.send(frame(BINARY, promise + bytes(8 * MIB - 10), fin=False))
            connection.send(frame(0, bytes(8 * MIB - 1))[:-10])
        except OSError:
            refused += 1
    assert resident(websockets) - before < 64 * MIB
    assert refused > 0
    for connection in connections:
        connection.hang_up()
