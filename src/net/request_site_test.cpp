#include "net/request_site.h"

#include <vector>

#include <gtest/gtest.h>

namespace iot::net {
namespace {

using enum RequestSite;

RequestSite site(const std::vector<HeaderView>& headers) {
  HttpRequest request;
  request.headers = headers;
  return site_of(request);
}

TEST(RequestSite, IsWhatTheBrowserSays) {
  EXPECT_EQ(site({{"Sec-Fetch-Site", "same-origin"}}), same_origin);
  EXPECT_EQ(site({{"Sec-Fetch-Site", "none"}}), by_hand);
  for (const char* value : {"same-site", "cross-site", "Same-Origin", "same-origin, cross-site", "?"}) {
    EXPECT_EQ(site({{"Sec-Fetch-Site", value}}), other) << value;
  }
}

TEST(RequestSite, OfFetchMetadataGoesBeforeTheOrigin) {
  EXPECT_EQ(site({{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://a"}, {"Host", "a"}}), other);
  EXPECT_EQ(site({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://outside"}, {"Host", "inside"}}), same_origin)
      << "a proxy in between may have another name for the host";
}

TEST(RequestSite, IsKnownByTheOriginOfOlderBrowsers) {
  struct Case {
    const char* origin;
    const char* host;
    RequestSite expected;
  };
  for (const Case& each : {Case{"http://example.org", "example.org", same_origin},
                           {"http://example.org:8080", "example.org:8080", same_origin},
                           {"https://EXAMPLE.org", "example.org:443", same_origin},
                           {"http://example.org:80", "example.org", same_origin},
                           {"http://[::1]:8080", "[::1]:8080", same_origin},
                           {"http://example.org:8080", "example.org:5601", other},
                           {"http://example.org", "example.org:8080", other},
                           {"http://example.org.evil.test", "example.org", other},
                           {"http://evil.test/example.org", "example.org", other},
                           {"http://example.org:443", "example.org", other},
                           {"null", "null", other},
                           {"file://", "", other},
                           {"http://", "", other},
                           {"http://example.org", "", other}}) {
    EXPECT_EQ(site({{"Origin", each.origin}, {"Host", each.host}}), each.expected) << each.origin << " " << each.host;
  }
}

TEST(RequestSite, IsUnknownWhereNobodySays) {
  EXPECT_EQ(site({}), unknown);
  EXPECT_EQ(site({{"Host", "example.org"}, {"Referer", "http://evil.test/"}}), unknown);
}

}  // namespace
}  // namespace iot::net
