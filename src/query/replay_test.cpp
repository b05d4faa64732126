// Elasticsearch's own answers over the real series, replayed: same form, order of members, errors and numbers.
//
// Those answers come from one index "readings" whose device and sensor are names. Here they are numbers, given in the
// order of the names; the test renames them in the request and back in the answer.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <zlib.h>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

const std::filesystem::path shared = std::filesystem::path(IOT_SOURCE_DIR) / ".." / "shared";

std::string unzipped(const std::filesystem::path& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (!file) return text;
  char buffer[65536];
  for (int got = gzread(file, buffer, sizeof buffer); got > 0; got = gzread(file, buffer, sizeof buffer)) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

class Replay : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new QueryWorld;
    world_->limits.buckets_max = 65'536;
    const std::string csv = unzipped(shared / "data" / "real-series.csv.gz");
    std::set<std::string> lines;
    std::size_t at = csv.find('\n') + 1;
    while (at < csv.size()) {
      const std::size_t end = csv.find('\n', at);
      const std::string line = csv.substr(at, end - at);
      at = end + 1;
      const auto first = line.find(',');
      const auto second = line.find(',', first + 1);
      const std::string name = line.substr(0, first);
      const auto [found, is_new] = sensors_.try_emplace(name, static_cast<std::int64_t>(sensors_.size()) + 1);
      if (is_new) world_->add_sensor(found->second, found->second + 1000, model::MappingType::double_precision);
      // Elasticsearch kept a line that comes twice twice; here the same reading is stored once.
      if (!lines.insert(line).second) ++repeated_;
      world_->add(found->second + 1000, std::stoll(line.substr(first + 1, second - first - 1)) * 1'000'000'000,
                  std::stod(line.substr(second + 1)));
    }
    world_->store.seal();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  void SetUp() override {
    if (!std::filesystem::exists(answers_)) GTEST_SKIP() << "no recorded answers at " << answers_;
  }

  static json::value recorded(const std::string& name) {
    std::ifstream file(answers_ / (name + ".json"));
    return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  }

  /// A request as Python's json.dumps wrote it, with a blank after ':' and ',': errors name columns.
  static std::string dumped(const json::value& value) {
    if (const auto* object = value.if_object()) {
      std::string text = "{";
      for (const auto& [key, member] : *object) {
        if (text.size() > 1) text += ", ";
        text += json::serialize(json::string(key)) + ": " + dumped(member);
      }
      return text + "}";
    }
    if (const auto* array = value.if_array()) {
      std::string text = "[";
      for (const json::value& item : *array) text += (text.size() > 1 ? ", " : "") + dumped(item);
      return text + "]";
    }
    return json::serialize(value);
  }

  static std::string sensor_name(const std::string& id) {
    for (const auto& [name, number] : sensors_) {
      if (std::to_string(number + 1000) == id) return name.substr(name.find('/') + 1);
    }
    return id;
  }

  /// Sensor names of a request become numbers, at any depth.
  static json::value numbered(const json::value& value) {
    json::value out = value;
    if (auto* object = out.if_object()) {
      for (auto& member : *object) member.value() = numbered(member.value());
    } else if (auto* array = out.if_array()) {
      for (json::value& item : *array) item = numbered(item);
    } else if (const auto* text = out.if_string()) {
      for (const auto& [name, number] : sensors_) {
        if (name.substr(name.find('/') + 1) == std::string_view(*text)) out = std::to_string(number + 1000);
      }
    }
    return out;
  }

  /// What differs by nature is made the same: time taken, shards, ids, names of index and node.
  static json::value plain(const json::value& value, bool ours) {
    json::value out = value;
    if (auto* object = out.if_object()) {
      for (const char* name : {"took", "_shards", "_id", "_index", "index", "node", "device_id"}) {
        if (object->contains(name)) (*object)[name] = nullptr;
      }
      for (auto& member : *object) {
        if (ours && (member.key() == "sensor_id" || member.key() == "key") && member.value().is_string()) {
          member.value() = json::string(sensor_name(std::string(member.value().get_string())));
        } else {
          member.value() = plain(member.value(), ours);
        }
      }
    } else if (auto* array = out.if_array()) {
      for (json::value& item : *array) item = plain(item, ours);
    }
    return out;
  }

  static void same_order(const json::value& ours, const json::value& theirs, const std::string& where) {
    if (ours.is_object() && theirs.is_object()) {
      std::string ours_names, their_names;
      for (const auto& member : ours.get_object()) ours_names += std::string(member.key()) + " ";
      for (const auto& member : theirs.get_object()) their_names += std::string(member.key()) + " ";
      ASSERT_EQ(ours_names, their_names) << where;
      for (const auto& member : ours.get_object()) {
        same_order(member.value(), theirs.get_object().at(member.key()), where + "." + std::string(member.key()));
      }
    } else if (ours.is_array() && theirs.is_array()) {
      for (std::size_t i = 0; i < std::min(ours.get_array().size(), theirs.get_array().size()); ++i) {
        same_order(ours.get_array()[i], theirs.get_array()[i], where + "[" + std::to_string(i) + "]");
      }
    }
  }

  /// OpenSearch's answers, where Elasticsearch's server as published lacks what is asked for.
  void replay_opensearch(const std::string& name) {
    const auto file_name = shared / "engines" / "answers" / "opensearch-3.6.0" / (name + ".json");
    std::ifstream file(file_name);
    json::value record = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    record.at("answer").as_object().stable_erase("terminated_early");
    replay(name, record);
  }

  void replay(const std::string& name, bool ordered = true) { replay(name, recorded(name), ordered); }

  void replay(const std::string& name, const json::value& record, bool ordered = true) {
    const json::value& request = record.at("request");
    std::string body = request.is_string() ? std::string(request.get_string()) : dumped(request);
    if (request.is_object() && record.at("status") == 200) body = dumped(numbered(request));
    const EsAnswer answer = world_->ask("POST", "/_search", body);
    EXPECT_EQ(answer.status, record.at("status").to_number<unsigned>()) << answer.body;
    const json::value ours = plain(json::parse(answer.body), true);
    json::value theirs = plain(record.at("answer"), false);
    if (name == "03-terms-stats" || name == "14-top-hits") {
      // None of the sensors that are shown has a repeated reading, so all of them are among the others.
      json::value& others = theirs.at("aggregations").at("s").at("sum_other_doc_count");
      others = others.get_int64() - repeated_;
    }
    EXPECT_TRUE(nearly_equal(ours, theirs)) << name << "\nours   " << json::serialize(ours).substr(0, 3000)
                                            << "\ntheirs " << json::serialize(theirs).substr(0, 3000);
    if (ordered) same_order(ours, theirs, name);
  }

  static inline QueryWorld* world_ = nullptr;
  static inline std::int64_t repeated_ = 0;
  static inline std::map<std::string, std::int64_t> sensors_;
  static inline const std::filesystem::path answers_ = shared / "engines" / "answers" / "elasticsearch-8.19.21";
};

TEST_F(Replay, SortedByTime) {
  replay("01-sorted-desc");
}
TEST_F(Replay, HourlyAveragesExtremaAndPercentiles) {
  replay("02-range-date-histogram");
}
TEST_F(Replay, TermsWithStats) {
  replay("03-terms-stats");
}
TEST_F(Replay, MonthsInBerlin) {
  replay("04-calendar-month-berlin");
}
TEST_F(Replay, ExtendedBounds) {
  replay("05-extended-bounds");
}
TEST_F(Replay, DerivativeCumulativeSumAndMovingFunction) {
  replay_opensearch("06-derivative-cumulative-moving");
}
TEST_F(Replay, BucketScript) {
  replay_opensearch("07-bucket-script");
}
TEST_F(Replay, UnknownQuery) {
  replay("10-error-unknown-query");
}
TEST_F(Replay, BadJson) {
  replay("11-error-bad-json");
}
TEST_F(Replay, BadDate) {
  replay("12-error-bad-date");
}
TEST_F(Replay, BadInterval) {
  replay("13-error-agg-on-missing-type");
}
TEST_F(Replay, TooManyBuckets) {
  replay("16-error-too-many-buckets");
}

TEST_F(Replay, TopHits) {
  replay("14-top-hits");
}

TEST_F(Replay, Cardinality) {
  const json::value record = recorded("09-cardinality");
  const json::value ours = search(*world_, dumped(record.at("request"))).at("aggregations");
  const json::value& theirs = record.at("answer").at("aggregations");
  same_order(ours, theirs, "cardinality");
  EXPECT_EQ(ours.at("c"), theirs.at("c"));
  // Both estimate how many values there are, with errors of about half a percent.
  const double values = theirs.at("v").at("value").to_number<double>();
  EXPECT_NEAR(ours.at("v").at("value").to_number<double>(), values, values * 0.02);
}

TEST_F(Replay, SearchAfterWithDocvalueFields) {
  // Of one search over 47 indices Elasticsearch's order among equal times is its own: the times are compared.
  const json::value record = recorded("17-search-after-nanos");
  const json::value ours = search(*world_, dumped(record.at("request")));
  const auto& hits = ours.at("hits").at("hits").get_array();
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits[0].at("sort"), json::value(json::array{"2014-01-01T00:05:00.000Z"}));
  EXPECT_EQ(hits[0].at("fields").at("timestamp"), json::value(json::array{"2014-01-01T00:05:00.000Z"}));
  EXPECT_FALSE(hits[0].get_object().contains("_source"));
}

TEST_F(Replay, QueryString) {
  const json::value record = recorded("08-query-string");
  std::string id;
  for (const auto& [name, number] : sensors_) {
    if (name.find("/machine") != std::string::npos) id = std::to_string(number + 1000);
  }
  std::string body = dumped(record.at("request"));
  body.replace(body.find("machine*"), 8, id + "*");
  const json::value ours = plain(json::parse(world_->ask("POST", "/_search", body).body), true);
  EXPECT_TRUE(nearly_equal(ours, plain(record.at("answer"), false))) << json::serialize(ours);
  same_order(ours, plain(record.at("answer"), false), "query_string");
}

TEST_F(Replay, FieldCaps) {
  const json::value ours = json::parse(world_->ask("GET", "/1_1001/_field_caps", "", {{"fields", "*"}}).body);
  EXPECT_EQ(ours.at("fields"), recorded("27-field-caps").at("answer").at("fields"));
}

TEST_F(Replay, Count) {
  const json::value ours = json::parse(world_->ask("GET", "/_count").body);
  EXPECT_EQ(ours.at("count").to_number<std::int64_t>(), 321'206 - repeated_);
  same_order(ours, recorded("21-count").at("answer"), "count");
}

TEST_F(Replay, CatIndices) {
  const json::value ours = json::parse(world_->ask("GET", "/_cat/indices", "", {{"format", "json"}}).body);
  ASSERT_EQ(ours.get_array().size(), 47u);
  same_order(ours, recorded("22-cat-indices").at("answer"), "cat");
}

TEST_F(Replay, ClusterHealth) {
  same_order(json::parse(world_->ask("GET", "/_cluster/health").body), recorded("23-cluster-health").at("answer"),
             "health");
}

TEST_F(Replay, Mapping) {
  const json::value ours = json::parse(world_->ask("GET", "/1_1001/_mapping").body);
  EXPECT_EQ(ours.at("1_1001"), recorded("24-mapping").at("answer").at("readings"));
  same_order(ours.at("1_1001"), recorded("24-mapping").at("answer").at("readings"), "mapping");
}

TEST_F(Replay, NoSuchIndex) {
  const EsAnswer answer = world_->ask("GET", "/nosuch/_search");
  EXPECT_EQ(answer.status, 404u);
  EXPECT_EQ(answer.body, json::serialize(recorded("25-error-no-index").at("answer")));
}

TEST_F(Replay, WrongMethod) {
  const EsAnswer answer = world_->ask("PUT", "/readings/_count");
  EXPECT_EQ(answer.status, 405u);
  EXPECT_EQ(answer.body, json::serialize(recorded("26-error-method").at("answer")));
}

}  // namespace
}  // namespace iot::query
