import { payload, quoted, type SnippetInput } from './snippet';

export const mqttCpp = (
  input: SnippetInput,
) => `// send.cpp: g++ send.cpp -o send -lpaho-mqttpp3 -lpaho-mqtt3as (Debian: libpaho-mqttpp-dev)
#include <mqtt/async_client.h>

#include <iostream>
#include <string>

int main() {
  const std::string token =
      ${quoted(input.token)};

  mqtt::async_client client("tcp://${input.host}:${input.port}", "");
  mqtt::connect_options options;
  options.set_user_name("JWT");
  options.set_password(token);
  client.connect(options)->wait();
  client.publish("${input.device}", std::string(${quoted(payload(input))}), 1, false)->wait();
  std::cout << "stored\\n";
  client.disconnect()->wait();
}
`;
