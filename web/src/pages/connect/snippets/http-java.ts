import { httpUrl, payload, quoted, type SnippetInput } from './snippet';

export const httpJava = (input: SnippetInput) => `// Send.java, Java 11 or newer: java Send.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class Send {
  static final String TOKEN =
      ${quoted(input.token)};

  public static void main(String[] arguments) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(${quoted(httpUrl(input))}))
        .header("Authorization", "Bearer " + TOKEN)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(${quoted(payload(input))}))
        .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    System.out.println(answer.statusCode() + " " + answer.body());
  }
}
`;
