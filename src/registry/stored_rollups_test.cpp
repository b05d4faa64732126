#include "registry/stored_rollups.h"

#include <gtest/gtest.h>
#include <soci/soci.h>

namespace iot::registry {
namespace {

using model::Rollups;
using std::chrono::seconds;

TEST(StoredRollups, ComeBackAsTheyWere) {
  for (const std::optional<Rollups>& rollups :
       {std::optional<Rollups>{}, std::optional(Rollups{}),
        std::optional(Rollups{seconds(60), seconds(0), seconds(61)}),
        std::optional(Rollups{seconds(1), seconds(3'155'760'000), model::forever})}) {
    EXPECT_EQ(rollups_from(stored_rollups(rollups)), rollups) << stored_rollups(rollups);
  }
}

TEST(StoredRollups, AreAShortText) {
  EXPECT_EQ(stored_rollups({}), "");
  EXPECT_EQ(stored_rollups(Rollups{}), "0 0 0") << "none kept is not the same as nothing said";
  EXPECT_EQ(stored_rollups(Rollups{seconds(86'400), {}, model::forever}), "86400 0 forever");
}

TEST(StoredRollups, WhatIsOfAnotherFormIsDamage) {
  for (const char* damaged :
       {"1", "1 2", "1 2 3 4", "1 2 3 ", "1 2 -3", "a b c", " 1 2 3", "1 2 99999999999999999999"}) {
    EXPECT_THROW(static_cast<void>(rollups_from(damaged)), soci::soci_error) << damaged;
  }
}

}  // namespace
}  // namespace iot::registry
