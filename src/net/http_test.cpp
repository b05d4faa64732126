#include "net/http.h"

#include <gtest/gtest.h>

#include "net/response_writer.h"

namespace iot::net {
namespace {

TEST(PercentDecode, DecodesOrRefuses) {
  EXPECT_EQ(percent_decode("a%20b%2Fc+d"), "a b/c+d");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
  for (const char* bad : {"%", "%2", "%2g", "%%20", "a%"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(ParseQuery, KeepsOrderAndEmptyValues) {
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(parse_query(""), Parameters{});
  EXPECT_EQ(parse_query("b=1&a=%26+&c&d=&e=f=g&&"),
            (Parameters{{"b", "1"}, {"a", "& "}, {"c", ""}, {"d", ""}, {"e", "f=g"}}));
  EXPECT_FALSE(parse_query("a=%zz"));
}

TEST(HttpRequest, FindsHeadersInAnyCase) {
  const HeaderView headers[] = {{"Host", "x"}, {"AUTHORIZATION", "y"}, {"Authorization", "z"}};
  HttpRequest request;
  request.headers = headers;
  EXPECT_EQ(request.header("authorization"), "y");
  EXPECT_EQ(request.header("Accept"), "");
}

TEST(ResponseWriter, AFieldCannotBringFieldsOfItsOwn) {
  std::string out;
  append_response_head(out, {.status = 200, .headers = {{"X-A", "a\r\nX-B: b"}}}, {});
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\nX-A: a  X-B: b\r\n\r\n");
}

TEST(ResponseWriter, NoContentHasNoLength) {
  std::string out;
  append_response_head(out, {.status = 204, .headers = {}}, {.date_line = "Date: d\r\n", .keep_alive = false});
  EXPECT_EQ(out, "HTTP/1.1 204 No Content\r\nDate: d\r\nConnection: close\r\n\r\n");
}

TEST(ResponseWriter, AStaticAnswerGetsWhatItsFrameAdds) {
  std::string out;
  append_static_response(out, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
                         {.date_line = "Date: d\r\n", .minor_version = 0, .head_only = true});
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nDate: d\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n");
}

TEST(HttpStatus, EachGroupHasOne) {
  EXPECT_EQ(http_status(Failure::invalid), 400u);
  EXPECT_EQ(http_status(Failure::too_many), 429u);
  EXPECT_EQ(http_status(Failure::unavailable), 503u);
  EXPECT_EQ(http_status(Failure::too_large), 413u);
}

}  // namespace
}  // namespace iot::net
