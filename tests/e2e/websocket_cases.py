"""What RFC 6455 (and 7692) asks of a server, as a table: what is sent to /echo, and what must come back.

A case is (section, name, what is sent, what is expected). What is expected is a list of "text:…", "binary:…", "pong:…" and
"close CODE" ("close" without one). Where it does not end with a close, the runner closes with 1000 and expects the same,
so that nothing else may come. The platform's limit of a message is 1 MiB here.
"""

from support.websocket import BINARY, PING, PONG, TEXT, close, frame

LIMIT = 1 << 20
CONTINUATION = 0


def text(payload="", **options):
    return frame(TEXT, payload, **options)


def binary(payload=b"", **options):
    return frame(BINARY, payload, **options)


def ping(payload=b"", **options):
    return frame(PING, payload, **options)


def pong(payload=b"", **options):
    return frame(PONG, payload, **options)


def more(payload=b"", **options):
    return frame(CONTINUATION, payload, **options)


def name_of(data):
    return data if len(data) < 40 else f"{len(data)} bytes"


CASES = []


def case(section, name, sent, *expected):
    CASES.append((section, name, sent, list(expected)))


# 5.2, 5.6: payloads of every form of length, as text and binary.
for size in (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 124, 125, 126, 127, 128, 129, 255, 256, 257, 65_535, 65_536, 65_537, LIMIT - 1, LIMIT):
    case("5.2", f"text of {size} bytes", text("*" * size), "text:" + "*" * size)
    case("5.2", f"binary of {size} bytes", binary(b"\xfe" * size), "binary:" + "\u00fe" * size)
for size, form in ((0, 2), (1, 2), (125, 2), (0, 8), (125, 8), (126, 8), (65_535, 8)):
    case("5.2", f"{size} bytes in a length of {form} bytes", text("*" * size, length_bytes=form), "close 1002")
for size in (LIMIT + 1, 2 * LIMIT):
    case("7.4.1", f"text of {size} bytes, past the limit", text("*" * size), "close 1009")
for length in (1 << 32, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
    case("7.4.1", f"a frame that announces {length} bytes", b"\x82\xff" + length.to_bytes(8, "big") + b"mask", "close 1009")

# 5.3: masks.
for mask in (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x01\x02\x03\x04", b"\x80\x00\x00\x01"):
    case("5.3", f"mask {mask.hex()}", text("masked text", mask=mask), "text:masked text")
for kind, name in ((text("x", mask=None), "text"), (binary(b"x", mask=None), "binary"), (ping(mask=None), "ping"), (pong(mask=None), "pong"),
                   (frame(8, b"\x03\xe8", mask=None), "close"), (text(mask=None), "empty text")):
    case("5.1", f"{name} without a mask", kind, "close 1002")
case("5.1", "a frame without a mask behind a good one", text("good") + text("x", mask=None), "text:good", "close 1002")

# 5.2: reserved bits and opcodes.
for bits in range(1, 8):
    case("5.2", f"text with reserved bits {bits:03b}", text("x", rsv=bits), "close 1002")
    case("5.2", f"ping with reserved bits {bits:03b}", ping(b"x", rsv=bits), "close 1002")
    case("5.2", f"binary with reserved bits {bits:03b} behind a good text", text("good") + binary(b"x", rsv=bits), "text:good", "close 1002")
for bits in (1, 2, 4, 7):
    case("5.2", f"continuation with reserved bits {bits:03b}", text("a", fin=False) + more(b"b", rsv=bits), "close 1002")
    case("5.2", f"close with reserved bits {bits:03b}", frame(8, b"\x03\xe8", rsv=bits), "close 1002")
for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
    case("5.2", f"opcode {opcode}", frame(opcode), "close 1002")
    case("5.2", f"opcode {opcode} with a payload behind a good text", text("good") + frame(opcode, b"x"), "text:good", "close 1002")
    case("5.2", f"opcode {opcode} inside of a message", text("a", fin=False) + frame(opcode) + more(b"b"), "close 1002")

# 5.5: control frames.
for size in (0, 1, 2, 124, 125):
    case("5.5.2", f"ping of {size} bytes", ping(b"p" * size), "pong:" + "p" * size)
case("5.5.2", "ping of bytes that are no text", ping(bytes(range(256))[-100:]), "pong:" + "".join(map(chr, range(156, 256))))
for size in (126, 127, 65_535, 65_536):
    case("5.5", f"ping of {size} bytes", ping(b"p" * size), "close 1002")
    case("5.5", f"pong of {size} bytes", pong(b"p" * size), "close 1002")
case("5.5", "close of 126 bytes", close(1000, "x" * 124), "close 1002")
case("5.5", "close of 125 bytes", close(1000, "x" * 123), "close 1000")
case("5.5", "ping of 3 bytes in a length of 2 bytes", ping(b"abc", length_bytes=2), "close 1002")
case("5.5.2", "ten pings", b"".join(ping(b"%d" % i) for i in range(10)), *(f"pong:{i}" for i in range(10)))
case("5.5.2", "pings between messages", ping(b"1") + text("a") + ping(b"2") + text("b"), "pong:1", "text:a", "pong:2", "text:b")
case("5.5.3", "a pong that nobody asked for", pong(b"unasked") + text("a"), "text:a")
case("5.5.3", "an empty pong", pong(), )
case("5.5.3", "many pongs", pong(b"x") * 50 + ping(b"y"), "pong:y")
for kind, name in ((PING, "ping"), (PONG, "pong"), (8, "close")):
    case("5.4", f"a fragmented {name}", frame(kind, b"\x03\xe8" if kind == 8 else b"x", fin=False), "close 1002")
    case("5.4", f"a fragmented {name} inside of a message", text("a", fin=False) + frame(kind, b"", fin=False) + more(b"b"), "close 1002")

# 5.4: fragmentation.
case("5.4", "text in two", text("Hel", fin=False) + more(b"lo"), "text:Hello")
case("5.4", "binary in two", binary(b"Hel", fin=False) + more(b"lo"), "binary:Hello")
for count in (2, 3, 10, 100, 1_000):
    case("5.4", f"text in {count} frames of a byte", text("x", fin=False) + more(b"x", fin=False) * (count - 2) + more(b"x"), "text:" + "x" * count)
case("5.4", "text in empty frames", text(fin=False) + more(fin=False) + more(), "text:")
case("5.4", "text with empty frames between", text("a", fin=False) + more(fin=False) + more(b"b", fin=False) + more(), "text:ab")
case("5.4", "an empty first frame", binary(fin=False) + more(b"all"), "binary:all")
case("5.4", "ping inside of a message", text("a", fin=False) + ping(b"p") + more(b"b"), "pong:p", "text:ab")
case("5.4", "pong inside of a message", text("a", fin=False) + pong(b"p") + more(b"b"), "text:ab")
case("5.4", "pings inside of a message", text("a", fin=False) + ping(b"1") + more(b"b", fin=False) + ping(b"2") + more(b"c"), "pong:1", "pong:2", "text:abc")
case("5.4", "close inside of a message", text("a", fin=False) + close(1000), "close 1000")
case("5.4", "two fragmented messages", (text("a", fin=False) + more(b"b")) * 2, "text:ab", "text:ab")
case("5.4", "fragmented and whole messages in turn", text("a", fin=False) + more(b"b") + binary(b"c") + binary(b"d", fin=False) + more(b"e"), "text:ab", "binary:c", "binary:de")
case("5.4", "a continuation of nothing", more(b"x"), "close 1002")
case("5.4", "an empty continuation of nothing", more(), "close 1002")
case("5.4", "a first continuation of nothing", more(b"x", fin=False), "close 1002")
case("5.4", "a continuation behind a whole message", text("good") + more(b"x"), "text:good", "close 1002")
case("5.4", "a continuation behind a fragmented message", text("a", fin=False) + more(b"b") + more(b"c"), "text:ab", "close 1002")
case("5.4", "text inside of a text", text("a", fin=False) + text("b"), "close 1002")
case("5.4", "binary inside of a text", text("a", fin=False) + binary(b"b"), "close 1002")
case("5.4", "text inside of a binary", binary(b"a", fin=False) + text("b"), "close 1002")
case("5.4", "a fragmented text inside of a text", text("a", fin=False) + text("b", fin=False) + more(b"c"), "close 1002")
case("7.4.1", "fragments that reach the limit together", binary(b"x" * (LIMIT - 10), fin=False) + more(b"y" * 10), "binary:" + "x" * (LIMIT - 10) + "y" * 10)
case("7.4.1", "fragments that pass the limit together", binary(b"x" * (LIMIT - 10), fin=False) + more(b"y" * 11), "close 1009")
case("7.4.1", "many small fragments past the limit", binary(b"x" * 65_536, fin=False) + more(b"y" * 65_536, fin=False) * 16, "close 1009")

# 5.5.1, 7.4: closing.
case("5.5.1", "close without a code", close(), "close")
for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999):
    case("7.4", f"close {code}", close(code), f"close {code}")
for code in (0, 1, 500, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 9999, 65_535):
    case("7.4", f"close {code}, which may not be sent", close(code), "close 1002")
case("5.5.1", "close with half a code", frame(8, b"\x03"), "close 1002")
case("5.5.1", "close with a reason", close(1000, "all is said"), "close 1000")
case("5.5.1", "close with an empty reason", close(4321, ""), "close 4321")
case("5.5.1", "close with a reason of many languages", close(1000, "κόσμε 世界 🌍"), "close 1000")
for bad in (b"\xff", b"\xc3\x28", b"ok\xce", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"):
    case("8.1", f"close with the reason {bad.hex()}, no UTF-8", close(1000, bad), "close 1007")
case("5.5.1", "a message behind the close", close(1000) + text("late"), "close 1000")
case("5.5.1", "a ping behind the close", close(1001) + ping(b"late"), "close 1001")
case("5.5.1", "two closes", close(1000) + close(1001), "close 1000")
case("5.5.1", "a message and a close in one", text("last") + close(1000), "text:last", "close 1000")
case("5.5.1", "a broken frame behind the close", close(1000) + b"\xff\xff\xff\xff", "close 1000")

# 8.1: UTF-8, by the tables of the Unicode standard (3.9, D92): whole, and cut into two frames between any bytes.
GOOD_TEXT = ["a", "é", "κόσμε", "世界", "🌍", "\x00", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\ufffd", "\U00010000",
             "\U0010ffff", "\U0001f468\u200d\U0001f469", "a\u0301", "\ufeff", "\ufdd0", "\ufffe", "mixed é 世 🌍 end"]
BAD_TEXT = ["80", "bf", "c0", "c080", "c0af", "c1bf", "c2", "c200", "c3c3", "dfff", "e0", "e08080", "e09fbf", "e0a0", "e180", "e1c080", "eda080", "edbfbf",
            "edad80edb080", "ee80", "efbf", "f0", "f0808080", "f08fbfbf", "f09080", "f0908041", "f48fbf", "f4908080", "f5808080", "f8888080 80", "fe", "ff",
            "6162ff6364", "cebae1bdb9cf83cebcceb5eda080656469746564"]
for good in GOOD_TEXT:
    encoded = good.encode()
    case("8.1", f"text {encoded.hex()}", text(encoded), "text:" + good)
    if len(encoded) > 1:
        middle = len(encoded) // 2
        case("8.1", f"text {encoded.hex()} in two frames", text(encoded[:middle], fin=False) + more(encoded[middle:]), "text:" + good)
for bad in BAD_TEXT:
    encoded = bytes.fromhex(bad)
    case("8.1", f"text {bad}, no UTF-8", text(encoded), "close 1007")
    if len(encoded) > 1:
        middle = len(encoded) // 2
        case("8.1", f"text {bad} in two frames", text(encoded[:middle], fin=False) + more(encoded[middle:]), "close 1007")
    case("8.1", f"binary {bad}, which need not be UTF-8", binary(encoded), "binary:" + encoded.decode("latin-1"))
case("8.1", "a text that ends inside of a character", text("good") + text("世".encode()[:2]), "text:good", "close 1007")

# Much at once.
case("5.6", "1000 messages at once", text("x") * 1_000, *["text:x"] * 1_000)
case("5.6", "messages of all kinds at once", (text("a") + binary(b"b") + ping(b"c") + pong(b"d")) * 50, *["text:a", "binary:b", "pong:c"] * 50)
