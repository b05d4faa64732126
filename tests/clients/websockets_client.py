"""`websockets`: sends one message with acknowledgement and prints subprotocol, answer and close code; or, with `echo`, compares
what /echo says to compressed messages."""

import asyncio
import sys

import websockets


async def send_one(url, token, message):
    headers = {"Authorization": f"Bearer {token}"}
    async with websockets.connect(url, additional_headers=headers, subprotocols=["iotplatform.ack"]) as client:
        await (await client.ping())
        await client.send(message)
        answer = await client.recv()
        await client.close(1000)
        print(client.subprotocol, answer, client.close_code)


async def echo(url):
    async with websockets.connect(url, compression="deflate") as client:
        for message in ("short", "x" * 10_000, b"\x00" * 50_000, "世界" * 1_000, "".join(map(str, range(20_000)))):
            await client.send(message)
            assert await client.recv() == message
    print("all echoed")


asyncio.run(echo(sys.argv[2]) if sys.argv[1] == "echo" else send_one(*sys.argv[1:]))
