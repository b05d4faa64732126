/** What all sketches begin with. */
export const wifi = `const char* WIFI_NAME = "your network";
const char* WIFI_PASSWORD = "its password";`;

export const connectWifi = `  Serial.begin(115200);
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
  while (WiFi.status() != WL_CONNECTED) delay(250);`;
