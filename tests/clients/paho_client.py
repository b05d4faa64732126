"""A device or consumer that uses paho-mqtt. Run in the virtual environment of the tests.

    paho_client.py 1|2 < scenario.json     which version of paho's callbacks

The scenario is that of tests/support/mqtt_clients.py; what was received goes to standard output as JSON, one message a line.
"""

import json
import sys
import threading

import paho.mqtt.client as paho


def main(callbacks, scenario):
    version = {3: paho.MQTTv31, 4: paho.MQTTv311, 5: paho.MQTTv5}[scenario["version"]]
    options = {} if version == paho.MQTTv5 else {"clean_session": scenario["clean"]}
    client = paho.Client(paho.CallbackAPIVersion.VERSION1 if callbacks == "1" else paho.CallbackAPIVersion.VERSION2,
                         client_id=scenario["client_id"], protocol=version, transport=scenario["transport"], **options)
    if scenario["user"] is not None:
        client.username_pw_set(scenario["user"], scenario["password"])
    if scenario["transport"] == "websockets":
        client.ws_set_options(path=scenario["path"])
    if scenario["ca"]:
        client.tls_set(scenario["ca"])
    connected, subscribed, complete = threading.Event(), threading.Event(), threading.Event()
    received, refusal = [], []

    def on_connect(*arguments):
        code = arguments[3]
        number = code.value if hasattr(code, "value") else code
        if number != 0:
            refusal.append(number)
        connected.set()

    def on_message(_client, _user, message):
        received.append(message)
        print(json.dumps([message.topic, message.payload.decode(), message.qos, message.retain]), flush=True)
        if len(received) >= scenario["expect"]:
            complete.set()

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = on_message
    client.connect(scenario["host"], scenario["port"], keepalive=scenario["keep_alive"])
    client.loop_start()
    assert connected.wait(scenario["deadline_s"]), "no answer to CONNECT"
    if refusal:
        print(json.dumps({"refused": refusal[0]}), flush=True)
        return
    if scenario["subscribe"]:
        client.subscribe([(topic, qos) for topic, qos in scenario["subscribe"]])
        assert subscribed.wait(scenario["deadline_s"]), "no answer to SUBSCRIBE"
    for topic, payload, qos, retain in scenario["publish"]:
        client.publish(topic, payload, qos, retain).wait_for_publish(scenario["deadline_s"])
    if scenario["expect"]:
        assert complete.wait(scenario["deadline_s"]), f"only {len(received)} messages"
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    main(sys.argv[1], json.load(sys.stdin))
