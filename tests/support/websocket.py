"""A WebSocket client down at the frames (RFC 6455), which may also break every rule: bytes over a socket, every wait with a
deadline."""

import base64
import hashlib
import os
import socket
import struct
import zlib

from support.http import DEADLINE_S

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
NAMES = {TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}


def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\x37\xfa\x21\x3d", length_bytes=None):
    """A frame as a client sends it; `mask` None: not masked; `length_bytes` 0, 2 or 8: not the shortest form."""
    payload = payload.encode() if isinstance(payload, str) else payload
    size = len(payload)
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65_536 else 8
    length = {0: bytes([size & 0x7F]), 2: b"\x7e" + struct.pack("!H", size & 0xFFFF), 8: b"\x7f" + struct.pack("!Q", size)}[length_bytes]
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode, (0x80 if mask else 0) | length[0]]) + length[1:]
    if not mask:
        return head + payload
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return head + mask + (int.from_bytes(payload, "little") ^ key).to_bytes(size, "little")


def close(code=None, reason=b""):
    reason = reason.encode() if isinstance(reason, str) else reason
    return frame(CLOSE, (b"" if code is None else struct.pack("!H", code)) + reason)


class Refused(Exception):
    """The upgrade was answered with another status."""

    def __init__(self, status, head):
        super().__init__(head)
        self.status = status
        self.head = head


class WebSocket:
    """An open connection. `protocols` is offered; what was chosen is in `protocol`. `tls` is a context of ssl."""

    def __init__(self, address, path="/", token=None, protocols=(), deflate=False, headers=(), tls=None):
        self.socket = socket.create_connection(address, timeout=DEADLINE_S)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", "Host: test", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {key}", *headers]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if protocols:
            lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
        if deflate:
            lines.append("Sec-WebSocket-Extensions: permessage-deflate")
        self.send("\r\n".join(lines + ["", ""]).encode())
        while b"\r\n\r\n" not in self.received:
            self._read_more()
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        self.head = head.decode()
        status = int(self.head.split(" ", 2)[1])
        if status != 101:
            self.socket.close()
            raise Refused(status, self.head)
        fields = dict(line.lower().split(": ", 1) for line in self.head.split("\r\n")[1:])
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        assert fields["sec-websocket-accept"] == accept.lower(), self.head
        self.protocol = next((line.split(": ", 1)[1] for line in self.head.split("\r\n") if line.startswith("Sec-WebSocket-Protocol")), None)

    def send(self, data):
        self.socket.sendall(data)

    def text(self, payload):
        self.send(frame(TEXT, payload))

    def next(self):
        """The next frame of the server: (kind, payload), of a close (kind, code or None, reason); None at the end."""
        if not self._wait_for(2):
            return None
        first, second = self.received[0], self.received[1]
        assert second < 0x80, "a server's frame is masked"
        assert first & 0x80, "a server's frame is fragmented"
        extension = {126: 2, 127: 8}.get(second, 0)
        self._wait_for(2 + extension)
        size = int.from_bytes(self.received[2:2 + extension], "big") if extension else second
        self._wait_for(2 + extension + size)
        payload = self.received[2 + extension:2 + extension + size]
        self.received = self.received[2 + extension + size:]
        if first & 0x40:
            inflater = zlib.decompressobj(-15)
            payload = inflater.decompress(payload + b"\x00\x00\xff\xff")
        kind = NAMES[first & 0x0F]
        if kind == "close":
            return (kind, None, "") if not payload else (kind, int.from_bytes(payload[:2], "big"), payload[2:].decode())
        return kind, payload

    def at_end(self):
        """Waits until the server closes; false if something comes first."""
        return not self._wait_for(1)

    def hang_up(self):
        self.socket.close()

    def _wait_for(self, count):
        while len(self.received) < count:
            if not self._read_more():
                assert not self.received, self.received
                return False
        return True

    def _read_more(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        self.received += data
        return data

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
