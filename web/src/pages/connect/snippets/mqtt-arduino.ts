import { connectWifi, wifi } from './arduino';
import { bareHost, payload, quoted, type SnippetInput } from './snippet';

export const mqttArduino = (input: SnippetInput) => `// ESP32, with the library "PubSubClient" by Nick O'Leary
#include <PubSubClient.h>
#include <WiFi.h>

${wifi}
const char* TOKEN =
    ${quoted(input.token)};

WiFiClient network;
PubSubClient client(network);

void setup() {
${connectWifi}
  client.setServer(${quoted(bareHost(input))}, ${input.port});
  client.setBufferSize(2048);  // the token is longer than its usual 256 bytes
}

void loop() {
  if (!client.connected() && !client.connect("esp32", "JWT", TOKEN)) {
    Serial.printf("not connected: %d\\n", client.state());
    delay(5000);
    return;
  }
  client.publish("${input.device}", ${quoted(payload(input))});
  for (int i = 0; i < 100; ++i) {
    client.loop();
    delay(100);
  }
}
`;
