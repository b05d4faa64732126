// GET .../sensors/:sensor_id/readings: what is asked, by whom, and in which form. The rows themselves: rows/ and
// tests/e2e/test_rows.py.
#include <gtest/gtest.h>

#include "api/testing/world.h"

namespace iot::api {
namespace {

class ReadingsTest : public testing::ApiTest {
 protected:
  testing::Reply get(std::string_view parameters, std::string_view accept = "text/csv") {
    return platform_.core("GET", path_ + std::string(parameters), {},
                          {{"Authorization", "Bearer " + ann_.token()}, {"Accept", std::string(accept)}});
  }

  std::string device_ = ann_.add_device();
  std::string path_ = "/api/devices/" + device_ + "/sensors/" + ann_.add_sensor(device_) + "/readings";
};

TEST_F(ReadingsTest, ComeInTheFormThatIsAskedFor) {
  const auto csv = get("");
  EXPECT_EQ(csv.status(), 200u);
  EXPECT_EQ(csv.response.body, "timestamp,device_id,sensor_id,value\r\n");
  EXPECT_EQ(csv.response.content_type, "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(csv.header("Vary"), "Accept");
  const auto lines = get("", "*/*");
  EXPECT_EQ(lines.response.content_type, "application/x-ndjson");
  EXPECT_EQ(lines.response.body, "");
  EXPECT_EQ(get("", "application/vnd.apache.arrow.stream").response.content_type,
            "application/vnd.apache.arrow.stream");
  EXPECT_EQ(get("", "application/json").status(), 406u);
}

TEST_F(ReadingsTest, ComeToALinkInTheFormOfItsParameter) {
  constexpr std::string_view browser = "text/html,application/xhtml+xml,*/*;q=0.8";
  EXPECT_EQ(get("?format=csv", browser).response.body, "timestamp,device_id,sensor_id,value\r\n");
  EXPECT_EQ(get("?format=ndjson", "text/csv").response.content_type, "application/x-ndjson");
  EXPECT_EQ(get("?format=arrow", browser).response.content_type, "application/vnd.apache.arrow.stream");
  EXPECT_EQ(get("?format=csv", "application/json").status(), 200u);
}

TEST_F(ReadingsTest, RefuseWhatIsWrongAndSayWhatItIs) {
  for (const auto& [parameters, field] : {std::pair{"?from=yesterday", "from"},
                                          {"?to=5", "to"},
                                          {"?order=up", "order"},
                                          {"?limit=-1", "limit"},
                                          {"?limit=x", "limit"},
                                          {"?timestamp=s", "timestamp"},
                                          {"?format=xml", "format"},
                                          {"?size=1", "size"}}) {
    const auto reply = get(parameters);
    EXPECT_EQ(reply.status(), 422u) << parameters;
    EXPECT_EQ(reply.text("/errors/0/field"), field) << parameters;
  }
  EXPECT_EQ(get("?timestamp=epoch_ns", "application/vnd.apache.arrow.stream").status(), 422u);
  EXPECT_EQ(get("?from=2018-05-19T08:19:27Z&to=2018-05-19T08:19:27Z&order=desc&limit=0&timestamp=epoch_ns").status(),
            200u);
}

TEST_F(ReadingsTest, AreForTheOwnerAndAdmins) {
  const auto status_for = [&](const std::string& token) {
    return platform_.core("GET", path_, {}, {{"Authorization", "Bearer " + token}}).status();
  };
  EXPECT_EQ(status_for(ann_.token()), 200u);
  EXPECT_EQ(status_for(root_.token()), 200u);
  EXPECT_EQ(status_for(platform_.token_of(platform_.add_user("bob", model::Role::user))), 403u);
  EXPECT_EQ(platform_.core("GET", path_).status(), 401u);
  EXPECT_EQ(get("/").status(), 200u);
  path_ = "/api/devices/" + device_ + "/sensors/999/readings";
  EXPECT_EQ(get("").status(), 404u);
}

}  // namespace
}  // namespace iot::api
