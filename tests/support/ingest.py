"""Clients of the HTTP gateway: one request at a time, and many connections at once."""

import json
import select
import socket

from support.http import DEADLINE_S, Client, render


class Gateway:
    """A device that sends one message after the other."""

    def __init__(self, platform, token, port=0):
        self.client = Client(platform.address("http", port))
        self.token = token

    def post(self, message, headers=()):
        """The answer, whatever it is. `message` is a value to send as JSON, or bytes."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.client.request("POST", "/", [("Content-Type", "application/json"),
                                                 ("Authorization", f"Bearer {self.token}"), *headers], body)

    def store(self, message):
        """Sends what must be accepted."""
        response = self.post(message)
        assert response.status == 200, response
        count = len(message) if isinstance(message, list) else 1
        if not isinstance(message, bytes):
            assert response.json == {"accepted": count}


def message_request(address, token, body):
    """The bytes of a POST of one message."""
    return render("POST", "/", address, [("Content-Type", "application/json"), ("Authorization", f"Bearer {token}")], body)


class _Line:
    """One of the connections of deliver(): at most one request is under way on it."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=DEADLINE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.key = None

    def answer(self):
        """(status, whole answer) if it has all come, else None."""
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.buffer[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            raise AssertionError(f"an answer without a length: {self.buffer!r}")
        line_end = head.find(b"\r\n", at + 2)
        length = int(head[at + 17:line_end if line_end >= 0 else len(head)])
        if len(self.buffer) < end + 4 + length:
            return None
        answer, self.buffer = self.buffer[:end + 4 + length], self.buffer[end + 4 + length:]
        return int(answer[9:12]), answer


def deliver(address, requests, on_answer, connections=64, stop=lambda: False):
    """Sends `requests`, an iterable of (key, bytes), over keep-alive connections, one at a time on each.

    `on_answer(key, status, answer)` is called for each answer. Ends when all are answered, when stop() is true and
    nothing is under way, or when every connection has ended. Returns the keys whose answer never came.
    """
    requests = iter(requests)
    lost = []
    lines = {}
    poll = select.epoll()

    def feed(line):
        """Sends the next request; false when there is none or the connection has ended."""
        line.key = None
        item = None if stop() else next(requests, None)
        if item is None:
            return False
        line.key, data = item
        try:
            line.socket.sendall(data)
            return True
        except ConnectionError:
            lost.append(line.key)
            return False

    def drop(fileno):
        poll.unregister(fileno)
        lines.pop(fileno).socket.close()

    try:
        for _ in range(connections):
            try:
                line = _Line(address)
            except ConnectionError:
                break
            fileno = line.socket.fileno()
            lines[fileno] = line
            poll.register(fileno, select.EPOLLIN)
            if not feed(line):
                drop(fileno)
        while lines:
            ready = poll.poll(DEADLINE_S)
            assert ready, f"no answer within {DEADLINE_S} s"
            for fileno, _ in ready:
                line = lines[fileno]
                try:
                    data = line.socket.recv(65536)
                except ConnectionError:
                    data = b""
                if not data:
                    lost.append(line.key)
                    drop(fileno)
                    continue
                line.buffer += data
                answer = line.answer()
                if answer is None:
                    continue
                on_answer(line.key, *answer)
                if not feed(line):
                    drop(fileno)
        return lost
    finally:
        for fileno in list(lines):
            drop(fileno)
        poll.close()
