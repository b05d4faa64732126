"""A device that hears commands with paho-mqtt, and answers each: {"host", "port", "device", "token", "count"} on standard input."""

import json
import sys

import paho.mqtt.client as paho

scenario = json.load(sys.stdin)
device = scenario["device"]
answered = []
arguments = [paho.CallbackAPIVersion.VERSION2] if hasattr(paho, "CallbackAPIVersion") else []
client = paho.Client(*arguments, client_id="paho-device", protocol=paho.MQTTv5)
client.username_pw_set("JWT", scenario["token"])


def on_connect(client, *_):
    client.subscribe(f"{device}/commands/+", qos=1)


def on_subscribe(*_):
    print("listening", flush=True)


def on_message(client, _, message):
    command = json.loads(message.payload)
    print(json.dumps({"topic": message.topic, "qos": message.qos, "command": command}), flush=True)
    answered.append(client.publish(message.topic + "/response", json.dumps({"done": command["name"]}), qos=1).mid)


def on_publish(client, _, mid, *more):
    answered.remove(mid)
    scenario["count"] -= 1
    if scenario["count"] == 0:
        client.disconnect()


client.on_connect, client.on_subscribe, client.on_message, client.on_publish = on_connect, on_subscribe, on_message, on_publish
client.connect(scenario["host"], scenario["port"])
client.loop_forever()
