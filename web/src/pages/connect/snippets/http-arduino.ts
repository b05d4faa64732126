import { connectWifi, wifi } from './arduino';
import { httpUrl, payload, quoted, type SnippetInput } from './snippet';

export const httpArduino = (input: SnippetInput) => `// ESP32
#include <HTTPClient.h>
#include <WiFi.h>

${wifi}
const char* TOKEN =
    ${quoted(input.token)};

void setup() {
${connectWifi}
}

void loop() {
  HTTPClient http;
  http.begin(${quoted(httpUrl(input))});
  http.addHeader("Authorization", String("Bearer ") + TOKEN);
  http.addHeader("Content-Type", "application/json");
  int status = http.POST(${quoted(payload(input))});
  Serial.printf("%d %s\\n", status, http.getString().c_str());
  http.end();
  delay(10000);
}
`;
