"""Autobahn's WebSocket client sends messages, fragments and pings to /echo and compares what comes back."""

import asyncio
import sys

from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol

HOST, PORT = sys.argv[1], int(sys.argv[2])
MESSAGES = [(b"", False), ("Grüße".encode(), False), (bytes(range(256)), True), (b"x" * 125, False), (b"x" * 126, True),
            (b"x" * 65_535, False), (b"x" * 65_536, True), (b"x" * 1_000_000, True)]


class Echo(WebSocketClientProtocol):
    def onOpen(self):
        self.waiting = list(MESSAGES) * 3
        for payload, binary in MESSAGES:
            self.sendMessage(payload, binary)
        for payload, binary in MESSAGES:  # in frames of 10,000 bytes
            self.sendMessage(payload, binary, fragmentSize=10_000)
        for payload, binary in MESSAGES:  # frame by frame, with a ping between
            self.beginMessage(binary)
            for at in range(0, max(1, len(payload)), 40_000):
                self.sendMessageFrame(payload[at:at + 40_000])
                self.sendPing(b"between")
            self.endMessage()

    def onMessage(self, payload, binary):
        if (payload, binary) != self.waiting.pop(0):
            print("another message came back")
            self.sendClose()
        if not self.waiting:
            print("all echoed")
            self.sendClose(1000)

    def onClose(self, clean, code, reason):
        if not clean or code != 1000:
            print("closed", clean, code, reason)
        self.factory.loop.stop()


# The factory works on the loop that it finds.
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
factory = WebSocketClientFactory(f"ws://{HOST}:{PORT}/echo")
factory.protocol = Echo
factory.setProtocolOptions(utf8validateIncoming=True, failByDrop=False, openHandshakeTimeout=10, closeHandshakeTimeout=10)
loop.run_until_complete(loop.create_connection(factory, HOST, PORT))
loop.run_forever()
