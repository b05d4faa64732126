import { payload, quoted, webSocketUrl, type SnippetInput } from './snippet';

export const webSocketJava = (input: SnippetInput) => `// Send.java, Java 11 or newer: java Send.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

public class Send {
  static final String TOKEN =
      ${quoted(input.token)};

  public static void main(String[] arguments) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    WebSocket connection = HttpClient.newHttpClient().newWebSocketBuilder()
        .header("Authorization", "Bearer " + TOKEN)
        .subprotocols("iotplatform.ack")
        .buildAsync(URI.create(${quoted(webSocketUrl(input))}), new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            answer.complete(text.toString());
            return null;
          }
        })
        .join();
    connection.sendText(${quoted(payload(input))}, true).join();
    System.out.println(answer.join());
    connection.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }
}
`;
