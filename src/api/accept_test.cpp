#include "api/accept.h"

#include <string>

#include <gtest/gtest.h>

namespace iot::api {
namespace {

constexpr std::string_view csv = "text/csv";

TEST(Accept, TakesTheMostSpecificRange) {
  EXPECT_EQ(accepted_quality("", csv), 1000u);
  EXPECT_EQ(accepted_quality("  ", csv), 1000u);
  EXPECT_EQ(accepted_quality("text/csv", csv), 1000u);
  EXPECT_EQ(accepted_quality("TEXT/Csv ; header=present", csv), 1000u);
  EXPECT_EQ(accepted_quality("text/*;q=0.5", csv), 500u);
  EXPECT_EQ(accepted_quality("*/*;q=0.1, text/*;q=0.5, text/csv;q=0.25", csv), 250u);
  EXPECT_EQ(accepted_quality("text/csv;q=0, */*", csv), 0u);
  EXPECT_EQ(accepted_quality("application/*, image/png", csv), 0u);
  EXPECT_EQ(accepted_quality("text/csv;q=0.123", csv), 123u);
  EXPECT_EQ(accepted_quality("text/csv;q=1.000", csv), 1000u);
}

TEST(Accept, PassesOverWhatIsNoRange) {
  for (const char* bad : {"text/csv;q=2", "text/csv;q=", "text/csv;q=0.1234", "text/csv;q=1.5", "text/csv;q=x",
                          "text/csv;q=0,5", "text", "/", ",;,;=", "*/csv"}) {
    EXPECT_EQ(accepted_quality(std::string(bad) + ", a/b", csv), 0u) << bad;
  }
}

TEST(Accept, AnswersASearchInRowsOnlyWhereTheyAreWantedMoreThanJson) {
  const auto wanted = [](std::string_view accept) { return rows_wanted_of_search(accept); };
  EXPECT_EQ(wanted(""), std::nullopt);
  EXPECT_EQ(wanted("*/*"), std::nullopt);
  EXPECT_EQ(wanted("text/html"), std::nullopt);
  EXPECT_EQ(wanted("application/json, text/csv"), std::nullopt);
  EXPECT_EQ(wanted("text/csv;q=0.9, application/json"), std::nullopt);
  EXPECT_EQ(wanted("text/csv, application/vnd.elasticsearch+json; compatible-with=8"), std::nullopt);
  EXPECT_EQ(wanted("text/csv"), rows::Form::csv);
  EXPECT_EQ(wanted("text/csv, */*;q=0.1"), rows::Form::csv);
  EXPECT_EQ(wanted("text/*"), rows::Form::csv);
  EXPECT_EQ(wanted("application/json;q=0.5, text/csv;q=0.8"), rows::Form::csv);
  EXPECT_EQ(wanted("application/vnd.apache.arrow.stream"), rows::Form::arrow);
  EXPECT_EQ(wanted("text/csv;q=0.5, application/vnd.apache.arrow.stream"), rows::Form::arrow);
  EXPECT_EQ(wanted("text/csv;q=0"), std::nullopt);
}

TEST(Accept, GivesReadingsAsJsonLinesUnlessAnotherFormIsWantedMore) {
  EXPECT_EQ(rows_wanted(""), rows::Form::json_lines);
  EXPECT_EQ(rows_wanted("*/*"), rows::Form::json_lines);
  EXPECT_EQ(rows_wanted("application/x-ndjson, text/csv"), rows::Form::json_lines);
  EXPECT_EQ(rows_wanted("text/csv, */*;q=0.8"), rows::Form::csv);
  EXPECT_EQ(rows_wanted("application/vnd.apache.arrow.stream"), rows::Form::arrow);
  EXPECT_EQ(rows_wanted("application/json"), std::nullopt);
  EXPECT_EQ(rows_wanted("*/*;q=0"), std::nullopt);
}

}  // namespace
}  // namespace iot::api
