import { asPython, bareHost, payload, quoted, type SnippetInput } from './snippet';

export const mqttPython = (input: SnippetInput) => `# pip install "paho-mqtt>=2"
import json

import paho.mqtt.client as mqtt

TOKEN = ${quoted(input.token)}


def on_connect(client, userdata, flags, reason, properties):
    print(reason)
    if reason.is_failure:
        client.disconnect()
    else:
        client.publish("${input.device}", json.dumps(${asPython(payload(input))}), qos=1)


def on_publish(client, userdata, message_id, reason, properties):
    print("stored")
    client.disconnect()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.username_pw_set("JWT", TOKEN)
client.on_connect = on_connect
client.on_publish = on_publish
client.connect(${quoted(bareHost(input))}, ${input.port})
client.loop_forever()
`;
