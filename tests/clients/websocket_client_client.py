"""`websocket-client`: sends one message with acknowledgement and prints subprotocol, answer and close code."""

import struct
import sys

import websocket

url, token, message = sys.argv[1:]
client = websocket.create_connection(url, header=[f"Authorization: Bearer {token}"], subprotocols=["iotplatform.ack"])
client.send(message)
answer = client.recv()
client.send_close(1000)
opcode, payload = client.recv_data(control_frame=True)
assert opcode == websocket.ABNF.OPCODE_CLOSE
print(client.getsubprotocol(), answer, struct.unpack("!H", payload[:2])[0])
