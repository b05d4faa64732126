// SQL: each statement's rows against plain loops over the same readings, page after page, and each refusal by name.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;  // 2018-01-01
constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr int count = 300;

double number_of(int i) {
  return static_cast<double>(i % 7) - 3;
}

class Sql : public testing::Test {
 protected:
  Sql() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::double_precision);
    world.add_sensor(3, 6, model::MappingType::keyword);
    world.add_sensor(7, 8, model::MappingType::long_integer);
    world.add_sensor(7, 9, model::MappingType::geo_point);
    for (int i = 0; i < count; ++i) {
      world.add(4, start_ns + i * minute_ns, number_of(i));
      world.add(5, start_ns + i * minute_ns, number_of(i) * 10);
      world.add(6, start_ns + i * minute_ns, std::string(1, static_cast<char>('a' + i % 5)) + (i % 2 ? "*x" : "-y"));
    }
    for (int i = 0; i < 3; ++i) world.add(8, start_ns + i, std::int64_t{9'007'199'254'740'993} + i);
    world.store.run_readings_max = 32;
    world.store.seal();
    world.clock.set(Timestamp{start_ns + count * minute_ns});
    world.caller = "consumer 1";
    world.keep_contexts();
  }

  json::value ask(const json::object& body, unsigned status = 200, const std::string& path = "/_sql") {
    const EsAnswer answer = world.ask("POST", path, json::serialize(body));
    EXPECT_EQ(answer.status, status) << json::serialize(body) << answer.body;
    return json::parse(answer.body);
  }
  json::array rows(const std::string& query) { return ask({{"query", query}}).at("rows").as_array(); }
  std::string shown(const std::string& query) { return json::serialize(rows(query)); }
  std::string refused(const std::string& query) {
    const json::value answer = ask({{"query", query}}, 400);
    const json::value& error = answer.at("error");
    return std::string(error.at("type").as_string()) + ": " + std::string(error.at("reason").as_string());
  }
  std::string text(const std::string& query, const std::string& format) {
    const EsAnswer answer =
        world.ask("POST", "/_sql", json::serialize(json::object{{"query", query}}), {{"format", format}});
    EXPECT_EQ(answer.status, 200u) << answer.body;
    return answer.body;
  }
  /// All rows, in pages of `size`.
  json::array paged(const std::string& query, int size) {
    json::array all;
    json::value page = ask({{"query", query}, {"fetch_size", size}});
    while (true) {
      const json::array& some = page.at("rows").as_array();
      EXPECT_LE(some.size(), static_cast<std::size_t>(size));
      all.insert(all.end(), some.begin(), some.end());
      if (!page.as_object().contains("cursor")) return all;
      page = ask({{"cursor", page.at("cursor")}});
      EXPECT_FALSE(page.as_object().contains("columns"));
    }
  }

  QueryWorld world;
};

TEST_F(Sql, ShowsReadingsWithTheTypesOfTheirColumns) {
  const json::value answer = ask({{"query", "SELECT * FROM \"3_4\" ORDER BY timestamp LIMIT 2"}});
  EXPECT_EQ(json::serialize(answer),
            R"({"columns":[{"name":"device_id","type":"keyword"},{"name":"sensor_id","type":"keyword"},)"
            R"({"name":"timestamp","type":"datetime"},{"name":"value","type":"double"}],)"
            R"("rows":[["3","4","2018-01-01T00:00:00.000Z",-3E0],["3","4","2018-01-01T00:01:00.000Z",-2E0]]})");
  EXPECT_EQ(shown("SELECT value v, value * 2 + 1 AS w, HOUR(timestamp) FROM 3_5 ORDER BY v DESC, timestamp LIMIT 1"),
            "[[3E1,6.1E1,0]]");
  EXPECT_EQ(shown("SELECT value, timestamp FROM 7_8 ORDER BY value DESC LIMIT 1"),
            R"([[9007199254740995,"2018-01-01T00:00:00.000000002Z"]])");
  EXPECT_EQ(shown("SELECT 1 + 2, 7 / 2, NOW(), TRUE"), R"([[3,3,"2018-01-01T05:00:00.000Z",true]])");
}

TEST_F(Sql, SelectsByConditions) {
  struct Case {
    std::string where;
    bool (*wanted)(int i);
  };
  for (const Case& one : std::vector<Case>{
           {"value > 1", [](int i) { return number_of(i) > 1; }},
           {"1 >= value", [](int i) { return number_of(i) <= 1; }},
           {"value = 2 OR value <> 2 AND value < -1", [](int i) { return number_of(i) == 2 || number_of(i) < -1; }},
           {"NOT (value BETWEEN -1 AND 1)", [](int i) { return std::abs(number_of(i)) > 1; }},
           {"value NOT IN (0, 1, 2 + 1)", [](int i) { return number_of(i) < 0 || number_of(i) == 2; }},
           {"value IS NOT NULL AND device_id = '3' AND sensor_id LIKE '_'", [](int) { return true; }},
           {"value IS NULL", [](int) { return false; }},
           {"timestamp >= '2018-01-01 01:00:00'", [](int i) { return i >= 60; }},
           {"timestamp < CAST('2018-01-01T01:00:00Z' AS TIMESTAMP)", [](int i) { return i < 60; }},
           {"timestamp >= NOW() - INTERVAL 1 HOUR", [](int i) { return i >= count - 60; }},
           {"timestamp > TODAY() + INTERVAL '30' MINUTES", [](int i) { return i > 30; }},
           {"timestamp = '2018-01-01T00:02:00Z'", [](int i) { return i == 2; }},
           {"QUERY('value:>1') AND 1 < 2", [](int i) { return number_of(i) > 1; }},
       }) {
    int wanted = 0;
    for (int i = 0; i < count; ++i) wanted += one.wanted(i) ? 1 : 0;
    EXPECT_EQ(shown("SELECT COUNT(*) FROM \"3_4\" WHERE " + one.where), "[[" + std::to_string(wanted) + "]]")
        << one.where;
  }
  EXPECT_EQ(shown("SELECT COUNT(*) FROM 3_6 WHERE value LIKE 'a%'"), "[[60]]");
  EXPECT_EQ(shown("SELECT COUNT(*) FROM 3_6 WHERE value LIKE '_!*x' ESCAPE '!'"), "[[150]]");
  EXPECT_EQ(shown("SELECT COUNT(*) FROM 3_6 WHERE value LIKE '_*_'"), "[[150]]") << "a star is a star";
  EXPECT_EQ(shown("SELECT COUNT(*) FROM 3_6 WHERE value LIKE 'a-%' OR value = 'b*x'"), "[[60]]");
}

TEST_F(Sql, AggregatesAllReadings) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) sum += number_of(i);
  const double mean = sum / count;
  for (int i = 0; i < count; ++i) squares += (number_of(i) - mean) * (number_of(i) - mean);
  const json::array row =
      rows(
          "SELECT COUNT(*), COUNT(value), COUNT(DISTINCT value), MIN(value), MAX(value), AVG(value), SUM(value), "
          "STDDEV_POP(value), VAR_POP(value), PERCENTILE(value, 50), FIRST(value, timestamp), LAST(value, timestamp), "
          "MAX(timestamp), MAX(value) - MIN(value) AS width FROM 3_4")[0]
          .as_array();
  const json::array wanted{count,
                           count,
                           7,
                           -3.0,
                           3.0,
                           mean,
                           sum,
                           std::sqrt(squares / count),
                           squares / count,
                           0.0,
                           number_of(0),
                           number_of(count - 1),
                           "2018-01-01T04:59:00.000Z",
                           6.0};
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_TRUE(nearly_equal(row.at(i), wanted[i])) << i << row.at(i);
  EXPECT_EQ(shown("SELECT SUM(value), AVG(value), COUNT(*) FROM 3_4 WHERE value > 9"), "[[null,null,0]]");
  EXPECT_EQ(shown("SELECT COUNT(*) FROM 3_4 HAVING COUNT(*) > 1000"), "[]");
}

TEST_F(Sql, GroupsByTimesColumnsAndNumbers) {
  std::map<int, double> sums;
  for (int i = 0; i < count; ++i) sums[i / 60] += number_of(i);
  const json::array hours =
      rows("SELECT HISTOGRAM(timestamp, INTERVAL 1 HOUR) AS h, SUM(value) s FROM \"3_4\" GROUP BY h ORDER BY h DESC");
  ASSERT_EQ(hours.size(), sums.size());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(hours[i].at(0).as_string(), "2018-01-01T0" + std::to_string(4 - i) + ":00:00.000Z");
    EXPECT_DOUBLE_EQ(hours[i].at(1).to_number<double>(), sums[4 - i]);
  }
  EXPECT_EQ(shown("SELECT sensor_id, MAX(value) FROM \"3_4,3_5\" GROUP BY sensor_id"), R"([["4",3E0],["5",3E1]])");
  std::map<double, int> widths;
  for (int i = 0; i < count; ++i) ++widths[std::floor(number_of(i) * 10 / 20) * 20];
  const json::array wide =
      rows("SELECT HISTOGRAM(value, 20) h, COUNT(*) FROM 3_5 GROUP BY h HAVING COUNT(*) > 50 ORDER BY 2 DESC");
  EXPECT_EQ(wide.size(), static_cast<std::size_t>(std::count_if(widths.begin(), widths.end(),
                                                                [](const auto& one) { return one.second > 50; })));
  for (std::size_t i = 0; i < wide.size(); ++i) {
    EXPECT_EQ(wide[i].at(1), widths.at(wide[i].at(0).to_number<double>()));
    if (i > 0) {
      EXPECT_GE(wide[i - 1].at(1).as_int64(), wide[i].at(1).as_int64());
    }
  }
  EXPECT_EQ(shown("SELECT YEAR(timestamp), COUNT(*) FROM 3_4 GROUP BY YEAR(timestamp)"), "[[2018,300]]");
  EXPECT_EQ(shown("SELECT DATE_TRUNC('day', timestamp) d, COUNT(*) FROM 3_4 GROUP BY 1"),
            R"([["2018-01-01T00:00:00.000Z",300]])");
  EXPECT_EQ(shown("SELECT value, COUNT(*) n FROM 3_6 GROUP BY value ORDER BY n DESC, value DESC LIMIT 1"),
            R"([["e-y",30]])");
  EXPECT_EQ(shown("SELECT DISTINCT value FROM 3_4 WHERE value > 0"), "[[1E0],[2E0],[3E0]]");
}

TEST_F(Sql, GivesEachRowOncePageAfterPage) {
  for (const char* query :
       {"SELECT timestamp, value FROM 3_4", "SELECT timestamp FROM \"3_*\" ORDER BY timestamp DESC",
        "SELECT value FROM 3_4 LIMIT 25",
        "SELECT HISTOGRAM(timestamp, INTERVAL 1 MINUTE) h, AVG(value) FROM 3_4 GROUP BY h",
        "SELECT HISTOGRAM(timestamp, INTERVAL 7 MINUTE) h, SUM(value) s FROM 3_4 GROUP BY h ORDER BY s, h LIMIT 30",
        "SELECT timestamp t, MAX(value) m FROM 3_4 GROUP BY timestamp HAVING MAX(value) > 2"}) {
    const std::string whole = shown(query);
    for (const int size : {7, 50, 300, 1'000}) EXPECT_EQ(json::serialize(paged(query, size)), whole) << query << size;
  }
}

TEST_F(Sql, ShowsRowsInSeveralForms) {
  const std::string query = "SELECT value, COUNT(*) AS \"a,b\" FROM 3_6 GROUP BY value ORDER BY value LIMIT 2";
  EXPECT_EQ(text(query, "csv"), "value,\"a,b\"\r\na*x,30\r\na-y,30\r\n");
  EXPECT_EQ(text(query, "tsv"), "value\ta,b\na*x\t30\na-y\t30\n");
  EXPECT_EQ(text(query, "txt"),
            "     value     |      a,b      \n---------------+---------------\na*x            |30             \n"
            "a-y            |30             \n");
  const json::value columnar =
      ask({{"query", "SELECT value, 1 FROM 3_4 ORDER BY timestamp LIMIT 2"}, {"columnar", true}});
  EXPECT_EQ(json::serialize(columnar.at("values")), "[[-3E0,-2E0],[1,1]]");
  const std::string all = text("SELECT value FROM 3_4", "csv");
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), count + 1) << "a text comes whole";
}

TEST_F(Sql, TakesParametersFilterAndTimeZone) {
  EXPECT_EQ(json::serialize(ask({{"query", "SELECT COUNT(*) FROM 3_4 WHERE value > ? AND device_id = ?"},
                                 {"params", {1, "3"}},
                                 {"filter", {{"range", {{"value", {{"lt", 3}}}}}}}})
                                .at("rows")),
            "[[" + std::to_string([] {
              int n = 0;
              for (int i = 0; i < count; ++i) n += number_of(i) == 2 ? 1 : 0;
              return n;
            }()) +
                "]]");
  EXPECT_EQ(json::serialize(ask({{"query", "SELECT DATE_TRUNC('day', timestamp) d, COUNT(*) FROM 3_4 GROUP BY d"},
                                 {"time_zone", "+20:00"},
                                 {"fetch_size", 1}},
                                400)
                                .at("status")),
            "400");
  EXPECT_EQ(
      json::serialize(ask({{"query", "SELECT HISTOGRAM(timestamp, INTERVAL 1 DAY) d, COUNT(*) FROM 3_4 GROUP BY d"},
                           {"time_zone", "-02:00"}})
                          .at("rows")),
      R"([["2017-12-31T00:00:00.000-02:00",120],["2018-01-01T00:00:00.000-02:00",180]])");
}

TEST_F(Sql, TranslatesToTheSearchThatIsMade) {
  const json::value body = ask({{"query", "SELECT value FROM 3_4 WHERE value > 1 LIMIT 5"}}, 200, "/_sql/translate");
  EXPECT_EQ(
      json::serialize(body),
      R"({"size":5,"query":{"range":{"value":{"gt":1}}},"_source":false,"fields":[{"field":"value"}],"sort":["_doc"]})");
  EXPECT_EQ(search(world, json::serialize(body), "/3_4/_search").at("hits").at("hits").as_array().size(), 5u);
}

TEST_F(Sql, ClosesACursorForItsOwnerAlone) {
  const json::value page = ask({{"query", "SELECT value FROM 3_4"}, {"fetch_size", 10}});
  const json::object cursor{{"cursor", page.at("cursor")}};
  world.caller = "consumer 2";
  ask(cursor, 404);
  EXPECT_EQ(ask(cursor, 200, "/_sql/close").at("succeeded"), false);
  world.caller = "consumer 1";
  EXPECT_EQ(ask(cursor, 200, "/_sql/close").at("succeeded"), true);
  ask(cursor, 404);
  ask({{"cursor", "00"}}, 400);
  ask({{"cursor", "no"}}, 400);
}

TEST_F(Sql, ShowsEachKindOfValueAsItsType) {
  world.add_sensor(8, 20, model::MappingType::boolean);
  world.add_sensor(8, 21, model::MappingType::date);
  world.add_sensor(8, 22, model::MappingType::object);
  world.add(20, start_ns, std::int64_t{1});
  world.add(20, start_ns + 1, std::int64_t{0});
  world.add(21, start_ns, start_ns + minute_ns);
  world.add(9, start_ns, std::string(R"({"lat":41.5,"lon":-71.25})"));
  world.store.seal();
  EXPECT_EQ(shown("SELECT value, timestamp FROM 8_20 WHERE value"), R"([[true,"2018-01-01T00:00:00.000Z"]])");
  EXPECT_EQ(shown("SELECT value, COUNT(*) FROM 8_20 GROUP BY value"), "[[false,1],[true,1]]");
  EXPECT_EQ(shown("SELECT value, YEAR(value), FIRST(value) FROM 8_21 GROUP BY value"),
            R"([["2018-01-01T00:01:00.000Z",2018,"2018-01-01T00:01:00.000Z"]])");
  EXPECT_EQ(shown("SELECT MIN(value) FROM 8_21 WHERE value > '2018-01-01T00:00:30'"),
            R"([["2018-01-01T00:01:00.000Z"]])");
  EXPECT_EQ(shown("SELECT value FROM 7_9"), R"-([["POINT (-71.25 41.5)"]])-");
  EXPECT_NE(refused("SELECT value FROM 8_22").find("type [object] only its subfields"), std::string::npos);
  EXPECT_EQ(shown("SELECT * FROM 8_22"), "[]");
  EXPECT_EQ(shown("SELECT FIRST(value, timestamp), LAST(timestamp) FROM 3_6"),
            R"([["a-y","2018-01-01T04:59:00.000Z"]])");
}

TEST_F(Sql, LeavesNoScrollBehindWhenAllIsShown) {
  for (int i = 0; i < 60; ++i) EXPECT_EQ(rows("SELECT value FROM 3_4").size(), 300u);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(paged("SELECT value FROM 3_4", 200).size(), 300u);
}

TEST_F(Sql, RefusesByNameAndPlace) {
  EXPECT_EQ(refused("SELECT foo FROM 3_4"), "verification_exception: Found 1 problem\nline 1:8: Unknown column [foo]");
  EXPECT_EQ(refused("SELECT\n  FOO(value) FROM 3_4"),
            "verification_exception: Found 1 problem\nline 2:3: Unknown function [FOO]");
  EXPECT_EQ(refused("SELECT value FROM 9_9"),
            "verification_exception: Found 1 problem\nline 1:19: Unknown index [9_9]");
  EXPECT_EQ(refused("SELECT FROM 3_4"), "parsing_exception: line 1:8: mismatched input 'FROM' expecting an expression");
  EXPECT_EQ(refused("SELECT value, COUNT(*) FROM 3_4"),
            "verification_exception: Found 1 problem\nline 1:8: Cannot use non-grouped column [value]");
  EXPECT_EQ(
      refused("SELECT AVG(value) FROM 3_6"),
      "verification_exception: Found 1 problem\nline 1:8: argument of [AVG(value)] must be [numeric], found value "
      "[value] type [keyword]");
  EXPECT_EQ(
      refused("SELECT value FROM \"3_4,3_6\""),
      "verification_exception: Found 1 problem\nline 1:8: Cannot use field [value] due to ambiguities being mapped "
      "as [2] incompatible types: [double] in [3_4], [keyword] in [3_6]");
  for (const auto& [query, named] : std::vector<std::pair<std::string, std::string>>{
           {"SELECT value FROM 3_4 JOIN 3_5", "JOIN"},
           {"SELECT value FROM (SELECT 1)", "queries in queries"},
           {"SHOW TABLES", "[SHOW] is not supported"},
           {"SELECT value FROM 3_4 WHERE value RLIKE 'a'", "[RLIKE]"},
           {"SELECT value FROM 3_4 WHERE value = NULL", "IS NULL"},
           {"SELECT value FROM 3_4 WHERE value + 1 > 2", "each comparison is of one column"},
           {"SELECT value FROM 3_4 WHERE MAX(value) > 2", "use HAVING"},
           {"SELECT value FROM 3_4 WHERE timestamp > 5", "is no [datetime]"},
           {"SELECT value FROM 3_4 ORDER BY value * 2", "ordered by columns"},
           {"SELECT SUM(value * 2) FROM 3_4", "an aggregate is of one column"},
           {"SELECT MONTH(timestamp) m, COUNT(*) FROM 3_4 GROUP BY m", "is not supported in GROUP BY"},
           {"SELECT HISTOGRAM(timestamp, INTERVAL 2 MONTHS) m FROM 3_4 GROUP BY m", "of months and years only one"},
           {"SELECT value FROM 7_9 GROUP BY value", "cannot be used for grouping"},
           {"SELECT ? FROM 3_4", "Not enough actual parameters"},
           {"SELECT 1 / 0", "/ by zero"},
           {"SELECT 9223372036854775807 + 1", "out of the range"},
           {"SELECT 'a", "token recognition error"},
           {"SELECT BETWEEN(1)", "mismatched input 'BETWEEN'"}}) {
    EXPECT_NE(refused(query).find(named), std::string::npos) << refused(query);
  }
  const EsAnswer field = world.ask("POST", "/_sql", R"({"query":"SELECT 1","nosuch":1})");
  EXPECT_NE(field.body.find("[sql/query] unknown field [nosuch]"), std::string::npos) << field.body;
  EXPECT_EQ(world.ask("POST", "/_sql", R"({"query":"SELECT 1"})", {{"format", "yaml"}}).status, 400u);
  ask({{"query", "SELECT 1"}, {"fetch_size", 10'001}}, 400);
  ask({{"query", "SELECT 1"}, {"fetch_size", 10'000}});
}

TEST_F(Sql, IsBoundedInDepthAndLength) {
  const auto nested = [](int depth) { return "SELECT " + std::string(depth, '(') + "1" + std::string(depth, ')'); };
  EXPECT_EQ(shown(nested(63)), "[[1]]");
  EXPECT_NE(refused(nested(64)).find("levels deep"), std::string::npos);
  const auto sum = [](int terms) {
    std::string text = "SELECT 1";
    for (int i = 1; i < terms; ++i) text += "+1";
    return text;
  };
  EXPECT_EQ(shown(sum(64)), "[[64]]");
  EXPECT_NE(refused(sum(65)).find("levels deep"), std::string::npos);
  const auto padded = [](std::size_t bytes) { return "SELECT 1" + std::string(bytes - 8, ' '); };
  EXPECT_EQ(shown(padded(32 << 10)), "[[1]]");
  EXPECT_NE(refused(padded((32 << 10) + 1)).find("longer than"), std::string::npos);
  std::string columns = "SELECT 1";
  for (int i = 1; i < 128; ++i) columns += ",1";
  EXPECT_EQ(rows(columns)[0].as_array().size(), 128u);
  EXPECT_NE(refused(columns + ",1").find("more than 128 columns"), std::string::npos);
}

TEST_F(Sql, TellsWhatTheStoreCannotAnswer) {
  world.store.fail_from_now(0);
  const EsAnswer answer = world.ask("POST", "/_sql", R"({"query":"SELECT MAX(value) FROM 3_4"})");
  EXPECT_GE(answer.status, 500u) << answer.body;
}

}  // namespace
}  // namespace iot::query
