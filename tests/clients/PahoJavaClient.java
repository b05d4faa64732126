import java.io.FileInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Scanner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * A device or consumer that uses Eclipse Paho for Java (3.1 and 3.1.1). The scenario comes on standard input as lines of words
 * between tabs (Java has no JSON of its own); what was received goes to standard output in the same form.
 */
public final class PahoJavaClient {
  public static void main(String[] arguments) throws Exception {
    Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
    String url = lines.nextLine();
    MqttConnectOptions options = new MqttConnectOptions();
    MqttClient client = new MqttClient(url, lines.nextLine(), new MemoryPersistence());
    options.setMqttVersion(Integer.parseInt(lines.nextLine()));
    options.setCleanSession(Boolean.parseBoolean(lines.nextLine()));
    options.setKeepAliveInterval(Integer.parseInt(lines.nextLine()));
    String user = lines.nextLine();
    String password = lines.nextLine();
    if (!user.isEmpty()) {
      options.setUserName(user);
      options.setPassword(password.toCharArray());
    }
    String authority = lines.nextLine();
    if (!authority.isEmpty()) options.setSocketFactory(trusting(authority).getSocketFactory());
    int expected = Integer.parseInt(lines.nextLine());
    long deadline = Long.parseLong(lines.nextLine());

    CountDownLatch complete = new CountDownLatch(expected);
    client.setCallback(new MqttCallback() {
      @Override public void connectionLost(Throwable cause) {}
      @Override public void deliveryComplete(IMqttDeliveryToken token) {}
      @Override public void messageArrived(String topic, MqttMessage message) {
        String payload = new String(message.getPayload(), StandardCharsets.UTF_8);
        System.out.println(String.join("\t", topic, payload, "" + message.getQos(), "" + message.isRetained()));
        complete.countDown();
      }
    });
    try {
      client.connect(options);
    } catch (MqttException refused) {
      System.out.println("refused\t" + refused.getReasonCode());
      System.exit(0);
    }
    while (lines.hasNextLine()) {
      String[] words = lines.nextLine().split("\t", -1);
      if (words[0].equals("subscribe")) {
        client.subscribe(words[1], Integer.parseInt(words[2]));
      } else {
        client.publish(words[1], words[2].getBytes(StandardCharsets.UTF_8), Integer.parseInt(words[3]), Boolean.parseBoolean(words[4]));
      }
    }
    boolean all = complete.await(deadline, TimeUnit.SECONDS);
    client.disconnect();
    System.exit(all ? 0 : 1);
  }

  private static SSLContext trusting(String file) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (FileInputStream in = new FileInputStream(file)) {
      store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
