#include "gui/pages.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace iot::gui {
namespace {

using ::testing::Contains;
using ::testing::Pair;

constexpr std::array<Asset, 3> files{{
    {"/assets/index-1.js", "text/javascript; charset=utf-8", "aa11", true, "whole script", "gzipped", "brotli"},
    {"/favicon.svg", "image/svg+xml", "bb22", false, "<svg/>", "", ""},
    {"/index.html", "text/html; charset=utf-8", "cc33", false, "<meta content=\"{{nonce}}\"><body>", "", ""},
}};

class PagesTest : public ::testing::Test {
 protected:
  std::optional<net::HttpResponse> get(std::string_view path, std::vector<net::HeaderView> headers = {},
                                       net::Method method = net::Method::get) const {
    net::HttpRequest request;
    request.method = method;
    request.path = path;
    request.headers = headers;
    return pages_.answer(request);
  }

  static std::string header(const net::HttpResponse& response, std::string_view name) {
    for (const auto& [each, value] : response.headers) {
      if (each == name) return value;
    }
    return {};
  }

  mutable int nonces_ = 0;
  Pages pages_{files, [this] { return "nonce" + std::to_string(++nonces_); }};
};

TEST_F(PagesTest, GivesThePageANonceOfItsOwnEachTime) {
  for (const char* nonce : {"nonce1", "nonce2"}) {
    const auto page = get("/");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->body, std::string("<meta content=\"") + nonce + "\"><body>");
    const std::string policy = header(*page, "Content-Security-Policy");
    EXPECT_NE(policy.find(std::string("style-src 'self' 'nonce-") + nonce + "'"), policy.npos);
    EXPECT_EQ(policy.find("unsafe"), policy.npos);
    EXPECT_EQ(header(*page, "Cache-Control"), "no-store");
  }
}

TEST_F(PagesTest, GivesThePageAtEveryAddressThatABrowserAsksFor) {
  EXPECT_TRUE(get("/devices/3", {{"Accept", "text/html,application/xhtml+xml"}}));
  EXPECT_TRUE(get("/index.html", {{"Accept", "text/html"}}));
  EXPECT_FALSE(get("/devices/3", {{"Accept", "*/*"}}));
  EXPECT_FALSE(get("/devices/3"));
  EXPECT_FALSE(get("/index.html"));
  EXPECT_FALSE(get("/assets/index-0.js"));
}

TEST_F(PagesTest, LeavesTheApiAndOtherMethodsAlone) {
  EXPECT_FALSE(get("/api/devices", {{"Accept", "text/html"}}));
  EXPECT_FALSE(get("/", {}, net::Method::post));
  EXPECT_TRUE(get("/", {}, net::Method::head));
}

TEST_F(PagesTest, TakesTheSmallestCodingThatTheClientAccepts) {
  const auto coded = [&](std::string_view accepted) {
    const auto response = get("/assets/index-1.js", {{"Accept-Encoding", accepted}});
    return std::pair(header(*response, "Content-Encoding"), response->body);
  };
  EXPECT_EQ(coded("gzip, deflate, br, zstd"), std::pair(std::string("br"), std::string("brotli")));
  EXPECT_EQ(coded("gzip, br;q=0"), std::pair(std::string("gzip"), std::string("gzipped")));
  EXPECT_EQ(coded("gzip ; q=0.5"), std::pair(std::string("gzip"), std::string("gzipped")));
  EXPECT_EQ(coded("gzip;q=0.000, br;q=0.0"), std::pair(std::string(), std::string("whole script")));
  EXPECT_EQ(coded("xbr, gzipped"), std::pair(std::string(), std::string("whole script")));
  EXPECT_EQ(coded(""), std::pair(std::string(), std::string("whole script")));
  // What does not get smaller has one form.
  const auto icon = get("/favicon.svg", {{"Accept-Encoding", "br"}});
  EXPECT_EQ(icon->body, "<svg/>");
  EXPECT_EQ(header(*icon, "Content-Encoding"), "");
}

TEST_F(PagesTest, LetsCachesKeepWhatHasItsHashInItsName) {
  const auto script = get("/assets/index-1.js");
  EXPECT_EQ(header(*script, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(header(*script, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header(*get("/favicon.svg"), "Cache-Control"), "no-cache");
}

TEST_F(PagesTest, SendsNothingThatTheClientHas) {
  const auto tag = header(*get("/assets/index-1.js", {{"Accept-Encoding", "br"}}), "ETag");
  EXPECT_EQ(tag, "\"aa11-br\"");
  const auto again = get("/assets/index-1.js", {{"Accept-Encoding", "br"}, {"If-None-Match", "W/\"x\", " + tag}});
  EXPECT_EQ(again->status, 304u);
  EXPECT_EQ(again->body, "");
  EXPECT_EQ(header(*again, "ETag"), tag);
  // Another coding is another file.
  EXPECT_EQ(get("/assets/index-1.js", {{"If-None-Match", tag}})->status, 200u);
  EXPECT_EQ(get("/favicon.svg", {{"If-None-Match", "*"}})->status, 304u);
}

TEST_F(PagesTest, ForbidsFramesAndSniffing) {
  for (const char* path : {"/", "/favicon.svg"}) {
    const auto response = get(path);
    EXPECT_THAT(response->headers, Contains(Pair("X-Content-Type-Options", "nosniff")));
    EXPECT_THAT(response->headers, Contains(Pair("X-Frame-Options", "DENY")));
    EXPECT_NE(header(*response, "Content-Security-Policy").find("frame-ancestors 'none'"), std::string::npos);
  }
}

TEST(Nonce, IsAnotherEachTime) {
  EXPECT_EQ(random_nonce().size(), 24u);
  EXPECT_NE(random_nonce(), random_nonce());
}

}  // namespace
}  // namespace iot::gui
