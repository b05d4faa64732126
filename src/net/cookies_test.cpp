#include "net/cookies.h"

#include <vector>

#include <gtest/gtest.h>

namespace iot::net {
namespace {

std::optional<std::string_view> session_of(const std::vector<HeaderView>& headers) {
  HttpRequest request;
  request.headers = headers;
  return cookie(request, "session");
}

TEST(Cookie, IsFoundAmongOthers) {
  EXPECT_EQ(session_of({{"Cookie", "session=abc"}}), "abc");
  EXPECT_EQ(session_of({{"cookie", "a=1; session=abc; b=2"}}), "abc");
  EXPECT_EQ(session_of({{"Cookie", "a=1;session=abc\t;"}}), "abc");
  EXPECT_EQ(session_of({{"Cookie", "a=1"}, {"Cookie", "session=abc"}}), "abc");
  EXPECT_EQ(session_of({{"Cookie", "session=\"abc\""}}), "abc");
  EXPECT_EQ(session_of({{"Cookie", "session=a=b=="}}), "a=b==");
  EXPECT_EQ(session_of({{"Cookie", "session="}}), "");
}

TEST(Cookie, OfAnotherNameIsNotTaken) {
  for (const char* value : {"", ";", "session", "Session=abc", "xsession=abc", "session2=abc", "a=session=abc", "=abc",
                            "\"session=abc\"", "session =abc"}) {
    EXPECT_EQ(session_of({{"Cookie", value}}), std::nullopt) << value;
  }
  EXPECT_EQ(session_of({{"Set-Cookie", "session=abc"}}), std::nullopt);
}

TEST(Cookie, WithLettersThatNoneHasIsNotTaken) {
  for (const char* value : {"session=a b", "session=a,b", "session=a\\b", "session=a\"b", "session=\"a", "session=\x7f",
                            "session=\xc3\xa9", "session=a\x01"}) {
    EXPECT_EQ(session_of({{"Cookie", value}}), std::nullopt) << value;
  }
}

TEST(Cookie, ThatComesTwiceCountsOnlyIfBothSayTheSame) {
  EXPECT_EQ(session_of({{"Cookie", "session=abc; session=abc"}}), "abc");
  EXPECT_EQ(session_of({{"Cookie", "session=abc; session=abd"}}), std::nullopt);
  EXPECT_EQ(session_of({{"Cookie", "session=abc"}, {"Cookie", "session=x"}}), std::nullopt);
}

TEST(Cookie, IsLookedForAmongABoundedNumber) {
  const auto after = [](std::size_t others) {
    std::string value;
    for (std::size_t i = 0; i < others; ++i) value += "a=1; ";
    return value + "session=abc";
  };
  EXPECT_EQ(session_of({{"Cookie", after(cookies_max - 1)}}), "abc");
  EXPECT_EQ(session_of({{"Cookie", after(cookies_max)}}), std::nullopt);
}

}  // namespace
}  // namespace iot::net
