"""The helpers themselves: a mistake in them would hide mistakes of the platform."""

import socket
import threading

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support import ingest, times, tokens
from support.http import Connection, ConnectionEnded, render
from support.program import parse_config


class Peer:
    """A listener that answers each connection with the bytes it was given, cut as told, and closes."""

    def __init__(self, *pieces):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.thread = threading.Thread(target=self._serve, args=(pieces,))
        self.thread.start()

    def _serve(self, pieces):
        connection, _ = self.listener.accept()
        with connection:
            connection.recv(65536)
            for piece in pieces:
                connection.sendall(piece)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()


def answer_to_get(*pieces):
    with Peer(*pieces) as peer, Connection(peer.address) as connection:
        return connection.request("GET", "/")


def test_reads_an_answer_with_a_length_cut_at_every_byte():
    whole = b"HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello"
    for cut in range(1, len(whole)):
        response = answer_to_get(whole[:cut], whole[cut:])
        assert (response.status, response.header("x-a"), response.body) == (200, "b", b"hello")


def test_reads_chunks():
    response = answer_to_get(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert response.body == b"abcde"


def test_passes_over_interim_answers():
    assert answer_to_get(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n").status == 204


def test_tells_an_answer_cut_short_from_a_whole_one():
    with pytest.raises(ConnectionEnded):
        answer_to_get(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello")


def test_renders_what_it_is_told():
    assert render("POST", "/", ("h", 1), [("a", "b")], b"x") == b"POST / HTTP/1.1\r\nHost: h:1\r\na: b\r\nContent-Length: 1\r\n\r\nx"


def test_nanoseconds_survive_their_text():
    assert times.iso(1_526_717_967_000_000_001) == "2018-05-19T08:19:27.000000001Z"
    for ns in (0, 1, 999_999_999, 1_526_717_967_123_456_789, 9_223_372_036_854_775_807):
        assert times.nanoseconds(times.iso(ns)) == ns


class Counting:
    """A gateway that acknowledges the first `good` requests of each connection and then closes it, unanswered."""

    def __init__(self, good):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = self.listener.getsockname()
        self.good = good
        self.threads = []
        self.acceptor = threading.Thread(target=self._accept)
        self.acceptor.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self.threads[-1].start()

    def _serve(self, connection):
        with connection:
            for _ in range(self.good):
                if not connection.recv(65536):
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            connection.recv(65536)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join()
        for thread in self.threads:
            thread.join()


def test_deliver_answers_each_request_once():
    with Counting(1_000) as peer:
        answered = []
        lost = ingest.deliver(peer.address, [(key, ingest.message_request(peer.address, "t", b"{}")) for key in range(500)],
                              lambda key, status, _: answered.append((key, status)), connections=8)
    assert lost == []
    assert sorted(answered) == [(key, 200) for key in range(500)]


def test_deliver_names_each_request_that_was_not_answered():
    with Counting(3) as peer:
        answered = []
        lost = ingest.deliver(peer.address, [(key, ingest.message_request(peer.address, "t", b"{}")) for key in range(500)],
                              lambda key, status, _: answered.append(key), connections=8)
    assert len(answered) == 24 and len(lost) == 8
    assert sorted(answered + lost) == list(range(32))


def test_forged_tokens_differ_from_the_genuine_one(tmp_path):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (tmp_path / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                         serialization.NoEncryption()))
    genuine = tokens.signed({"alg": "RS256", "kid": "k"}, {"sub": "3", "aud": "device", "iss": "iotplatform"}, key)
    numbers = key.public_key().public_numbers()
    jwks = {"keys": [{"kty": "RSA", "n": tokens.encode(numbers.n.to_bytes(256, "big")), "e": "AQAB"}]}
    forger = tokens.Forger(genuine, tmp_path, jwks)
    assert genuine not in {forge(forger) for forge in tokens.FORGERIES.values()}
    assert forger.resigned() == genuine


@pytest.mark.parametrize("text", ['[core]\nport = "8080"  # default\n\n[http]\nports = "1,2"  # flag --http.ports\n',
                                  "core.port = 8080 # default\nhttp.ports = 1,2 # flag --http.ports\n"])
def test_settings_are_read_from_what_config_prints(text):
    lines = parse_config(text)
    assert set(lines) == {"core.port", "http.ports"}
    assert "flag" in lines["http.ports"] and "8080" in lines["core.port"]
