#include "registry/validation.h"

#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using std::chrono::seconds;

const RegistryLimits limits;

std::string field_of(const Result<void>& result) {
  return result ? "" : result.error().field;
}

NewDevice device_named(std::string name) {
  return {.owner = root_user, .name = std::move(name), .description = {}, .retention = {}};
}

TEST(Validation, NamesHaveOneToTheLimitBytes) {
  EXPECT_EQ(field_of(validate(device_named(""), limits)), "name");
  EXPECT_EQ(field_of(validate(device_named("x"), limits)), "");
  EXPECT_EQ(field_of(validate(device_named(std::string(256, 'x')), limits)), "");
  EXPECT_EQ(field_of(validate(device_named(std::string(257, 'x')), limits)), "name");
}

TEST(Validation, NamesAreTextWithoutControlCharacters) {
  EXPECT_EQ(field_of(validate(device_named("a\nb"), limits)), "name");
  EXPECT_EQ(field_of(validate(device_named("\xC3("), limits)), "name");
  EXPECT_EQ(field_of(validate(device_named("Pümpe"), limits)), "");
}

TEST(Validation, LimitsOfSilenceGoFromASecondToTenYears) {
  const seconds max = std::chrono::years(10);
  for (const auto& [silent_after, field] :
       std::initializer_list<std::pair<seconds, const char*>>{{seconds(-1), "silent_after_s"},
                                                              {seconds(0), "silent_after_s"},
                                                              {seconds(1), ""},
                                                              {max, ""},
                                                              {max + seconds(1), "silent_after_s"}}) {
    auto device = device_named("x");
    device.silent_after = silent_after;
    EXPECT_EQ(field_of(validate(device, limits)), field) << silent_after.count();
    DevicePatch patch;
    patch.silent_after = silent_after;
    EXPECT_EQ(field_of(validate(patch, limits)), field) << silent_after.count();
  }
}

TEST(Validation, DescriptionsMayHaveLinesAndEndAtTheLimit) {
  auto device = device_named("x");
  device.description = "two\r\nlines";
  EXPECT_EQ(field_of(validate(device, limits)), "");
  device.description = std::string(4096, 'x');
  EXPECT_EQ(field_of(validate(device, limits)), "");
  device.description += 'x';
  EXPECT_EQ(field_of(validate(device, limits)), "description");
  device.description = std::string("a\0b", 3);
  EXPECT_EQ(field_of(validate(device, limits)), "description");
}

TEST(Validation, RetentionsLastFromASecondToAHundredYears) {
  auto device = device_named("x");
  for (const auto& [retention, field] : std::initializer_list<std::pair<seconds, const char*>>{
           {seconds(-1), "retention"},
           {seconds(0), "retention"},
           {seconds(1), ""},
           {seconds(std::chrono::years(100)), ""},
           {seconds(std::chrono::years(100)) + seconds(1), "retention"},
           {seconds::max(), "retention"}}) {
    device.retention = retention;
    EXPECT_EQ(field_of(validate(device, limits)), field) << retention.count();
    DevicePatch patch;
    patch.retention = retention;
    EXPECT_EQ(field_of(validate(patch, limits)), field) << retention.count();
  }
}

TEST(Validation, AgesOfRollupsLastFromASecondToAHundredYearsOrForEver) {
  const seconds max = std::chrono::years(100);
  for (const auto& [days, field] :
       std::initializer_list<std::pair<seconds, const char*>>{{seconds(-1), "rollups.days"},
                                                              {seconds(0), ""},
                                                              {seconds(1), ""},
                                                              {max, ""},
                                                              {max + seconds(1), "rollups.days"},
                                                              {model::forever, ""}}) {
    const model::Rollups rollups{{}, {}, days};
    auto device = device_named("x");
    device.rollups = rollups;
    EXPECT_EQ(field_of(validate(device, limits)), field) << days.count();
    DevicePatch patch;
    patch.rollups = rollups;
    EXPECT_EQ(field_of(validate(patch, limits)), field) << days.count();
    auto sensor = RegistryClient::new_sensor({1});
    sensor.rollups = rollups;
    EXPECT_EQ(field_of(validate(sensor, limits)), field) << days.count();
    SensorPatch sensor_patch;
    sensor_patch.rollups = rollups;
    EXPECT_EQ(field_of(validate(sensor_patch, limits)), field) << days.count();
  }
}

TEST(Validation, WhatIsCoarseIsKeptLongerThanWhatIsFine) {
  using model::forever;
  struct Case {
    std::optional<seconds> retention;
    seconds minutes, hours, days;
    const char* field;
  };
  for (const Case& wanted :
       std::initializer_list<Case>{{seconds(9), seconds(10), seconds(11), seconds(12), ""},
                                   {seconds(10), seconds(10), seconds(0), seconds(0), "rollups.minutes"},
                                   {seconds(10), seconds(0), seconds(9), seconds(0), "rollups.hours"},
                                   {seconds(10), seconds(0), seconds(0), seconds(11), ""},
                                   {{}, seconds(10), seconds(10), seconds(11), "rollups.hours"},
                                   {{}, seconds(10), seconds(0), seconds(10), "rollups.days"},
                                   {{}, seconds(1), seconds(2), seconds(3), ""},
                                   {{}, forever, seconds(0), seconds(0), ""},
                                   {{}, forever, seconds(5), seconds(0), "rollups.hours"},
                                   {{}, seconds(1), forever, forever, "rollups.days"}}) {
    const model::Rollups rollups{wanted.minutes, wanted.hours, wanted.days};
    EXPECT_EQ(field_of(check_ages(wanted.retention, rollups)), wanted.field);
    auto device = device_named("x");
    device.retention = wanted.retention;
    device.rollups = rollups;
    EXPECT_EQ(field_of(validate(device, limits)), wanted.field);
    auto sensor = RegistryClient::new_sensor({1});
    sensor.retention = wanted.retention;
    sensor.rollups = rollups;
    EXPECT_EQ(field_of(validate(sensor, limits)), wanted.field);
  }
  EXPECT_TRUE(check_ages(seconds(5), {}));
}

TEST(Validation, OnlyNumbersAreRolledUp) {
  for (std::size_t i = 0; i < model::mapping_type_count; ++i) {
    auto sensor = RegistryClient::new_sensor({1});
    sensor.mapping = static_cast<model::MappingType>(i);
    sensor.rollups = model::Rollups{seconds(60), {}, {}};
    const bool is_text = model::column_kind(sensor.mapping) == model::ColumnKind::text;
    EXPECT_EQ(field_of(validate(sensor, limits)), is_text ? "rollups" : "") << to_string(sensor.mapping);
    sensor.rollups = model::Rollups{};
    EXPECT_EQ(field_of(validate(sensor, limits)), "") << "that none are kept may be said";
  }
}

TEST(Validation, UnitsEndAtTheLimit) {
  auto sensor = RegistryClient::new_sensor({1});
  sensor.unit = std::string(64, 'x');
  EXPECT_EQ(field_of(validate(sensor, limits)), "");
  sensor.unit += 'x';
  EXPECT_EQ(field_of(validate(sensor, limits)), "unit");
}

TEST(Validation, PathsAreBroughtIntoTheirCanonicalForm) {
  auto sensor = RegistryClient::new_sensor({1});
  sensor.path = "/Wheels//Front/Left/";
  ASSERT_TRUE(validate(sensor, limits));
  EXPECT_EQ(sensor.path, "Wheels/Front/Left");
  for (const auto* path : {"a/../b", "\xFF", "a\nb"}) {
    sensor.path = path;
    EXPECT_EQ(field_of(validate(sensor, limits)), "path") << path;
    SensorPatch patch;
    patch.path = path;
    EXPECT_EQ(field_of(validate(patch, limits)), "path") << path;
  }
}

TEST(Validation, UsersNeedNameAndUsername) {
  EXPECT_EQ(field_of(validate(NewUser{"", "ada", "h", model::Role::user}, limits)), "name");
  EXPECT_EQ(field_of(validate(NewUser{"Ada", "", "h", model::Role::user}, limits)), "username");
  EXPECT_EQ(field_of(validate(NewUser{"Ada", "ada", "h", static_cast<model::Role>(9)}, limits)), "role");
  EXPECT_EQ(field_of(validate(UserPatch{.name = {}, .username = "", .password_hash = {}, .role = {}}, limits)),
            "username");
}

TEST(Validation, ConsumersNeedAName) {
  EXPECT_EQ(field_of(validate(NewConsumer{root_user, "", ""}, limits)), "name");
  EXPECT_EQ(field_of(validate(ConsumerPatch{.name = "", .description = {}}, limits)), "name");
  EXPECT_EQ(field_of(validate(ConsumerPatch{}, limits)), "");
}

TEST(Validation, ArraysSayWhichSensorIsAtFault) {
  auto sensors = RegistryClient::new_sensors({1}, 5);
  sensors[3].path = "a/./b";
  EXPECT_EQ(field_of(validate(sensors, limits)), "[3].path");
  sensors = RegistryClient::new_sensors({1}, 1);
  sensors[0].name.clear();
  EXPECT_EQ(field_of(validate(sensors, limits)), "name");
}

TEST(Validation, ArraysEndAtTheLimit) {
  RegistryLimits few;
  few.create_many_max = 3;
  auto sensors = RegistryClient::new_sensors({1}, 3);
  EXPECT_TRUE(validate(sensors, few));
  sensors = RegistryClient::new_sensors({1}, 4);
  EXPECT_ERRC(validate(sensors, few), Errc::too_many);
}

}  // namespace
}  // namespace iot::registry
