#include "query/testing/request_generator.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace iot::query {

std::vector<Reading> random_readings(std::uint64_t seed, int count) {
  constexpr std::int64_t start_ms = 1'526'717'960'000;
  std::mt19937_64 random(seed);
  const auto number = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  std::set<std::tuple<std::int64_t, std::int64_t, double, std::string>> seen;
  std::vector<Reading> readings;
  for (int i = 0; i < count; ++i) {
    Reading r;
    r.sensor = number(4, 6);
    // Half of them lie on whole milliseconds, and some share a time.
    r.time_ns = (start_ms + number(0, 300'000)) * 1'000'000 + (number(0, 1) ? number(0, 999'999) : 0);
    if (i % 9 == 0) r.time_ns = (start_ms + 1'000 * (i % 5)) * 1'000'000;
    r.number = r.sensor == 4 ? static_cast<double>(number(-80, 80)) / 4 : static_cast<double>(number(-20, 20));
    if (r.sensor == 6) {
      r.text = std::string(1, static_cast<char>('a' + number(0, 5))) + std::to_string(number(0, 3));
      r.number = 0;
    }
    if (seen.emplace(r.sensor, r.time_ns, r.number, r.text).second) readings.push_back(std::move(r));
  }
  return readings;
}

Readings matching(const std::vector<Reading>& readings, const RandomQuery& query,
                  const std::set<std::int64_t>& sensors) {
  Readings found;
  for (const Reading& r : readings) {
    if (sensors.contains(r.sensor) && query.matches(r)) found.push_back(&r);
  }
  return found;
}

RandomQuery RequestGenerator::query(int depth, bool numeric) {
  switch (number(0, depth > 0 ? 8 : 6)) {
    case 0:
      return {R"({"match_all":{}})", [](const Reading&) { return true; }};
    case 1:
      return time_range();
    case 2:
      return numeric ? value_range() : text_range();
    case 3: {
      const std::int64_t sensor = number(4, 7);
      return {R"({"term":{"sensor_id":")" + std::to_string(sensor) + "\"}}",
              [=](const Reading& r) { return r.sensor == sensor; }};
    }
    case 4:
      return numeric ? values() : texts();
    case 5:
      return {R"({"exists":{"field":"value"}})", [](const Reading&) { return true; }};
    case 6:
      return time_range();
    default:
      return boolean(depth, numeric);
  }
}

std::string RequestGenerator::clause(const std::vector<RandomQuery>& queries) {
  if (queries.size() == 1 && chance(50)) return queries[0].body;
  std::string text;
  for (const RandomQuery& one : queries) text += (text.empty() ? "" : ",") + one.body;
  return "[" + text + "]";
}

RandomQuery RequestGenerator::boolean(int depth, bool numeric) {
  std::map<std::string, std::vector<RandomQuery>> parts;
  for (const char* name : {"must", "filter", "should", "must_not"}) {
    const std::int64_t count = chance(45) ? number(1, 3) : 0;
    for (std::int64_t i = 0; i < count; ++i) parts[name].push_back(query(depth - 1, numeric));
  }
  std::string body;
  for (const auto& [name, queries] : parts) body += (body.empty() ? "\"" : ",\"") + name + "\":" + clause(queries);
  std::int64_t least = parts["must"].empty() && parts["filter"].empty() ? 1 : 0;
  const auto should_count = static_cast<std::int64_t>(parts["should"].size());
  if (should_count > 0 && chance(40)) {
    const std::int64_t asked = number(0, 3);
    body += ",\"minimum_should_match\":" + std::to_string(asked);
    least = std::max(least, asked);
  }
  if (should_count == 0) least = 0;
  return {R"({"bool":{)" + body + "}}", [parts, least](const Reading& r) {
            for (const char* name : {"must", "filter"}) {
              if (const auto found = parts.find(name); found != parts.end()) {
                for (const RandomQuery& one : found->second) {
                  if (!one.matches(r)) return false;
                }
              }
            }
            if (const auto found = parts.find("must_not"); found != parts.end()) {
              for (const RandomQuery& one : found->second) {
                if (one.matches(r)) return false;
              }
            }
            std::int64_t matching = 0;
            for (const RandomQuery& one : parts.at("should")) matching += one.matches(r) ? 1 : 0;
            return matching >= least;
          }};
}

const Reading& RequestGenerator::any() {
  return readings_[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(readings_.size()) - 1))];
}

RandomQuery RequestGenerator::time_range() {
  const std::int64_t a = any().time_ms() + number(-2, 2);
  const std::int64_t b = a + number(-1'000, 120'000);
  const bool low_in = chance(50), high_in = chance(50), has_low = chance(80), has_high = chance(80);
  std::string body;
  if (has_low) body += std::string(low_in ? "\"gte\":" : "\"gt\":") + std::to_string(a);
  if (has_high) body += (body.empty() ? "" : ",") + std::string(high_in ? "\"lte\":" : "\"lt\":") + std::to_string(b);
  body += std::string(body.empty() ? "" : ",") + R"("format":"epoch_millis")";
  return {R"({"range":{"timestamp":{)" + body + "}}}", [=](const Reading& r) {
            // A bound of a millisecond means all of it.
            if (has_low && (low_in ? r.time_ms() < a : r.time_ms() <= a)) return false;
            return !has_high || (high_in ? r.time_ms() <= b : r.time_ms() < b);
          }};
}

RandomQuery RequestGenerator::value_range() {
  const double a = static_cast<double>(number(-120, 120)) / 4;
  const double b = a + static_cast<double>(number(-4, 80)) / 4;
  const bool low_in = chance(50), high_in = chance(50);
  return {R"({"range":{"value":{")" + std::string(low_in ? "gte" : "gt") + "\":" + json::serialize(json::value(a)) +
              ",\"" + (high_in ? "lte" : "lt") + "\":" + json::serialize(json::value(b)) + "}}}",
          [=](const Reading& r) {
            return (low_in ? r.number >= a : r.number > a) && (high_in ? r.number <= b : r.number < b);
          }};
}

RandomQuery RequestGenerator::values() {
  std::set<double> wanted;
  std::string list;
  for (std::int64_t i = number(1, 4); i > 0; --i) {
    const double value = chance(70) ? any().number : static_cast<double>(number(-100, 100)) / 4;
    wanted.insert(value);
    list += (list.empty() ? "" : ",") + json::serialize(json::value(value));
  }
  return {R"({"terms":{"value":[)" + list + "]}}", [=](const Reading& r) { return wanted.contains(r.number); }};
}

RandomQuery RequestGenerator::text_range() {
  const std::string low(1, static_cast<char>('a' + number(0, 4)));
  return {R"({"range":{"value":{"gte":")" + low + R"("}}})", [=](const Reading& r) { return r.text >= low; }};
}

RandomQuery RequestGenerator::texts() {
  const std::string wanted = any().text;
  if (wanted.empty() || chance(50))
    return {R"({"prefix":{"value":"b"}})", [](const Reading& r) { return r.text.starts_with("b"); }};
  return {R"({"term":{"value":")" + wanted + "\"}}", [=](const Reading& r) { return r.text == wanted; }};
}

}  // namespace iot::query
