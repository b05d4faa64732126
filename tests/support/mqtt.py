"""MQTT as bytes over a plain socket: packets as the test wants them, answers as they came.

Client libraries correct, refuse or hide what these tests must be able to send and to see. Versions are the protocol levels of
CONNECT: 3 (MQTT 3.1), 4 (3.1.1), 5 (5.0).
"""

import dataclasses
import socket
import struct

from support.http import DEADLINE_S

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, \
    DISCONNECT, AUTH = range(1, 16)

PING = bytes([PINGREQ << 4, 0])
PONG = bytes([PINGRESP << 4, 0])

# Properties by their identifiers, with how their value is written: the few that tests send or look at.
PROPERTIES = {
    "message_expiry": (0x02, "I"), "session_expiry": (0x11, "I"), "server_keep_alive": (0x13, "H"), "will_delay": (0x18, "I"),
    "reason_string": (0x1F, "s"), "receive_maximum": (0x21, "H"), "topic_alias_maximum": (0x22, "H"), "topic_alias": (0x23, "H"),
    "maximum_qos": (0x24, "B"), "retain_available": (0x25, "B"), "user_property": (0x26, "ss"), "maximum_packet_size": (0x27, "I"),
    "wildcard_available": (0x28, "B"), "identifiers_available": (0x29, "B"), "shared_available": (0x2A, "B"),
    "assigned_client_id": (0x12, "s"), "response_topic": (0x08, "s"), "correlation_data": (0x09, "s"), "content_type": (0x03, "s"),
    "payload_format": (0x01, "B"), "subscription_identifier": (0x0B, "v"), "response_information": (0x1A, "s"),
    "server_reference": (0x1C, "s"), "authentication_method": (0x15, "s"), "authentication_data": (0x16, "s"),
}
_BY_IDENTIFIER = {identifier: (name, form) for name, (identifier, form) in PROPERTIES.items()}


class Ended(Exception):
    """The other side closed the connection before a packet was complete."""


def variable_integer(number):
    encoded = bytearray()
    while True:
        number, digit = divmod(number, 128)
        encoded.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(encoded)


def text(value):
    """A string or binary value with its length."""
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(data)) + data


def properties(version, **values):
    """The properties of a packet with their length; nothing before 5.0."""
    if version < 5:
        return b""
    encoded = b""
    for name, value in values.items():
        identifier, form = PROPERTIES[name]
        encoded += bytes([identifier])
        if form == "s":
            encoded += text(value)
        elif form == "ss":
            encoded += text(value[0]) + text(value[1])
        elif form == "v":
            encoded += variable_integer(value)
        else:
            encoded += struct.pack(">" + form, value)
    return variable_integer(len(encoded)) + encoded


def packet(kind, body=b"", flags=0):
    return bytes([kind << 4 | flags]) + variable_integer(len(body)) + body


def connect(client_id, version=4, clean=True, keep_alive=60, user=None, password=None, will=None, **values):
    """`will`: (topic, payload, qos, retain); `values` are properties."""
    flags = (0x02 if clean else 0) | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
    payload = text(client_id)
    if will is not None:
        topic, message, qos, retain = will
        flags |= 0x04 | qos << 3 | (0x20 if retain else 0)
        payload += properties(version) + text(topic) + text(message)
    payload += b"".join(text(value) for value in (user, password) if value is not None)
    name = "MQIsdp" if version == 3 else "MQTT"
    return packet(CONNECT, text(name) + bytes([version, flags]) + struct.pack(">H", keep_alive) + properties(version, **values) + payload)


def publish(topic, payload, qos=0, packet_id=0, version=4, retain=False, duplicate=False, **values):
    payload = payload if isinstance(payload, bytes) else payload.encode()
    flags = (8 if duplicate else 0) | qos << 1 | (1 if retain else 0)
    identifier = struct.pack(">H", packet_id) if qos else b""
    return packet(PUBLISH, text(topic) + identifier + properties(version, **values) + payload, flags)


def acknowledgement(kind, packet_id):
    """PUBACK, PUBREC, PUBREL or PUBCOMP that says success."""
    return packet(kind, struct.pack(">H", packet_id), 2 if kind == PUBREL else 0)


def subscribe(packet_id, filters, version=4, **values):
    """`filters`: (filter, options) each."""
    body = struct.pack(">H", packet_id) + properties(version, **values)
    return packet(SUBSCRIBE, body + b"".join(text(name) + bytes([options]) for name, options in filters), 2)


def unsubscribe(packet_id, filters, version=4):
    return packet(UNSUBSCRIBE, struct.pack(">H", packet_id) + properties(version) + b"".join(map(text, filters)), 2)


def disconnect(version=4, reason=0, **values):
    if version < 5 or (reason == 0 and not values):
        return packet(DISCONNECT)
    return packet(DISCONNECT, bytes([reason]) + properties(version, **values))


class _Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        part = self.data[self.at:self.at + count]
        assert len(part) == count, f"cut short: {self.data.hex(' ')}"
        self.at += count
        return part

    def number(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(">" + form)))[0]

    def text(self):
        return self.take(self.number("H"))

    def variable_integer(self):
        value = shift = 0
        while True:
            digit = self.number("B")
            value |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                return value

    def rest(self):
        return self.take(len(self.data) - self.at)

    def at_end(self):
        return self.at == len(self.data)

    def properties(self):
        """{name: value}; those that may come several times are lists."""
        inner = _Reader(self.take(self.variable_integer()))
        found = {}
        while not inner.at_end():
            name, form = _BY_IDENTIFIER[inner.variable_integer()]
            if form == "ss":
                found.setdefault(name, []).append((inner.text().decode(), inner.text().decode()))
            elif form == "v":
                found.setdefault(name, []).append(inner.variable_integer())
            elif form == "s":
                value = inner.text()
                found[name] = value if name in ("correlation_data", "authentication_data") else value.decode()
            else:
                found[name] = inner.number(form)
        return found


@dataclasses.dataclass
class Packet:
    kind: int
    flags: int = 0
    body: bytes = b""
    packet_id: int = 0
    session_present: bool = False
    reason: int = 0  # also the return code of a CONNACK before 5.0
    codes: list = dataclasses.field(default_factory=list)  # of SUBACK and UNSUBACK
    topic: str = ""
    payload: bytes = b""
    properties: dict = dataclasses.field(default_factory=dict)

    @property
    def qos(self):
        return self.flags >> 1 & 3

    @property
    def retain(self):
        return bool(self.flags & 1)

    @property
    def duplicate(self):
        return bool(self.flags & 8)


def parse(kind, flags, body, version):
    """A packet that a server sends."""
    one, reader = Packet(kind, flags, body), _Reader(body)
    if kind == CONNACK:
        one.session_present = bool(reader.number("B") & 1)
        one.reason = reader.number("B")
        if version >= 5:
            one.properties = reader.properties()
    elif kind == PUBLISH:
        one.topic = reader.text().decode()
        one.packet_id = reader.number("H") if one.qos else 0
        if version >= 5:
            one.properties = reader.properties()
        one.payload = reader.rest()
    elif kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
        one.packet_id = reader.number("H")
        if not reader.at_end():
            one.reason = reader.number("B")
        if not reader.at_end():
            one.properties = reader.properties()
    elif kind in (SUBACK, UNSUBACK):
        one.packet_id = reader.number("H")
        if version >= 5:
            one.properties = reader.properties()
        one.codes = list(reader.rest())
    elif kind == DISCONNECT:
        if not reader.at_end():
            one.reason = reader.number("B")
        if not reader.at_end():
            one.properties = reader.properties()
    assert reader.at_end() or kind in (AUTH,), f"more than the packet holds: {body.hex(' ')}"
    return one


class Connection:
    """A socket on which packets come one by one."""

    def __init__(self, address, version=4, source=None, timeout_s=DEADLINE_S):
        self.version = version
        self.socket = socket.create_connection(address, timeout=timeout_s, source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, *packets):
        self.socket.sendall(b"".join(packets))

    def exactly(self, count):
        while len(self.buffer) < count:
            try:
                data = self.socket.recv(262144)
            except (ConnectionResetError, BrokenPipeError) as error:
                raise Ended(f"reset after '{self.buffer[:64].hex(' ')}'") from error
            if not data:
                raise Ended(f"closed after '{self.buffer[:64].hex(' ')}'")
            self.buffer += data
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def receive(self):
        """The next packet; Ended if the other side closes."""
        first = self.exactly(1)[0]
        length = shift = 0
        while True:
            digit = self.exactly(1)[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                return parse(first >> 4, first & 15, self.exactly(length), self.version)

    def expect(self, kind, packet_id=None):
        """The next packet, which must be of this kind (and with this id)."""
        found = self.receive()
        assert found.kind == kind and packet_id in (None, found.packet_id), found
        return found

    def rest(self):
        """Everything until the other side closes; a reset is an end as well."""
        parts = [self.buffer]
        self.buffer = b""
        try:
            while data := self.socket.recv(65536):
                parts.append(data)
        except ConnectionError:
            pass
        return b"".join(parts)

    def ping(self):
        self.send(PING)
        self.expect(PINGRESP)


class Client(Connection):
    """A connection that is let in, and the exchanges that a client has with a server."""

    def __init__(self, address, client_id, version=4, source=None, **options):
        super().__init__(address, version, source)
        self.next_id = 0
        self.inbox = []
        self.send(connect(client_id, version, **options))
        self.connack = self.expect(CONNACK)
        if self.connack.reason != 0:
            self.close()
            raise Refused(self.connack)

    def new_id(self):
        self.next_id = self.next_id % 65535 + 1
        return self.next_id

    def answer(self, kind, packet_id):
        """The answer of this kind and id; what is published meanwhile goes to the inbox, unacknowledged."""
        while True:
            found = self.receive()
            if found.kind == PUBLISH:
                self.inbox.append(found)
                continue
            assert (found.kind, found.packet_id) == (kind, packet_id), found
            return found

    def subscribe(self, *filters, qos=0, **values):
        """The codes granted. A filter is a text, or a text and its options."""
        identifier = self.new_id()
        wanted = [one if isinstance(one, tuple) else (one, qos) for one in filters]
        self.send(subscribe(identifier, wanted, self.version, **values))
        return self.answer(SUBACK, identifier).codes

    def publish(self, topic, payload, qos=0, **values):
        """The last answer (PUBACK or PUBCOMP, or a PUBREC that refuses); None with QoS 0."""
        identifier = self.new_id() if qos else 0
        self.send(publish(topic, payload, qos, identifier, self.version, **values))
        if qos == 0:
            return None
        if qos == 1:
            return self.answer(PUBACK, identifier)
        received = self.answer(PUBREC, identifier)
        if received.reason >= 0x80:
            return received
        self.send(acknowledgement(PUBREL, identifier))
        return self.answer(PUBCOMP, identifier)

    def message(self):
        """The next message, acknowledged as its QoS asks."""
        found = self.inbox.pop(0) if self.inbox else self.expect(PUBLISH)
        if found.qos == 1:
            self.send(acknowledgement(PUBACK, found.packet_id))
        elif found.qos == 2:
            self.send(acknowledgement(PUBREC, found.packet_id))
            self.answer(PUBREL, found.packet_id)
            self.send(acknowledgement(PUBCOMP, found.packet_id))
        return found

    def ping(self):
        self.send(PING)
        self.answer(PINGRESP, 0)

    def leave(self, **values):
        """DISCONNECT, and the other side's end: what was sent before has been dealt with."""
        self.send(disconnect(self.version, **values))
        self.rest()
        self.close()


class Refused(Exception):
    """CONNACK said no."""

    def __init__(self, connack):
        super().__init__(f"return or reason code {connack.reason:#04x}, {connack.properties}")
        self.connack = connack
