#include <cmath>
#include <limits>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "model/value.h"

namespace iot::model {
namespace {

using Kind = RawValue::Kind;
using enum MappingType;

struct Case {
  MappingType mapping;
  Kind kind;
  const char* text;
  /// The JSON form of what is kept; null where the value is refused.
  const char* kept;
};

void check(const std::vector<Case>& cases) {
  for (const auto& [mapping, kind, text, kept] : cases) {
    SCOPED_TRACE(std::string(to_string(mapping)) + " from " + text + " as kind " +
                 std::to_string(static_cast<int>(kind)));
    const auto value = coerce(mapping, {kind, text});
    if (kept == nullptr) {
      ASSERT_FALSE(value.has_value());
      EXPECT_TRUE(is(value.error(), Errc::value_does_not_fit));
      EXPECT_EQ(value.error().field, "value");
      continue;
    }
    ASSERT_TRUE(value.has_value()) << value.error().message;
    std::string json;
    append_value_json(json, mapping, *value);
    EXPECT_EQ(json, kept);
    const auto kind_of_column = column_kind(mapping);
    EXPECT_EQ(value->index(), static_cast<std::size_t>(kind_of_column));
  }
}

TEST(Coerce, TakesNumbersAndNumericStringsForADouble) {
  check({{double_precision, Kind::number, "91827364", "91827364.0"},
         {double_precision, Kind::string, "91827364", "91827364.0"},
         {double_precision, Kind::number, "-0", "-0.0"},
         {double_precision, Kind::number, "0.1", "0.1"},
         {double_precision, Kind::string, " 21.5\t", "21.5"},
         {double_precision, Kind::string, "+1.5", "1.5"},
         {double_precision, Kind::string, "1.", "1.0"},
         {double_precision, Kind::string, ".5", "0.5"},
         {double_precision, Kind::string, "007", "7.0"},
         {double_precision, Kind::number, "1.7976931348623157e308", "1.7976931348623157e+308"},
         {double_precision, Kind::number, "5e-324", "5e-324"},
         {double_precision, Kind::number, "9007199254740993", "9007199254740992.0"}});
}

TEST(Coerce, RefusesWhatIsNoFiniteDouble) {
  check({{double_precision, Kind::number, "1e309", nullptr},
         {double_precision, Kind::number, "-1e309", nullptr},
         {double_precision, Kind::number, "1e999999999999999999999", nullptr},
         {double_precision, Kind::string, "NaN", nullptr},
         {double_precision, Kind::string, "nan", nullptr},
         {double_precision, Kind::string, "Infinity", nullptr},
         {double_precision, Kind::string, "-inf", nullptr},
         {double_precision, Kind::string, "", nullptr},
         {double_precision, Kind::string, " ", nullptr},
         {double_precision, Kind::string, "1,5", nullptr},
         {double_precision, Kind::string, "0x10", nullptr},
         {double_precision, Kind::string, "1e", nullptr},
         {double_precision, Kind::string, "1e+", nullptr},
         {double_precision, Kind::string, ".", nullptr},
         {double_precision, Kind::string, "+-1", nullptr},
         {double_precision, Kind::string, "-+1", nullptr},
         {double_precision, Kind::string, "1 2", nullptr},
         {double_precision, Kind::string, "1d", nullptr},
         {double_precision, Kind::string, "--1", nullptr},
         {double_precision, Kind::boolean_true, "", nullptr},
         {double_precision, Kind::boolean_false, "", nullptr},
         {double_precision, Kind::json, "{}", nullptr},
         {double_precision, Kind::json, "[1]", nullptr}});
}

TEST(Coerce, ANumberTooSmallForADoubleIsZero) {
  check({{double_precision, Kind::number, "1e-400", "0.0"},
         {double_precision, Kind::number, "-1e-400", "-0.0"},
         {double_precision, Kind::number, "0e999999999999", "0.0"},
         {double_precision, Kind::number, "123e-99999999999999999999", "0.0"},
         {single_precision, Kind::number, "1e-60", "0.0"}});
}

TEST(Coerce, AFloatIsRoundedOnceAndNeverInfinite) {
  check({{single_precision, Kind::number, "0.1", "0.1"},
         {single_precision, Kind::number, "16777217", "16777216.0"},
         // Through a double this would be rounded twice, down to the even neighbour.
         {single_precision, Kind::number, "1.00000005960464484", "1.0000001"},
         {single_precision, Kind::string, "3.4028235e38", "3.4028235e+38"},
         {single_precision, Kind::number, "3.4028236e38", nullptr},
         {single_precision, Kind::number, "1e39", nullptr},
         {single_precision, Kind::number, "-1e39", nullptr},
         {single_precision, Kind::string, "NaN", nullptr},
         {single_precision, Kind::boolean_true, "", nullptr}});
  EXPECT_EQ(std::get<double>(*coerce(single_precision, {Kind::number, "0.1"})), static_cast<double>(0.1f));
}

TEST(Coerce, ALongStaysExactToItsEnds) {
  check({{long_integer, Kind::number, "9007199254740993", "9007199254740993"},
         {long_integer, Kind::number, "9223372036854775806", "9223372036854775806"},
         {long_integer, Kind::number, "9223372036854775807", "9223372036854775807"},
         {long_integer, Kind::number, "9223372036854775808", nullptr},
         {long_integer, Kind::number, "-9223372036854775807", "-9223372036854775807"},
         {long_integer, Kind::number, "-9223372036854775808", "-9223372036854775808"},
         {long_integer, Kind::number, "-9223372036854775809", nullptr},
         {long_integer, Kind::string, "9223372036854775807", "9223372036854775807"},
         {long_integer, Kind::number, "9223372036854775807.9", "9223372036854775807"},
         {long_integer, Kind::number, "9.223372036854775807e18", "9223372036854775807"},
         {long_integer, Kind::number, "99999999999999999999", nullptr},
         {long_integer, Kind::number, "1e19", nullptr}});
}

TEST(Coerce, TruncatesTowardsZeroForAnIntegerType) {
  check({{long_integer, Kind::number, "1.9", "1"},
         {long_integer, Kind::number, "-1.9", "-1"},
         {long_integer, Kind::number, "-0.9", "0"},
         {long_integer, Kind::number, "1e3", "1000"},
         {long_integer, Kind::string, "1e3", "1000"},
         {long_integer, Kind::string, " 12 ", "12"},
         {long_integer, Kind::string, "007", "7"},
         {long_integer, Kind::number, "12345e-2", "123"},
         {long_integer, Kind::number, "1.5e1", "15"},
         {long_integer, Kind::number, "0.00012345e6", "123"},
         {long_integer, Kind::number, "1e-99999", "0"},
         {long_integer, Kind::number, "0e99999999999999999999", "0"},
         {long_integer, Kind::number, "-0", "0"},
         {long_integer, Kind::number, "1e99999999999999999999", nullptr},
         {long_integer, Kind::string, "", nullptr},
         {long_integer, Kind::string, "abc", nullptr},
         {long_integer, Kind::string, "NaN", nullptr},
         {long_integer, Kind::boolean_true, "", nullptr},
         {long_integer, Kind::json, "{\"a\":1}", nullptr}});
}

TEST(Coerce, ALongTextOfZerosStaysExact) {
  const std::string one = "1" + std::string(5'000, '0') + "e-5000";
  EXPECT_EQ(std::get<std::int64_t>(*coerce(long_integer, {Kind::number, one})), 1);
  const std::string small = "0." + std::string(5'000, '0') + "7e5001";
  EXPECT_EQ(std::get<std::int64_t>(*coerce(long_integer, {Kind::number, small})), 7);
  EXPECT_EQ(std::get<double>(*coerce(double_precision, {Kind::number, small})), 7.0);
  const std::string large = "1" + std::string(400, '0');
  EXPECT_FALSE(coerce(double_precision, {Kind::number, large}));
}

TEST(Coerce, EachIntegerTypeKeepsItsRange) {
  check({{integer, Kind::number, "2147483647", "2147483647"},
         {integer, Kind::number, "2147483648", nullptr},
         {integer, Kind::number, "-2147483648", "-2147483648"},
         {integer, Kind::number, "-2147483649", nullptr},
         {short_integer, Kind::number, "32767", "32767"},
         {short_integer, Kind::number, "32768", nullptr},
         {short_integer, Kind::number, "-32768", "-32768"},
         {short_integer, Kind::number, "-32769", nullptr},
         {byte_integer, Kind::number, "127", "127"},
         {byte_integer, Kind::number, "127.9", "127"},
         {byte_integer, Kind::number, "128", nullptr},
         {byte_integer, Kind::string, "-128", "-128"},
         {byte_integer, Kind::string, "-129", nullptr}});
}

TEST(Coerce, ABooleanIsNotANumber) {
  check({{boolean, Kind::boolean_true, "", "true"},
         {boolean, Kind::boolean_false, "", "false"},
         {boolean, Kind::string, "true", "true"},
         {boolean, Kind::string, "false", "false"},
         {boolean, Kind::string, "", "false"},
         {boolean, Kind::string, "True", nullptr},
         {boolean, Kind::string, "yes", nullptr},
         {boolean, Kind::string, "1", nullptr},
         {boolean, Kind::number, "1", nullptr},
         {boolean, Kind::number, "0", nullptr},
         {boolean, Kind::json, "{}", nullptr}});
}

TEST(Coerce, KeywordAndTextKeepWhatWasSent) {
  for (const MappingType mapping : {keyword, text}) {
    check({{mapping, Kind::string, "007", "\"007\""},
           {mapping, Kind::string, "", "\"\""},
           {mapping, Kind::string, " a ", "\" a \""},
           {mapping, Kind::number, "1.50", "\"1.50\""},
           {mapping, Kind::number, "12345678901234567890", "\"12345678901234567890\""},
           {mapping, Kind::boolean_true, "", "\"true\""},
           {mapping, Kind::boolean_false, "", "\"false\""},
           {mapping, Kind::string, "NaN", "\"NaN\""},
           {mapping, Kind::json, "{}", nullptr},
           {mapping, Kind::json, "[\"a\"]", nullptr}});
  }
}

TEST(Coerce, ADateIsRfc3339OrMilliseconds) {
  check({{date, Kind::number, "1526717967000", "\"2018-05-19T08:19:27.000Z\""},
         {date, Kind::string, "1526717967000", "\"2018-05-19T08:19:27.000Z\""},
         {date, Kind::number, "1526717967000.25", "\"2018-05-19T08:19:27.000250000Z\""},
         {date, Kind::number, "0", "\"1970-01-01T00:00:00.000Z\""},
         {date, Kind::number, "-1", "\"1969-12-31T23:59:59.999Z\""},
         {date, Kind::string, "2018-05-19T10:19:27.5+02:00", "\"2018-05-19T08:19:27.500Z\""},
         {date, Kind::string, "2018-05-19T08:19:27.000000001Z", "\"2018-05-19T08:19:27.000000001Z\""},
         {date, Kind::number, "9223372036854.775807", "\"2262-04-11T23:47:16.854775807Z\""},
         {date, Kind::number, "9223372036854.775808", nullptr},
         {date, Kind::string, "2018-05-19", nullptr},
         {date, Kind::string, "2018-02-30T00:00:00Z", nullptr},
         {date, Kind::string, "yesterday", nullptr},
         {date, Kind::string, "", nullptr},
         {date, Kind::boolean_true, "", nullptr},
         {date, Kind::json, "{}", nullptr}});
}

TEST(Coerce, AGeoPointComesToOneForm) {
  const char* place = R"({"lat":41.12,"lon":-71.34})";
  check({{geo_point, Kind::json, R"({"lat":41.12,"lon":-71.34})", place},
         {geo_point, Kind::json, R"({"lon":-71.34,"lat":41.12})", place},
         {geo_point, Kind::json, R"({ "lon" : -71.34 , "lat" : "41.12" })", place},
         {geo_point, Kind::json, "[-71.34,41.12]", place},
         {geo_point, Kind::string, "41.12,-71.34", place},
         {geo_point, Kind::string, "41.12, -71.34", place},
         {geo_point, Kind::json, R"({"lat":90,"lon":180})", R"({"lat":90.0,"lon":180.0})"},
         {geo_point, Kind::json, R"({"lat":-90,"lon":-180})", R"({"lat":-90.0,"lon":-180.0})"}});
}

TEST(Coerce, RefusesWhatIsNoPlaceOnEarth) {
  check({{geo_point, Kind::json, R"({"lat":90.1,"lon":0})", nullptr},
         {geo_point, Kind::json, R"({"lat":-90.1,"lon":0})", nullptr},
         {geo_point, Kind::json, R"({"lat":0,"lon":180.1})", nullptr},
         {geo_point, Kind::json, R"({"lat":0,"lon":-180.1})", nullptr},
         {geo_point, Kind::json, R"({"lat":1})", nullptr},
         {geo_point, Kind::json, R"({"lat":1,"lat":2})", nullptr},
         {geo_point, Kind::json, R"({"lat":1,"lon":2,"alt":3})", nullptr},
         {geo_point, Kind::json, R"({"lat":null,"lon":2})", nullptr},
         {geo_point, Kind::json, R"({"lat":[1],"lon":2})", nullptr},
         {geo_point, Kind::json, R"({"lat":1,"lon":2}})", nullptr},
         {geo_point, Kind::json, R"({"lat":1,"lon":2)", nullptr},
         {geo_point, Kind::json, R"({"lat":1,"lon":)", nullptr},
         {geo_point, Kind::json, R"({"lat")", nullptr},
         {geo_point, Kind::json, "{}", nullptr},
         {geo_point, Kind::json, "{", nullptr},
         {geo_point, Kind::json, "[1]", nullptr},
         {geo_point, Kind::json, "[1,2,3]", nullptr},
         {geo_point, Kind::json, "[1,91]", nullptr},
         {geo_point, Kind::json, "", nullptr},
         {geo_point, Kind::string, "41.12", nullptr},
         {geo_point, Kind::string, "1,2,3", nullptr},
         {geo_point, Kind::string, "", nullptr},
         {geo_point, Kind::number, "1", nullptr},
         {geo_point, Kind::boolean_true, "", nullptr}});
}

TEST(Coerce, AnObjectIsKeptAsItIs) {
  check({{object, Kind::json, R"({"b":1,"a":[2.50]})", R"({"b":1,"a":[2.50]})"},
         {object, Kind::json, "{}", "{}"},
         {object, Kind::json, "[{}]", nullptr},
         {object, Kind::string, "{}", nullptr},
         {object, Kind::number, "1", nullptr},
         {object, Kind::boolean_true, "", nullptr}});
}

TEST(Coerce, SaysWhatWasExpectedWithoutRepeatingALongValue) {
  const std::string long_text(10'000, 'x');
  const auto refused = coerce(long_integer, {Kind::string, long_text});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("long"), std::string::npos);
  EXPECT_NE(refused.error().message.find("9223372036854775807"), std::string::npos);
  EXPECT_LT(refused.error().message.size(), 250u);
}

}  // namespace
}  // namespace iot::model
