"""Requests that the gateway must refuse whatever they carry: (what is wrong, bytes, status, what the answer must name).

$token stands for the device's token, $length for the length of a good message, $body for that message.
"""

import gzip
import zlib

import zstandard

LINE = "POST / HTTP/1.1\r\nHost: h\r\n"
AUTHORIZATION = "Authorization: Bearer $token\r\n"
JSON = "Content-Type: application/json\r\n"
LENGTH = "Content-Length: $length\r\n"


def request(headers, line=LINE, body="\r\n$body"):
    return line + headers + body


def encoded(name, body):
    head = f"{LINE}{AUTHORIZATION}{JSON}Content-Encoding: {name}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def method(name):
    return request(AUTHORIZATION + JSON + LENGTH, line=f"{name} / HTTP/1.1\r\nHost: h\r\n")


def bomb(compress):
    """256 MiB of blanks, compressed to almost nothing."""
    return compress(b" " * (1 << 20), 1 << 8)


def gzip_of(block, times):
    compressor = zlib.compressobj(9, wbits=31)
    return b"".join(compressor.compress(block) for _ in range(times)) + compressor.flush()


def zstd_of(block, times):
    compressor = zstandard.ZstdCompressor(level=9).compressobj()
    return b"".join(compressor.compress(block) for _ in range(times)) + compressor.flush()


FINE = AUTHORIZATION + JSON + LENGTH

METHODS = [(f"method {name}", method(name), 405, "") for name in ("GET", "PUT", "PATCH", "DELETE")]

PATHS = [
    ("another path", request(FINE, line="POST /readings HTTP/1.1\r\nHost: h\r\n"), 404, ""),
    ("a path upwards", request(FINE, line="POST /../ HTTP/1.1\r\nHost: h\r\n"), (400, 404), ""),
    ("the API's path", request(FINE, line="POST /api/devices HTTP/1.1\r\nHost: h\r\n"), 404, ""),
]

HEADERS = [
    ("no content type", request(AUTHORIZATION + LENGTH), 415, "content-type|application/json"),
    ("text", request(AUTHORIZATION + LENGTH + "Content-Type: text/plain\r\n"), 415, "content-type|application/json"),
    ("a form", request(AUTHORIZATION + LENGTH + "Content-Type: application/x-www-form-urlencoded\r\n"), 415, ""),
    ("XML", request(AUTHORIZATION + LENGTH + "Content-Type: application/xml\r\n"), 415, ""),
    ("nearly JSON", request(AUTHORIZATION + LENGTH + "Content-Type: application/jsonx\r\n"), 415, ""),
    ("no length", request(AUTHORIZATION + JSON), 411, "length"),
    ("a length that is a word", request(AUTHORIZATION + JSON + "Content-Length: many\r\n"), 400, ""),
    ("a length below zero", request(AUTHORIZATION + JSON + "Content-Length: -1\r\n"), 400, ""),
    ("a length beyond 64 bits", request(AUTHORIZATION + JSON + "Content-Length: 99999999999999999999\r\n"), (400, 413), ""),
    ("two lengths", request(FINE + "Content-Length: 1\r\n"), 400, ""),
    ("a length of a terabyte", request(AUTHORIZATION + JSON + "Content-Length: 1099511627776\r\n", body="\r\n"), 413, "large|limit|most"),
    ("a length and chunks", request(FINE + "Transfer-Encoding: chunked\r\n"), 400, ""),
    ("an unknown transfer encoding", request(AUTHORIZATION + JSON + "Transfer-Encoding: rot13\r\n"), (400, 411, 501), ""),
    ("a chunk's size that is a word", request(AUTHORIZATION + JSON + "Transfer-Encoding: chunked\r\n", body="\r\nxyz\r\n$body\r\n0\r\n\r\n"), 400, ""),
    ("a chunk's size beyond 64 bits", request(AUTHORIZATION + JSON + "Transfer-Encoding: chunked\r\n",
                                              body="\r\nfffffffffffffffff\r\n$body\r\n0\r\n\r\n"), (400, 413), ""),
    ("a chunk longer than said", request(AUTHORIZATION + JSON + "Transfer-Encoding: chunked\r\n", body="\r\n3\r\n$body\r\n0\r\n\r\n"), 400, ""),
    ("a header without a colon", request(FINE + "hello\r\n"), 400, ""),
    ("a blank before the colon", request("Authorization : Bearer $token\r\n" + JSON + LENGTH), (400, 401), ""),
    ("a NUL in a header", request(FINE + "X-A: a\0b\r\n"), 400, ""),
    ("a header of 100 KB", request(FINE + "X-A: " + "a" * 100_000 + "\r\n"), (400, 431), ""),
    ("10,000 headers", request(FINE + "".join(f"X-{n}: a\r\n" for n in range(10_000))), (400, 431), ""),
    ("a target of 100 KB", request(FINE, line=f"POST /{'a' * 100_000} HTTP/1.1\r\nHost: h\r\n"), (400, 414, 431), ""),
    ("something else expected", request(FINE + "Expect: the-unexpected\r\n"), 417, ""),
    ("HTTP/3.7", request(FINE, line="POST / HTTP/3.7\r\nHost: h\r\n"), (400, 505), ""),
    ("no HTTP at all", "hello\r\n\r\n", 400, ""),
    ("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2, 400, ""),
]

AUTHORIZATIONS = [
    ("no authorization", request(JSON + LENGTH), 401, "authorization|bearer"),
    *[(f"authorization {name}", request(f"Authorization: {sent}\r\n" + JSON + LENGTH), 401, "authorization|bearer") for name, sent in (
        ("empty", ""), ("Bearer", "Bearer"), ("Bearer and a blank", "Bearer "), ("Basic", "Basic cm9vdDpyb290"),
        ("the token alone", "$token"), ("another scheme", "Token $token"), ("no blank", "Bearer$token"),
        ("two tokens", "Bearer $token $token"))],
]

ENCODINGS = [
    ("unknown encoding", encoded("br", b"\x0b\x02\x80hello\x03"), 415, "encoding"),
    ("gzip that is none", encoded("gzip", b"hello, this is no gzip"), 400, "gzip|decompress|encoding"),
    ("gzip cut short", encoded("gzip", gzip.compress(b"[" + b" " * 10_000 + b"]")[:-12]), 400, "gzip|decompress|encoding"),
    ("gzip with a wrong checksum", encoded("gzip", gzip.compress(b"[]")[:-8] + b"\0" * 8), 400, "gzip|decompress|encoding"),
    ("gzip with something behind", encoded("gzip", gzip.compress(b"[]") + b"hello"), 400, "gzip|decompress|encoding|json"),
    ("gzip of nothing", encoded("gzip", b""), 400, ""),
    ("gzip of no JSON", encoded("gzip", gzip.compress(b"hello")), 400, "json"),
    ("a gzip bomb", encoded("gzip", bomb(gzip_of)), 413, "large|limit|most|decompress"),
    ("zstd that is none", encoded("zstd", b"hello, this is no zstd"), 400, "zstd|decompress|encoding"),
    ("zstd cut short", encoded("zstd", zstandard.compress(b"[" + b" " * 10_000 + b"]")[:-6]), 400, "zstd|decompress|encoding"),
    ("zstd of no JSON", encoded("zstd", zstandard.compress(b"hello")), 400, "json"),
    ("a zstd bomb", encoded("zstd", bomb(zstd_of)), 413, "large|limit|most|decompress"),
    ("a zstd frame that announces a terabyte", encoded("zstd", b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\0\0"), (400, 413), ""),
]

ALL = METHODS + PATHS + HEADERS + AUTHORIZATIONS + ENCODINGS
