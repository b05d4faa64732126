#include "net/websocket/handshake.h"

#include <gtest/gtest.h>

namespace iot::net {
namespace {

/// A handshake that is right, with some fields replaced (or left out, where the value is empty) and others added.
class Request {
 public:
  Request(const std::vector<HeaderView>& changes, Method method) {
    headers_ = {{"Host", "x"},
                {"Upgrade", "websocket"},
                {"Connection", "Upgrade"},
                {"Sec-WebSocket-Version", "13"},
                {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    for (const HeaderView& change : changes) {
      std::erase_if(headers_, [&](const HeaderView& header) { return header.name == change.name; });
    }
    for (const HeaderView& change : changes) {
      if (!change.value.empty()) headers_.push_back(change);
    }
    request_.method = method;
    request_.headers = headers_;
  }
  /// The fields are its own, and the request views them.
  Request(const Request&) = delete;
  WebSocketOpening open() const { return read_offer(request_); }
  const HttpRequest& get() const { return request_; }

 private:
  std::vector<HeaderView> headers_;
  HttpRequest request_;
};

Request with(const std::vector<HeaderView>& changes, Method method = Method::get) {
  return Request(changes, method);
}

std::optional<unsigned> window(std::string_view extensions) {
  const Request request = with({{"Sec-WebSocket-Extensions", extensions}});
  const auto opening = request.open();
  EXPECT_TRUE(opening.offer) << extensions;
  return opening.offer ? opening.offer->deflate_window_bits : std::nullopt;
}

TEST(WebSocketHandshake, AnswersTheExampleOfTheRfc) {
  const Request request = with({{"Sec-WebSocket-Protocol", "chat, superchat"}, {"Origin", "http://example.com"}});
  const auto opening = request.open();
  ASSERT_TRUE(opening.offer);
  EXPECT_EQ(opening.offer->protocols, (std::vector<std::string_view>{"chat", "superchat"}));
  EXPECT_EQ(opening.offer->origin, "http://example.com");
  EXPECT_FALSE(opening.offer->deflate_window_bits);
  EXPECT_EQ(accept_offer(*opening.offer, "chat", {}),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
}

TEST(WebSocketHandshake, TakesWhatClientsSend) {
  for (const std::string_view upgrade : {"websocket", "WebSocket", "h2c, websocket"}) {
    EXPECT_TRUE(with({{"Upgrade", upgrade}}).open().offer) << upgrade;
  }
  for (const std::string_view connection : {"Upgrade", "keep-alive, Upgrade", "upgrade", "keep-alive ,\tUPGRADE"}) {
    EXPECT_TRUE(with({{"Connection", connection}}).open().offer) << connection;
  }
  const Request two_fields = with({{"Sec-WebSocket-Protocol", "a"}, {"Sec-WebSocket-Protocol", "bearer.x_y-z.1"}});
  EXPECT_EQ(two_fields.open().offer->protocols.size(), 2u);
}

TEST(WebSocketHandshake, RefusesWhatIsNone) {
  struct Case {
    const char* what;
    Request request;
    unsigned status;
  };
  const std::string many_protocols = [] {
    std::string list = "p0";
    for (int i = 1; i < 33; ++i) list += ",p" + std::to_string(i);
    return list;
  }();
  const std::string many_extensions = [] {
    std::string list = "e";
    for (int i = 1; i < 17; ++i) list += ",e";
    return list;
  }();
  const Case cases[] = {
      {"a POST", with({}, Method::post), 405},
      {"no Upgrade", with({{"Upgrade", ""}}), 400},
      {"another Upgrade", with({{"Upgrade", "h2c"}}), 400},
      {"no Connection", with({{"Connection", ""}}), 400},
      {"another Connection", with({{"Connection", "keep-alive"}}), 400},
      {"no version", with({{"Sec-WebSocket-Version", ""}}), 426},
      {"version 8", with({{"Sec-WebSocket-Version", "8"}}), 426},
      {"no key", with({{"Sec-WebSocket-Key", ""}}), 400},
      {"a short key", with({{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j"}}), 400},
      {"a long key", with({{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQAAAAA="}}), 400},
      {"a key that is not base64", with({{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j*Q=="}}), 400},
      {"a key with bits behind its end", with({{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZR=="}}), 400},
      {"two keys",
       with({{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}),
       400},
      {"an empty protocol", with({{"Sec-WebSocket-Protocol", "a,,b"}}), 400},
      {"a protocol with a blank", with({{"Sec-WebSocket-Protocol", "a b"}}), 400},
      {"a protocol twice", with({{"Sec-WebSocket-Protocol", "a,b,a"}}), 400},
      {"too many protocols", with({{"Sec-WebSocket-Protocol", many_protocols}}), 400},
      {"an extension without a name", with({{"Sec-WebSocket-Extensions", "; x"}}), 400},
      {"too many extensions", with({{"Sec-WebSocket-Extensions", many_extensions}}), 400},
  };
  for (const Case& one : cases) {
    const auto opening = one.request.open();
    EXPECT_FALSE(opening.offer) << one.what;
    EXPECT_EQ(opening.refusal.status, one.status) << one.what;
    EXPECT_FALSE(opening.refusal.reason.empty());
  }
}

TEST(WebSocketHandshake, TellsARequestForAWebSocketFromOthers) {
  EXPECT_TRUE(asks_for_websocket(with({}).get()));
  EXPECT_TRUE(asks_for_websocket(with({{"Sec-WebSocket-Key", ""}}).get()));
  EXPECT_FALSE(asks_for_websocket(with({{"Upgrade", ""}}).get()));
}

TEST(WebSocketHandshake, AgreesOnCompressionOrDeclinesIt) {
  // What Chromium, Firefox, ws, websockets and Autobahn ask for.
  EXPECT_EQ(window("permessage-deflate; client_max_window_bits"), 15u);
  EXPECT_EQ(window("permessage-deflate"), 15u);
  EXPECT_EQ(window("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"), 12u);
  EXPECT_EQ(window("permessage-deflate; server_no_context_takeover; client_no_context_takeover"), 15u);
  EXPECT_EQ(window("permessage-deflate; server_max_window_bits=\"10\""), 10u);
  EXPECT_EQ(window("x-webkit-deflate-frame, permessage-deflate"), 15u);
  EXPECT_EQ(window("x; y=\"a,b; permessage-deflate\", permessage-deflate"), 15u);
  // An offer that cannot be met is declined; the next may do.
  EXPECT_EQ(window("permessage-deflate; server_max_window_bits=8, permessage-deflate"), 15u);
  for (const char* declined :
       {"permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=09",
        "permessage-deflate; client_max_window_bits=7", "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover", "permessage-deflate;", "other"}) {
    EXPECT_FALSE(window(declined)) << declined;
  }
  const std::string answer = accept_offer(*with({}).open().offer, "", 12);
  EXPECT_NE(answer.find("permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                        "server_max_window_bits=12\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace iot::net
