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
