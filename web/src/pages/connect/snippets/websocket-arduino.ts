import { connectWifi, wifi } from './arduino';
import { bareHost, payload, quoted, type SnippetInput } from './snippet';

export const webSocketArduino = (input: SnippetInput) => `// ESP32, with the library "WebSockets" by Markus Sattler
#include <WebSocketsClient.h>
#include <WiFi.h>

${wifi}
const char* TOKEN =
    ${quoted(input.token)};

WebSocketsClient connection;
String headers;
unsigned long sent = 0;

void setup() {
${connectWifi}
  headers = String("Authorization: Bearer ") + TOKEN;
  connection.setExtraHeaders(headers.c_str());
  connection.onEvent([](WStype_t type, uint8_t* text, size_t length) {
    if (type == WStype_TEXT) Serial.printf("%.*s\\n", (int)length, (const char*)text);
  });
  connection.begin(${quoted(bareHost(input))}, ${input.port}, "/", "iotplatform.ack");
}

void loop() {
  connection.loop();
  if (connection.isConnected() && millis() - sent > 10000) {
    sent = millis();
    connection.sendTXT(${quoted(payload(input))});
  }
}
`;
