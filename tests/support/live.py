"""Live readings over Server-Sent Events and over WebSocket, read frame by frame."""

import json
import socket

from support.http import DEADLINE_S
from support.websocket import WebSocket

PATH = "/api/consumers/live"


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class EventStream:
    """An open stream of events: next() is (position, event, data), or None at its end."""

    def __init__(self, address, token, query="", last_event_id=None, receive_bytes=None, headers=()):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(address)
        lines = [f"GET {PATH}{query} HTTP/1.1", "Host: test", "Accept: text/event-stream", *headers]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if last_event_id:
            lines.append(f"Last-Event-ID: {last_event_id}")
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        self.received = b""
        head = self._until(b"\r\n\r\n")
        self.status = int(head.split(b" ", 2)[1])
        if self.status != 200:
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            while len(self.received) < length:
                self._read_more()
            self.socket.close()
            raise Refused(self.status, json.loads(self.received[:length]))
        assert b"Content-Type: text/event-stream" in head, head

    def next(self):
        while (block := self._until(b"\n\n")) is not None:
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n") if ": " in line and not line.startswith(":"))
            if fields:
                return fields["id"], fields.get("event", "message"), json.loads(fields["data"])
        return None

    def _until(self, end):
        while end not in self.received:
            if not self._read_more():
                return None
        block, _, self.received = self.received.partition(end)
        return block

    def _read_more(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        self.received += data
        return data

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class LiveSocket(WebSocket):
    """The same over a WebSocket: next_event() has the same form."""

    def __init__(self, address, token, query="", **options):
        super().__init__(address, PATH + query, token, **options)

    def next_event(self):
        frame = self.next()
        if frame is None or frame[0] != "text":
            return None
        message = json.loads(frame[1])
        kind = "missed" if "missed" in message else "message"
        return message["position"], kind, message["missed" if kind == "missed" else "reading"]
