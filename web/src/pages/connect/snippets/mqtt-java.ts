import { payload, quoted, type SnippetInput } from './snippet';

export const mqttJava = (
  input: SnippetInput,
) => `// Send.java, with org.eclipse.paho:org.eclipse.paho.client.mqttv3:1.2.5
import java.nio.charset.StandardCharsets;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

public class Send {
  static final String TOKEN =
      ${quoted(input.token)};

  public static void main(String[] arguments) throws Exception {
    MqttConnectOptions options = new MqttConnectOptions();
    options.setUserName("JWT");
    options.setPassword(TOKEN.toCharArray());
    MqttClient client = new MqttClient(
        "tcp://${input.host}:${input.port}", MqttClient.generateClientId(), new MemoryPersistence());
    client.connect(options);
    byte[] reading = ${quoted(payload(input))}.getBytes(StandardCharsets.UTF_8);
    client.publish("${input.device}", reading, 1, false);  // comes back once it is stored
    System.out.println("stored");
    client.disconnect();
    client.close();
  }
}
`;
