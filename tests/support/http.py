"""HTTP/1.1 over a plain socket: bytes as the test wants them, answers as they came.

Python's own clients correct or refuse what these tests must be able to send.
"""

import json
import socket

# How long a test waits for anything at all. Not a measure of speed: a slow machine must pass too.
DEADLINE_S = 60


class ConnectionEnded(Exception):
    """The other side closed the connection before the answer was complete."""


class Response:
    def __init__(self, status, reason, headers, body):
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body

    def header(self, name):
        """The first header of this name in any case, or None."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.text[:600]}>"


class Connection:
    """One keep-alive connection. `source` is the local address to come from, for what is counted by address; `tls` an
    ssl.SSLContext, where TLS is spoken."""

    def __init__(self, address, source=None, timeout_s=DEADLINE_S, tls=None):
        self.address = address
        self.socket = socket.create_connection(address, timeout=timeout_s, source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.buffer = b""
        self.reusable = True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data)

    def at_end(self):
        """Waits until the other side sends something or closes; true if it closed and nothing is left to read."""
        if self.buffer:
            return False
        try:
            self.buffer = self.socket.recv(65536)
        except ConnectionError:
            return True
        return not self.buffer

    def receive(self, method="GET", interim=False):
        """The next answer. With `interim` a 1xx answer counts as one, else it is passed over."""
        while True:
            head = self._until(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            version, status, reason = (lines[0].split(" ", 2) + [""])[:3]
            headers = []
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers.append((name, value.strip()))
            response = Response(int(status), reason, headers, b"")
            if 100 <= response.status < 200:
                if interim:
                    return response
                continue
            response.body = self._body(response, method)
            self.reusable = version == "HTTP/1.1" and (response.header("Connection") or "").lower() != "close"
            return response

    def request(self, method, target, headers=(), body=None):
        """Sends a request and gives its answer. A Host and, with a body, a Content-Length are added."""
        self.send(render(method, target, self.address, headers, body))
        return self.receive(method)

    def _body(self, response, method):
        if method == "HEAD" or response.status in (204, 304):
            return b""
        if (response.header("Transfer-Encoding") or "").lower() == "chunked":
            parts = []
            while True:
                size = int(self._until(b"\r\n").split(b";")[0], 16)
                part = self._exactly(size)
                self._exactly(2) if size else self._until(b"\r\n")
                if size == 0:
                    return b"".join(parts)
                parts.append(part)
        length = response.header("Content-Length")
        if length is not None:
            return self._exactly(int(length))
        parts = [self.buffer]
        while data := self.socket.recv(65536):
            parts.append(data)
        self.buffer = b""
        return b"".join(parts)

    def _more(self):
        try:
            data = self.socket.recv(262144)
        except (ConnectionResetError, BrokenPipeError) as error:
            raise ConnectionEnded(f"after {self.buffer[:200]!r}: {error}") from error
        if not data:
            raise ConnectionEnded(f"after {self.buffer[:200]!r}")
        return data

    def _until(self, end):
        while (at := self.buffer.find(end)) < 0:
            self.buffer += self._more()
        found, self.buffer = self.buffer[:at], self.buffer[at + len(end):]
        return found

    def _exactly(self, count):
        parts, have = [self.buffer], len(self.buffer)
        while have < count:
            parts.append(self._more())
            have += len(parts[-1])
        whole = b"".join(parts)
        self.buffer = whole[count:]
        return whole[:count]


def render(method, target, address, headers=(), body=None):
    """A request's bytes."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {address[0]}:{address[1]}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + (body or b"")


class Client:
    """Requests one after the other over a connection that is opened anew where the platform closed it."""

    def __init__(self, address, source=None, tls=None):
        self.address = address
        self.source = source
        self.tls = tls
        self.connection = None

    def request(self, method, target, headers=(), body=None):
        if self.connection is not None:
            try:
                return self._finish(self.connection.request(method, target, headers, body))
            except (ConnectionEnded, ConnectionError):
                # It had been closed while idle; if the fresh one ends too, the test hears of it.
                self.connection.close()
        self.connection = Connection(self.address, self.source, tls=self.tls)
        return self._finish(self.connection.request(method, target, headers, body))

    def _finish(self, response):
        if not self.connection.reusable:
            self.connection.close()
            self.connection = None
        return response
