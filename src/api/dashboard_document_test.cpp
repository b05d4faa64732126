#include "api/dashboard_document.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace iot::api {
namespace {

NamedSensors names(std::string_view text) {
  return sensors_named_in(boost::json::parse(text)).value();
}

TEST(DashboardDocument, NamesSensorsInArraysOfThatName) {
  const NamedSensors both{{DeviceId{3}, SensorId{4}}, {DeviceId{3}, SensorId{5}}};
  EXPECT_EQ(names(R"({"panels":[{"sensors":["3_4"]},{"options":{"more":[{"sensors":["3_5","3_4"]}]}}]})"), both);
  EXPECT_EQ(names(R"({"sensors":["3_4",["3_9"],{"sensors":["3_5"]}]})"), both)
      << "an array inside is none of that name";
}

TEST(DashboardDocument, NamesNothingElsewhereOrInAnotherForm) {
  EXPECT_TRUE(names(R"({"sensor":["3_4"],"Sensors":["3_4"],"title":"3_4","sensors":"3_4"})").empty());
  EXPECT_TRUE(names(R"({"sensors":["3_04","3","_4","3_","3_4 ","*","3_4,3_5","$device",4,null,{"3_4":1}]})").empty());
  EXPECT_TRUE(names(R"({"sensors":{"a":"3_4"}})").empty());
  EXPECT_TRUE(names("{}").empty());
}

TEST(DashboardDocument, NamesABoundedNumberOfSensors) {
  const auto document = [](std::size_t count) {
    boost::json::array sensors;
    for (std::size_t i = 0; i < count; ++i) sensors.push_back(boost::json::string("1_" + std::to_string(i + 1)));
    return boost::json::value({{"a", {{"sensors", sensors}}}, {"sensors", {"1_1"}}});
  };
  EXPECT_EQ(sensors_named_in(document(dashboard_sensors_max - 1))->size(), dashboard_sensors_max - 1);
  EXPECT_EQ(sensors_named_in(document(dashboard_sensors_max))->size(), dashboard_sensors_max);
  EXPECT_FALSE(sensors_named_in(document(dashboard_sensors_max + 1)));
}

}  // namespace
}  // namespace iot::api
