#include "gateway/session_cookie.h"

#include <vector>

#include <gtest/gtest.h>

namespace iot::gateway {
namespace {

using net::HeaderView;
using net::Method;

net::HttpRequest request_with(const std::vector<HeaderView>& headers, Method method = Method::get) {
  net::HttpRequest request;
  request.method = method;
  request.headers = headers;
  return request;
}

TEST(SessionCookie, IsTheTokenWhereThereIsNoOther) {
  const std::vector<HeaderView> cookie{{"Cookie", "iotplatform_session=a.b.c"}};
  EXPECT_EQ(session_token(request_with(cookie)), "a.b.c");
  const std::vector<HeaderView> both{{"Cookie", "iotplatform_session=a.b.c"}, {"Authorization", "Bearer d.e.f"}};
  EXPECT_EQ(session_token(request_with(both)), std::nullopt);
  const std::vector<HeaderView> cleared{{"Cookie", "iotplatform_session="}};
  EXPECT_EQ(session_token(request_with(cleared)), std::nullopt);
  EXPECT_EQ(session_token(request_with({})), std::nullopt);
}

TEST(SessionCookie, CountsForWhatChangesSomethingOnlyFromOurOwnPages) {
  const std::vector<HeaderView> none;
  const std::vector<HeaderView> ours{{"Sec-Fetch-Site", "same-origin"}};
  const std::vector<HeaderView> by_hand{{"Sec-Fetch-Site", "none"}};
  const std::vector<HeaderView> sibling{{"Sec-Fetch-Site", "same-site"}};
  const std::vector<HeaderView> older{{"Origin", "http://a:1"}, {"Host", "a:1"}};
  const std::vector<HeaderView> strange{{"Origin", "http://b"}, {"Host", "a"}};
  for (const Method method : {Method::get, Method::head}) {
    for (const auto* headers : {&none, &ours, &by_hand, &sibling, &older, &strange}) {
      EXPECT_TRUE(may_use_session(request_with(*headers, method)));
    }
  }
  for (const Method method : {Method::post, Method::put, Method::patch, Method::delete_, Method::other}) {
    EXPECT_TRUE(may_use_session(request_with(ours, method)));
    EXPECT_TRUE(may_use_session(request_with(older, method)));
    for (const auto* headers : {&none, &by_hand, &sibling, &strange}) {
      EXPECT_FALSE(may_use_session(request_with(*headers, method)));
    }
  }
}

TEST(SessionCookie, CountsForAWebSocketOnlyFromOurOwnPages) {
  const auto may_upgrade = [](HeaderView says) {
    const std::vector<HeaderView> headers{{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Host", "a"}, says};
    return may_use_session(request_with(headers));
  };
  EXPECT_TRUE(may_upgrade({"Sec-Fetch-Site", "same-origin"}));
  EXPECT_TRUE(may_upgrade({"Origin", "https://a"}));
  EXPECT_FALSE(may_upgrade({"Sec-Fetch-Site", "cross-site"}));
  EXPECT_FALSE(may_upgrade({"Origin", "https://b"}));
  EXPECT_FALSE(may_upgrade({"X-Nothing", "said"}));
}

}  // namespace
}  // namespace iot::gateway
