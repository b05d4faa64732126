#include "model/entities.h"

#include <gtest/gtest.h>

namespace iot::model {
namespace {

TEST(Role, NamesComeBack) {
  for (const Role role : {Role::read_only, Role::user, Role::admin}) EXPECT_EQ(parse_role(to_string(role)), role);
  EXPECT_EQ(to_string(Role::read_only), "read-only");
  EXPECT_FALSE(parse_role("root"));
  EXPECT_FALSE(parse_role(""));
}

TEST(IndexName, IsDeviceAndSensor) {
  EXPECT_EQ(index_name(DeviceId{3}, SensorId{4}), "3_4");
}

TEST(NormalisePath, BringsAPathToOneForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"/", ""},
      {"Wheels", "Wheels"},
      {"/Wheels//Front/", "Wheels/Front"},
      {"Wheels/Front/Left", "Wheels/Front/Left"},
      {" a /b", " a /b"},
      {"a./..b/...", "a./..b/..."},
      {"R\xC3\xA4"
       "der",
       "R\xC3\xA4"
       "der"},
      {"\xC2\xA0", "\xC2\xA0"},
  };
  for (const auto& [given, normal] : cases) {
    const auto path = normalise_path(given);
    ASSERT_TRUE(path.has_value()) << given;
    EXPECT_EQ(*path, normal);
    EXPECT_EQ(*normalise_path(*path), normal);
  }
}

TEST(NormalisePath, RefusesWhatIsNoPath) {
  for (const std::string_view given :
       {std::string_view("."), std::string_view("a/.."), std::string_view("./a"), std::string_view("a\nb"),
        std::string_view("a\0b", 3), std::string_view("\x7F"), std::string_view("\xC2\x85")}) {
    const auto path = normalise_path(given);
    ASSERT_FALSE(path.has_value()) << given;
    EXPECT_TRUE(is(path.error(), Errc::invalid_path));
    EXPECT_EQ(path.error().field, "path");
  }
}

TEST(NormalisePath, HoldsItsLimits) {
  EXPECT_TRUE(normalise_path(std::string(127, 'a')).has_value());
  EXPECT_TRUE(normalise_path(std::string(128, 'a')).has_value());
  EXPECT_FALSE(normalise_path(std::string(129, 'a')).has_value());
  std::string path = "a";
  for (int level = 2; level <= 16; ++level) path += "/a";
  EXPECT_TRUE(normalise_path(path).has_value());
  EXPECT_TRUE(normalise_path(path + "//").has_value());
  EXPECT_FALSE(normalise_path(path + "/a").has_value());
}

}  // namespace
}  // namespace iot::model
