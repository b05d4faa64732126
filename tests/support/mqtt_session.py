"""Clients that lose their server again and again and go on where they were, as the standard wants it of both sides.

A Session remembers over connections what it has sent without being acknowledged and which QoS 2 messages it has received without
having been told of their release. run() lets many of them talk at once until the server is gone.
"""

import select
import time

from support import mqtt
from support.http import DEADLINE_S

HOUR_S = 3600


class Session:
    """`messages` gives (key, topic, payload, QoS) without end, or is None for one that only listens; `window` of them are under way."""

    def __init__(self, client_id, token, version=4, subscriptions=(), messages=None, window=10):
        self.client_id = client_id
        self.token = token
        self.version = version
        self.subscriptions = list(subscriptions)
        self.messages = messages
        self.window = window
        self.must_be_known = False  # the server has said something that it has to remember
        self.under_way = {}  # packet id: [key, topic, payload, QoS, whether it was received (QoS 2)], oldest first
        self.next_id = 0
        self.unreleased = set()  # packet ids of QoS 2 messages that came and are not released
        self.acknowledged = []  # keys
        self.refused = []
        self.received = []  # payloads, of QoS 2 without repetitions
        self.connection = None

    def connect(self, address):
        """Connects and says again what is under way. ConnectionError or Ended if the server goes meanwhile."""
        options = {"session_expiry": HOUR_S} if self.version == 5 else {}
        self.connection = mqtt.Client(address, self.client_id, self.version, user="JWT", password=self.token, clean=False, **options)
        known = self.connection.connack.session_present
        assert known or not self.must_be_known, f"{self.client_id}: the session is forgotten"
        if not known:
            # Nothing of it was ever acknowledged: all begins anew.
            self.unreleased.clear()
            for entry in self.under_way.values():
                entry[4] = False
            if self.subscriptions:
                identifier = 65535
                self.connection.send(mqtt.subscribe(identifier, self.subscriptions, self.version))
                codes = self.connection.answer(mqtt.SUBACK, identifier).codes
                assert codes == [qos for _, qos in self.subscriptions], codes
                self.must_be_known = True
        again = []
        for packet_id, (_, topic, payload, qos, was_received) in self.under_way.items():
            again.append(mqtt.acknowledgement(mqtt.PUBREL, packet_id) if was_received
                         else mqtt.publish(topic, payload, qos, packet_id, self.version, duplicate=True))
        self.connection.send(*again)
        for found in self.connection.inbox:
            self.take(found)
        self._take_what_is_whole()  # what came in one piece with the CONNACK: no further byte may follow it

    def send_more(self):
        if self.messages is None:
            return
        packets = []
        while len(self.under_way) < self.window:
            key, topic, payload, qos = next(self.messages)
            self.next_id = self.next_id % 60_000 + 1
            while self.next_id in self.under_way:
                self.next_id = self.next_id % 60_000 + 1
            self.under_way[self.next_id] = [key, topic, payload, qos, False]
            packets.append(mqtt.publish(topic, payload, qos, self.next_id, self.version))
        self.connection.send(*packets)

    def receive(self):
        """Takes what has come. Ended or ConnectionError when the server is gone."""
        connection = self.connection
        connection.socket.setblocking(False)
        try:
            data = connection.socket.recv(262144)
        except BlockingIOError:
            return
        finally:
            connection.socket.setblocking(True)
            connection.socket.settimeout(DEADLINE_S)
        if not data:
            raise mqtt.Ended(self.client_id)
        connection.buffer += data
        self._take_what_is_whole()

    def _take_what_is_whole(self):
        while _is_whole(self.connection.buffer):
            self.take(self.connection.receive())
        self.send_more()

    def state(self):
        return f"{self.client_id}: {len(self.under_way)} under way, {len(self.acknowledged)} acknowledged, {len(self.received)} received"

    def take(self, found):
        if found.kind in (mqtt.PUBACK, mqtt.PUBCOMP):
            key = self.under_way.pop(found.packet_id)[0]
            (self.refused if found.reason >= 0x80 else self.acknowledged).append(key)
        elif found.kind == mqtt.PUBREC:
            assert found.reason < 0x80, found
            self.under_way[found.packet_id][4] = True
            self.must_be_known = True
            self.connection.send(mqtt.acknowledgement(mqtt.PUBREL, found.packet_id))
        elif found.kind == mqtt.PUBREL:
            self.unreleased.discard(found.packet_id)
            self.connection.send(mqtt.acknowledgement(mqtt.PUBCOMP, found.packet_id))
        elif found.kind == mqtt.PUBLISH:
            self._take_message(found)
        else:
            assert found.kind == mqtt.PINGRESP, found

    def _take_message(self, found):
        if found.qos == 2:
            if found.packet_id not in self.unreleased:
                self.unreleased.add(found.packet_id)
                self.received.append(found.payload)
            self.connection.send(mqtt.acknowledgement(mqtt.PUBREC, found.packet_id))
            return
        self.received.append(found.payload)
        if found.qos == 1:
            self.connection.send(mqtt.acknowledgement(mqtt.PUBACK, found.packet_id))


def _is_whole(buffer):
    """Whether the first packet has all come."""
    length = shift = 0
    for at in range(1, len(buffer)):
        length |= (buffer[at] & 0x7F) << shift
        shift += 7
        if buffer[at] < 0x80:
            return len(buffer) >= at + 1 + length
    return False


def run(sessions, address, done=lambda: False, on_progress=lambda: None):
    """Connects all and lets them talk until their server is gone, or done() is true; fails when all of them have fallen silent."""
    poll = select.poll()
    alive = {}
    for session in sessions:
        try:
            session.connect(address)
        except (mqtt.Ended, ConnectionError):
            continue
        alive[session.connection.socket.fileno()] = session
        poll.register(session.connection.socket, select.POLLIN)
    heard = time.monotonic()
    while alive and not done():
        ready = poll.poll(50)
        heard = time.monotonic() if ready else heard
        assert time.monotonic() - heard < DEADLINE_S, f"nothing more comes: {[one.state() for one in sessions]}"
        for fileno, _ in ready:
            session = alive[fileno]
            try:
                session.receive()
            except (mqtt.Ended, ConnectionError):
                poll.unregister(fileno)
                del alive[fileno]
        on_progress()
    for session in sessions:
        if session.connection is not None:
            session.connection.close()
