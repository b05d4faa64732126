import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.http.Header;
import org.apache.http.HttpHost;
import org.apache.http.entity.ContentType;
import org.apache.http.message.BasicHeader;
import org.apache.http.nio.entity.NStringEntity;
import org.apache.http.util.EntityUtils;
import org.elasticsearch.client.Request;
import org.elasticsearch.client.Response;
import org.elasticsearch.client.ResponseException;
import org.elasticsearch.client.RestClient;

/** Elasticsearch's low-level Java client, which knows no requests: URL TOKEN INDEX. It compresses what it sends. */
public final class LowLevelRestClient {
  public static void main(String[] arguments) throws Exception {
    URI url = URI.create(arguments[0]);
    String index = arguments[2];
    Header[] headers = {new BasicHeader("Authorization", "Bearer " + arguments[1])};
    try (RestClient client =
        RestClient.builder(new HttpHost(url.getHost(), url.getPort(), url.getScheme()))
            .setDefaultHeaders(headers)
            .setCompressionEnabled(true)
            .build()) {
      expect(send(client, "GET", "/", null), "You Know, for Search");
      StringBuilder lines = new StringBuilder();
      for (int number = 0; number < 300; ++number) {
        lines.append("{\"index\":{\"_index\":\"").append(index).append("\"}}\n");
        lines.append("{\"timestamp\":").append(1526717967 + number).append(",\"value\":").append(number).append("}\n");
      }
      expect(send(client, "POST", "/_bulk?refresh=true", lines.toString()), "\"errors\":false");
      expect(send(client, "GET", "/" + index + "/_count", null), "\"count\":300");
      expect(
          send(client, "POST", "/" + index + "/_search", "{\"size\":0,\"aggs\":{\"m\":{\"max\":{\"field\":\"value\"}}}}"),
          "\"value\":299.0");
      try {
        send(client, "POST", "/" + index + "/_search", "{\"query\":{\"hello\":{}}}");
        throw new AssertionError("a query that is none was answered");
      } catch (ResponseException refused) {
        if (refused.getResponse().getStatusLine().getStatusCode() != 400) throw refused;
      }
    }
  }

  private static String send(RestClient client, String method, String target, String body) throws Exception {
    Request request = new Request(method, target);
    if (body != null) request.setEntity(new NStringEntity(body, ContentType.APPLICATION_JSON));
    Response response = client.performRequest(request);
    return EntityUtils.toString(response.getEntity(), StandardCharsets.UTF_8);
  }

  private static void expect(String text, String part) {
    if (!text.contains(part)) throw new AssertionError("no " + part + " in " + text);
  }
}
