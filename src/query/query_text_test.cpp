// Queries typed as text: query_string, simple_query_string, `q`, and the clauses that look for texts.
//
// The world: sensor 4 of device 3 (double: 0 to 9, a reading each minute from 2018-01-01), sensor 5 (long: the same
// times 10), sensor 6 (keyword: open, closed, half open), sensor 9 of device 8 (text).
#include "query/query_text.h"

#include <string>

#include "query/query_text_lexer.h"
#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ns = 1'514'764'800'000'000'000;
constexpr std::int64_t minute_ns = 60'000'000'000;

class QueryText : public testing::Test {
 protected:
  QueryText() {
    world.add_sensor(3, 4, model::MappingType::double_precision);
    world.add_sensor(3, 5, model::MappingType::long_integer);
    world.add_sensor(3, 6, model::MappingType::keyword);
    world.add_sensor(8, 9, model::MappingType::text);
    for (std::int64_t i = 0; i < 10; ++i) {
      world.add(4, start_ns + i * minute_ns, static_cast<double>(i));
      world.add(5, start_ns + i * minute_ns, i * 10);
    }
    world.add(6, start_ns, std::string("open"));
    world.add(6, start_ns + 1, std::string("closed"));
    world.add(6, start_ns + 2, std::string("half open"));
    world.add(9, start_ns, std::string("The quick brown Fox"));
    world.add(9, start_ns + 1, std::string("a brown dog, quick"));
    world.store.seal();
  }

  std::int64_t count(const std::string& query, const std::string& index = "_all") {
    const EsAnswer answer = world.ask("POST", "/" + index + "/_count", R"({"query":)" + query + "}");
    EXPECT_EQ(answer.status, 200u) << query << answer.body;
    return answer.status == 200 ? json::parse(answer.body).at("count").to_number<std::int64_t>() : -1;
  }
  std::int64_t text(const std::string& typed, const std::string& index = "_all", const std::string& more = "",
                    const std::string& clause = "query_string") {
    return count(R"({")" + clause + R"(":{"query":)" + json::serialize(json::string(typed)) + more + "}}", index);
  }
  std::int64_t simple(const std::string& typed, const std::string& index = "_all", const std::string& more = "") {
    return text(typed, index, more, "simple_query_string");
  }
  void refuses(const std::string& query, const std::string& type, const std::string& reason) {
    const EsAnswer answer = world.ask("POST", "/3_4/_search", R"({"query":)" + query + "}");
    EXPECT_EQ(answer.status, 400u) << query << answer.body;
    EXPECT_NE(answer.body.find(reason), std::string::npos) << query << "\n" << answer.body;
    EXPECT_NE(answer.body.find("\"" + type + "\""), std::string::npos) << query << "\n" << answer.body;
  }
  void refuses_text(const std::string& typed, const std::string& type, const std::string& reason) {
    refuses(R"({"query_string":{"query":)" + json::serialize(json::string(typed)) + "}}", type, reason);
  }

  QueryWorld world;
};

TEST_F(QueryText, FindsByFieldAndValue) {
  EXPECT_EQ(text("*"), 25);
  EXPECT_EQ(text("*:*"), 25);
  EXPECT_EQ(text(""), 0);
  EXPECT_EQ(text("sensor_id:4"), 10);
  EXPECT_EQ(text("sensor_id:\"4\""), 10);
  EXPECT_EQ(text("_index:3_*"), 23);
  EXPECT_EQ(text("value:7", "3_4"), 1);
  EXPECT_EQ(text("value:7.0", "3_4"), 1);
  EXPECT_EQ(text("value:open", "3_6"), 1);
  EXPECT_EQ(text("value:\"half open\"", "3_6"), 1);
  EXPECT_EQ(text("nothing:7"), 0);
  EXPECT_EQ(text("val\\*:open", "3_6"), 1);
}

TEST_F(QueryText, LooksInAllFieldsWhereNoneIsNamed) {
  EXPECT_EQ(text("4"), 10) << "sensor 4, also where it measured 4";
  EXPECT_EQ(text("open"), 1);
  EXPECT_EQ(text("half open"), 1) << "words in a row are one text, which a keyword must equal";
  EXPECT_EQ(text("quick"), 2);
  EXPECT_EQ(text("value:warm OR value:w* OR value:>warm", "3_4"), 0) << "no error either where a field is named";
  EXPECT_EQ(text("7", "_all", R"(,"default_field":"value","lenient":true)"), 1);
  EXPECT_EQ(text("7 OR 70", "_all", R"(,"fields":["value","nothing"],"lenient":true)"), 2);
}

TEST_F(QueryText, TakesRanges) {
  EXPECT_EQ(text("value:[2 TO 4]", "3_4"), 3);
  EXPECT_EQ(text("value:[2 TO 4}", "3_4"), 2);
  EXPECT_EQ(text("value:{2 TO 4}", "3_4"), 1);
  EXPECT_EQ(text("value:[* TO 4]", "3_4"), 5);
  EXPECT_EQ(text("value:[5 TO *]", "3_4"), 5);
  EXPECT_EQ(text("value:>5", "3_4"), 4);
  EXPECT_EQ(text("value:>=5", "3_4"), 5);
  EXPECT_EQ(text("value:<5", "3_4"), 5);
  EXPECT_EQ(text("value:<=5", "3_4"), 6);
  EXPECT_EQ(text("value:(>=2 AND <4)", "3_4"), 2);
  EXPECT_EQ(text("value:>-5", "3_4"), 10);
  EXPECT_EQ(text("timestamp:[2018-01-01T00:02:00 TO 2018-01-01T00:04:00}", "3_4"), 2);
  EXPECT_EQ(text("timestamp:[\"2018-01-01T00:02:00\" TO *]", "3_4"), 8);
  EXPECT_EQ(text("timestamp:2018-01-01", "3_4"), 10);
  EXPECT_EQ(text("timestamp:[2018-01-01T01:02:00 TO *]", "3_4", R"(,"time_zone":"+01:00")"), 8);
  EXPECT_EQ(text("timestamp:<2018-01-01T00\\:03\\:00", "3_4"), 3);
}

TEST_F(QueryText, JoinsAsLuceneDoes) {
  EXPECT_EQ(text("value:1 OR value:2", "3_4"), 2);
  EXPECT_EQ(text("value:1 || value:2", "3_4"), 2);
  EXPECT_EQ(text("value:1 value:2", "3_4"), 2);
  EXPECT_EQ(text("value:1 value:2", "3_4", R"(,"default_operator":"AND")"), 0);
  EXPECT_EQ(text("value:1 OR value:2", "3_4", R"(,"default_operator":"and")"), 2);
  EXPECT_EQ(text("value:[1 TO 5] AND value:[4 TO 9]", "3_4"), 2);
  EXPECT_EQ(text("value:[1 TO 5] && NOT value:4", "3_4"), 4);
  EXPECT_EQ(text("value:[1 TO 5] -value:4", "3_4"), 4);
  EXPECT_EQ(text("value:[1 TO 5] !value:4", "3_4"), 4);
  EXPECT_EQ(text("-value:4", "3_4"), 9);
  EXPECT_EQ(text("+value:[1 TO 5] value:4", "3_4"), 5);
  EXPECT_EQ(text("value:(1 OR 2 OR 3)", "3_4"), 3);
  EXPECT_EQ(text("(value:1 OR value:2) AND sensor_id:4", "3_4"), 2);
  EXPECT_EQ(text("value:9 OR (NOT value:[1 TO 9])", "3_4"), 2);
  // AND binds its two sides only: what stands before is not needed any more.
  EXPECT_EQ(text("value:1 OR value:2 AND sensor_id:4", "3_4"), 1);
  EXPECT_EQ(text("value:1 value:2 value:3", "3_4", R"(,"minimum_should_match":2)"), 0);
}

TEST_F(QueryText, TakesWildcardsAndExists) {
  EXPECT_EQ(text("value:o*", "3_6"), 1);
  EXPECT_EQ(text("value:*o*", "3_6", R"(,"analyze_wildcard":true)"), 3);
  EXPECT_EQ(text("value:?pen", "3_6"), 1);
  EXPECT_EQ(text("value:QU*", "8_9"), 2) << "words of a text are in lower case";
  EXPECT_EQ(text("value:QU*", "3_6"), 0);
  EXPECT_EQ(text("_exists_:value"), 25);
  EXPECT_EQ(text("_exists_:nothing"), 0);
  EXPECT_EQ(text("value:*"), 25);
  EXPECT_EQ(text("NOT _exists_:nothing"), 25);
  refuses(R"({"query_string":{"query":"value:*a","allow_leading_wildcard":false}})", "query_shard_exception",
          "not allowed as first character");
  EXPECT_EQ(text("o\\pen", "3_6"), 1);
  EXPECT_EQ(text("value:half\\ open", "3_6"), 1);
  EXPECT_EQ(text("value:(half open)", "3_6", R"(,"escape":true)"), 0);
}

TEST_F(QueryText, LooksForPhrasesInTexts) {
  EXPECT_EQ(text("value:\"quick brown\"", "8_9"), 1);
  EXPECT_EQ(text("value:\"Brown FOX\"", "8_9"), 1);
  EXPECT_EQ(text("value:\"fox brown\"", "8_9"), 0);
  EXPECT_EQ(text("quick fox", "8_9"), 2);
  EXPECT_EQ(text("quick fox", "8_9", R"(,"default_operator":"AND")"), 1);
}

TEST_F(QueryText, TellsWhereATextCannotBeRead) {
  for (const char* broken :
       {"value:", "(", ")", "(value:1",      "value:1)", "AND", "a AND", "value:[1 TO", "value:[1 2]", "\"open",
        "a\\",    "[", "}", "value:[1 TO 2", "^2",       "a^",  "a/b",   "+",           "a AND OR b",  ":5"}) {
    refuses_text(broken, "parse_exception", "Failed to parse query [");
  }
  const EsAnswer answer = world.ask("POST", "/3_4/_search", R"({"query":{"query_string":{"query":"value:("}}})");
  const json::value error = json::parse(answer.body).at("error");
  EXPECT_EQ(error.at("type"), "search_phase_execution_exception");
  EXPECT_EQ(error.at("root_cause").at(0).at("type"), "query_shard_exception");
  EXPECT_EQ(error.at("root_cause").at(0).at("reason"), "Failed to parse query [value:(]");
  EXPECT_EQ(error.at("failed_shards").at(0).at("reason").at("caused_by").at("type"), "parse_exception");
}

TEST_F(QueryText, RefusesByName) {
  refuses_text("value:opne~", "illegal_argument_exception", "fuzzy");
  refuses_text("value:\"a b\"~2", "illegal_argument_exception", "fuzzy");
  refuses_text("value:/a.*/", "illegal_argument_exception", "regular expressions");
  refuses(R"({"query_string":{"query":"a","analyzer":"english"}})", "illegal_argument_exception", "[analyzer]");
  refuses(R"({"query_string":{"query":"a","type":"cross_fields"}})", "illegal_argument_exception", "cross_fields");
  refuses(R"({"query_string":{"query":"a","more":1}})", "parsing_exception",
          "[query_string] query does not support [more]");
  refuses(R"({"query_string":{}})", "parsing_exception", "must be provided with a [query]");
  refuses(R"({"query_string":{"query":"value:warm","lenient":false}})", "number_format_exception", "warm");
  refuses(R"({"query_string":{"query":"value:w*","lenient":false}})", "query_shard_exception",
          "Can only use prefix queries");
  refuses(R"({"simple_query_string":{"query":"opne~1"}})", "illegal_argument_exception", "fuzzy");
  refuses(R"({"match_phrase":{"value":{"query":"a","slop":1}}})", "illegal_argument_exception", "[slop]");
  refuses(R"({"match":{"value":{"query":"a","fuzziness":"AUTO"}}})", "illegal_argument_exception", "[fuzziness]");
  refuses(R"({"multi_match":{"query":"a","type":"cross_fields"}})", "illegal_argument_exception", "cross_fields");
  for (const char* name : {"regexp", "fuzzy", "match_phrase_prefix", "script_score", "function_score", "has_child"}) {
    refuses(std::string(R"({")") + name + R"(":{}})", "parsing_exception", std::string("[") + name + "] query is not");
  }
}

TEST_F(QueryText, BoundsHostileTexts) {
  refuses_text(std::string(QueryTextOptions::bytes_max + 1, 'a'), "illegal_argument_exception", "max allowed length");
  EXPECT_EQ(text(std::string(QueryTextOptions::bytes_max, 'a')), 0);
  const std::string deep(QueryTextOptions::depth_max, '(');
  EXPECT_EQ(text(deep + "value:1" + std::string(deep.size(), ')'), "3_4"), 1);
  refuses_text("(" + deep + "value:1" + std::string(deep.size() + 1, ')'), "illegal_argument_exception", "64 deep");
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += "a OR ";
  refuses_text(many + "a", "too_many_nested_clauses", "maxClauseCount");
  refuses(R"({"simple_query_string":{"query":")" + std::string(66, '(') + "a" + std::string(66, ')') + R"("}})",
          "illegal_argument_exception", "64 deep");
}

TEST_F(QueryText, ScoresTheBestFieldAndMultipliesBoosts) {
  const auto score = [&](const std::string& query) {
    return search(world, R"({"size":1,"query":)" + query + "}", "/3_4/_search")
        .at("hits")
        .at("hits")
        .at(0)
        .at("_score")
        .to_number<double>();
  };
  EXPECT_EQ(score(R"({"query_string":{"query":"value:7^3"}})"), 3);
  EXPECT_EQ(score(R"({"query_string":{"query":"4","fields":["sensor_id^2","value"]}})"), 2);
  EXPECT_EQ(score(R"({"query_string":{"query":"(value:7 sensor_id:4)^2","boost":2}})"), 8);
  EXPECT_EQ(score(R"({"dis_max":{"queries":[{"term":{"value":{"value":7,"boost":3}}},{"match_all":{}}]}})"), 3);
  EXPECT_EQ(
      score(R"({"boosting":{"positive":{"term":{"value":7}},"negative":{"match_all":{}},"negative_boost":0.25}})"),
      0.25);
  refuses(R"({"dis_max":{"queries":[{"bool":{"must":[{"match_all":{}},{"term":{"value":7}}]}}]}})",
          "illegal_argument_exception", "[dis_max] of clauses");
}

TEST_F(QueryText, TakesTheSimplerLanguage) {
  EXPECT_EQ(simple("open", "3_6"), 1);
  EXPECT_EQ(simple("open | closed", "3_6"), 2);
  EXPECT_EQ(simple("open closed", "3_6"), 2);
  EXPECT_EQ(simple("open + closed", "3_6"), 0);
  EXPECT_EQ(simple("-open", "3_6"), 2);
  EXPECT_EQ(simple("half*", "3_6"), 1);
  EXPECT_EQ(simple("\"half open\"", "3_6"), 1);
  EXPECT_EQ(simple("quick + (fox | dog)", "8_9", R"(,"fields":["value"])"), 2);
  EXPECT_EQ(simple("quick fox", "8_9", R"(,"fields":["value"],"default_operator":"and")"), 1);
  EXPECT_EQ(simple("*"), 25);
  for (const char* odd : {"", "(", ")", "\"", "+", "|", "-", "()", "a\\", "\"\"", "((a)", "a | ", "\\"}) {
    EXPECT_GE(simple(odd), 0) << odd;
  }
}

TEST_F(QueryText, MatchesTextsAsTheyWereTyped) {
  EXPECT_EQ(count(R"({"match_phrase":{"value":"quick brown"}})", "8_9"), 1);
  EXPECT_EQ(count(R"({"match_phrase":{"value":{"query":"half open","slop":0}}})", "3_6"), 1);
  EXPECT_EQ(count(R"({"match":{"value":{"query":"quick fox","operator":"and"}}})", "8_9"), 1);
  EXPECT_EQ(count(R"({"match":{"value":{"query":"?!","zero_terms_query":"all"}}})", "8_9"), 2);
  EXPECT_EQ(count(R"({"match":{"value":"?!"}})", "8_9"), 0);
  EXPECT_EQ(count(R"({"match":{"value":{"query":"warm","lenient":true}}})", "3_4"), 0);
  EXPECT_EQ(count(R"({"multi_match":{"query":"4"}})"), 10);
  EXPECT_EQ(count(R"({"multi_match":{"query":"quick brown","type":"phrase","fields":["val*"]}})", "8_9"), 1);
  EXPECT_EQ(count(R"({"dis_max":{"queries":[{"term":{"value":1}},{"term":{"value":2}}]}})", "3_4"), 2);
  EXPECT_EQ(count(R"({"nested":{"path":"a","query":{"match_all":{}},"ignore_unmapped":true}})"), 0);
  refuses(R"({"nested":{"path":"a","query":{"match_all":{}}}})", "query_shard_exception",
          "[nested] failed to find nested object under path [a]");
  EXPECT_EQ(count(R"({"bool":{"filter":{"term":{"value":1}},"must_not":{"term":{"value":2}}}})", "3_4"), 1);
}

TEST_F(QueryText, TakesQueriesFromTheUrl) {
  const auto asked = [&](const char* path, std::vector<std::pair<std::string, std::string>> parameters) {
    const EsAnswer answer = world.ask("GET", path, "", std::move(parameters));
    EXPECT_EQ(answer.status, 200u) << answer.body;
    return json::parse(answer.body);
  };
  EXPECT_EQ(asked("/3_4/_count", {{"q", "value:>5"}}).at("count"), 4);
  EXPECT_EQ(asked("/3_4/_search", {{"q", "value:>5"}}).at("hits").at("total").at("value"), 4);
  EXPECT_EQ(asked("/3_6/_count", {{"q", "open"}, {"df", "value"}}).at("count"), 1);
  EXPECT_EQ(
      asked("/8_9/_count", {{"q", "quick fox"}, {"default_operator", "AND"}, {"analyze_wildcard", "true"}}).at("count"),
      1);
  EXPECT_EQ(asked("/3_4/_count", {{"q", "value:warm"}, {"lenient", "true"}}).at("count"), 0);
  EXPECT_EQ(world.ask("GET", "/3_4/_count", "", {{"q", "value:("}}).status, 400u);
}

TEST_F(QueryText, LexesEveryPrefixOfATextWithoutHarm) {
  const std::string whole = "+a:[b TO \"c\\u0041\"} AND !(d* || e?f^2.5 \\* -\"g h\"~1 /i\\//)\xE3\x80\x80j";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string part = whole.substr(0, size);
    QueryTextLexer lexer(part);
    std::size_t tokens = 0;
    while (true) {
      const auto token = lexer.next();
      if (!token || token->kind == QueryTextToken::Kind::end) break;
      ASSERT_LT(++tokens, 100u);
    }
  }
}

}  // namespace
}  // namespace iot::query
