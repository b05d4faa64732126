// Random requests over random readings, against plain loops over all documents written here and nowhere else; and
// against each other with runs of several sizes, with and without summaries.
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

#include "query/testing/query_answers.h"

namespace iot::query {
namespace {

namespace json = boost::json;

constexpr std::int64_t start_ms = 1'526'717'960'000;

struct Reading {
  std::int64_t sensor;
  std::int64_t time_ns;
  double number;     ///< of sensors 4 (double) and 5 (long)
  std::string text;  ///< of sensor 6 (keyword)

  std::int64_t time_ms() const { return time_ns / 1'000'000; }
};

using Readings = std::vector<const Reading*>;

struct RandomQuery {
  std::string body;
  std::function<bool(const Reading&)> matches;
};

struct RandomAggregation {
  std::string body;  ///< type, options and sub-aggregations
  std::function<json::object(const Readings&)> evaluate;
};

class Generator {
 public:
  Generator(std::uint64_t seed, const std::vector<Reading>& readings) : random_(seed), readings_(readings) {}

  std::int64_t number(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(int percent) { return number(1, 100) <= percent; }

  RandomQuery query(int depth, bool numeric) {
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

  std::string clause(const std::vector<RandomQuery>& queries) {
    if (queries.size() == 1 && chance(50)) return queries[0].body;
    std::string text;
    for (const RandomQuery& one : queries) text += (text.empty() ? "" : ",") + one.body;
    return "[" + text + "]";
  }

  RandomQuery boolean(int depth, bool numeric) {
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

  RandomAggregation aggregation(int depth) {
    switch (number(0, depth > 0 ? 11 : 4)) {
      case 0:
        return metric("avg");
      case 1:
        return metric("stats");
      case 2:
        return metric(chance(50) ? "min" : "max");
      case 3:
        return metric(chance(50) ? "sum" : "value_count");
      case 4:
        if (is_joined_) return metric("stats");
        return chance(30) ? percentiles() : further_metric();
      case 5:
        return date_histogram(depth);
      case 6:
        return histogram(depth);
      case 7:
        return range(depth);
      case 8:
        return filters(depth);
      case 9:
        return auto_date_histogram(depth);
      default:
        return terms(depth);
    }
  }

  /// Of three sources, with the page after a given one.
  RandomAggregation composite(int depth) {
    const std::int64_t seconds = number(1, 60);
    const double interval = static_cast<double>(number(1, 40)) / 4;
    std::vector<std::pair<std::string, std::function<json::value(const Reading&)>>> types;
    types.emplace_back(R"({"terms":{"field":"sensor_id")",
                       [](const Reading& r) { return json::value(std::to_string(r.sensor)); });
    types.emplace_back(R"({"date_histogram":{"field":"timestamp","fixed_interval":")" + std::to_string(seconds) + "s\"",
                       [=](const Reading& r) { return json::value(r.time_ms() / (seconds * 1000) * seconds * 1000); });
    types.emplace_back(R"({"histogram":{"field":"value","interval":)" + json::serialize(json::value(interval)),
                       [=](const Reading& r) { return json::value(std::floor(r.number / interval) * interval + 0.0); });
    std::shuffle(types.begin(), types.end(), random_);
    types.resize(static_cast<std::size_t>(number(1, 3)));
    std::vector<bool> descending;
    std::string sources;
    for (std::size_t i = 0; i < types.size(); ++i) {
      descending.push_back(chance(50));
      sources += (sources.empty() ? R"({"k)" : R"(,{"k)") + std::to_string(i) + "\":" + types[i].first +
                 (descending.back() ? R"(,"order":"desc"}}})" : "}}}");
    }
    const std::int64_t size = number(1, 30);
    const auto key_of = [types](const Reading& r) {
      json::array key;
      for (const auto& [body, value] : types) key.push_back(value(r));
      return key;
    };
    const auto before = [descending](const json::array& a, const json::array& b) {
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i]) continue;
        const bool less = a[i].is_string() ? a[i].get_string() < b[i].get_string()
                                           : a[i].to_number<double>() < b[i].to_number<double>();
        return less != descending[i];
      }
      return false;
    };
    const auto named = [](const json::array& key) {
      json::object object;
      for (std::size_t i = 0; i < key.size(); ++i) object["k" + std::to_string(i)] = key[i];
      return object;
    };
    std::string after_text;
    std::optional<json::array> after;
    if (chance(50)) {
      after = key_of(any());
      after_text = R"(,"after":)" + json::serialize(named(*after));
    }
    const Below sub = below(depth);
    return {
        R"("composite":{"size":)" + std::to_string(size) + R"(,"sources":[)" + sources + "]" + after_text + "}" +
            sub.body,
        [=](const Readings& readings) {
          std::map<json::array, Readings, std::function<bool(const json::array&, const json::array&)>> groups(before);
          for (const Reading* r : readings) {
            const json::array key = key_of(*r);
            if (!after || before(*after, key)) groups[key].push_back(r);
          }
          json::array out;
          json::object last;
          for (const auto& [key, inside] : groups) {
            if (static_cast<std::int64_t>(out.size()) == size) break;
            last = named(key);
            json::object bucket{{"key", last}, {"doc_count", static_cast<std::int64_t>(inside.size())}};
            sub.put(bucket, inside);
            out.push_back(bucket);
          }
          json::object answer;
          if (!out.empty()) answer["after_key"] = last;
          answer["buckets"] = out;
          return answer;
        }};
  }

 private:
  const Reading& any() {
    return readings_[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(readings_.size()) - 1))];
  }

  RandomQuery time_range() {
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

  RandomQuery value_range() {
    const double a = static_cast<double>(number(-120, 120)) / 4;
    const double b = a + static_cast<double>(number(-4, 80)) / 4;
    const bool low_in = chance(50), high_in = chance(50);
    return {R"({"range":{"value":{")" + std::string(low_in ? "gte" : "gt") + "\":" + json::serialize(json::value(a)) +
                ",\"" + (high_in ? "lte" : "lt") + "\":" + json::serialize(json::value(b)) + "}}}",
            [=](const Reading& r) {
              return (low_in ? r.number >= a : r.number > a) && (high_in ? r.number <= b : r.number < b);
            }};
  }

  RandomQuery values() {
    std::set<double> wanted;
    std::string list;
    for (std::int64_t i = number(1, 4); i > 0; --i) {
      const double value = chance(70) ? any().number : static_cast<double>(number(-100, 100)) / 4;
      wanted.insert(value);
      list += (list.empty() ? "" : ",") + json::serialize(json::value(value));
    }
    return {R"({"terms":{"value":[)" + list + "]}}", [=](const Reading& r) { return wanted.contains(r.number); }};
  }

  RandomQuery text_range() {
    const std::string low(1, static_cast<char>('a' + number(0, 4)));
    return {R"({"range":{"value":{"gte":")" + low + R"("}}})", [=](const Reading& r) { return r.text >= low; }};
  }

  RandomQuery texts() {
    const std::string wanted = any().text;
    if (wanted.empty() || chance(50))
      return {R"({"prefix":{"value":"b"}})", [](const Reading& r) { return r.text.starts_with("b"); }};
    return {R"({"term":{"value":")" + wanted + "\"}}", [=](const Reading& r) { return r.text == wanted; }};
  }

  RandomAggregation metric(const std::string& type) {
    return {"\"" + type + R"(":{"field":"value"})", [=](const Readings& readings) {
              double sum = 0, low = HUGE_VAL, high = -HUGE_VAL;
              for (const Reading* r : readings) {
                sum += r->number;
                low = std::min(low, r->number);
                high = std::max(high, r->number);
              }
              const bool any_there = !readings.empty();
              const auto or_null = [&](double value) { return any_there ? json::value(value) : json::value(nullptr); };
              const json::value avg = or_null(sum / static_cast<double>(readings.size()));
              const auto count = static_cast<std::int64_t>(readings.size());
              if (type == "stats")
                return json::object{
                    {"count", count}, {"min", or_null(low)}, {"max", or_null(high)}, {"avg", avg}, {"sum", sum}};
              if (type == "avg") return json::object{{"value", avg}};
              if (type == "min") return json::object{{"value", or_null(low)}};
              if (type == "max") return json::object{{"value", or_null(high)}};
              if (type == "sum") return json::object{{"value", sum}};
              return json::object{{"value", count}};
            }};
  }

  RandomAggregation percentiles() {
    return {R"("percentiles":{"field":"value","percents":[0,50,87.5],"keyed":false})", [](const Readings& readings) {
              std::vector<double> values;
              for (const Reading* r : readings) values.push_back(r->number);
              std::sort(values.begin(), values.end());
              json::array out;
              for (const double percent : {0.0, 50.0, 87.5}) {
                json::value value = nullptr;
                if (!values.empty()) {
                  const double index = percent / 100 * static_cast<double>(values.size() - 1);
                  const auto low = static_cast<std::size_t>(std::floor(index));
                  const auto high = static_cast<std::size_t>(std::ceil(index));
                  value = values[low] + (values[high] - values[low]) * (index - std::floor(index));
                }
                out.push_back(json::object{{"key", percent}, {"value", value}});
              }
              return json::object{{"values", out}};
            }};
  }

  static json::value median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
  }

  /// With as many digits of the second as it needs, and three at least.
  static std::string iso_nanos(std::int64_t time_ns) {
    std::string text = iso(time_ns / 1'000'000);
    std::string digits = std::to_string(1'000'000'000 + time_ns % 1'000'000'000).substr(1);
    while (digits.size() > 3 && digits.back() == '0') digits.pop_back();
    return text.substr(0, text.size() - 4) + digits + "Z";
  }

  RandomAggregation further_metric() {
    switch (number(0, 5)) {
      case 0:
        return {R"("extended_stats":{"field":"value","sigma":3})", [](const Readings& readings) {
                  const auto count = static_cast<double>(readings.size());
                  double sum = 0, squares = 0, low = HUGE_VAL, high = -HUGE_VAL;
                  for (const Reading* r : readings) {
                    sum += r->number;
                    squares += r->number * r->number;
                    low = std::min(low, r->number);
                    high = std::max(high, r->number);
                  }
                  const double mean = sum / count;
                  double away = 0;
                  for (const Reading* r : readings) away += (r->number - mean) * (r->number - mean);
                  const auto or_null = [&](double value) -> json::value {
                    if (count == 0) return nullptr;
                    return std::isnan(value) ? json::value("NaN") : json::value(value);
                  };
                  const double population = away / count, sampling = away / (count - 1);
                  json::object bounds;
                  for (const auto& [name, variance] : {std::pair("", population), std::pair("_population", population),
                                                       std::pair("_sampling", sampling)}) {
                    bounds["upper" + std::string(name)] = or_null(mean + 3 * std::sqrt(variance));
                    bounds["lower" + std::string(name)] = or_null(mean - 3 * std::sqrt(variance));
                  }
                  return json::object{{"count", static_cast<std::int64_t>(readings.size())},
                                      {"min", or_null(low)},
                                      {"max", or_null(high)},
                                      {"avg", or_null(mean)},
                                      {"sum", sum},
                                      {"sum_of_squares", or_null(squares)},
                                      {"variance", or_null(population)},
                                      {"variance_population", or_null(population)},
                                      {"variance_sampling", or_null(sampling)},
                                      {"std_deviation", or_null(std::sqrt(population))},
                                      {"std_deviation_population", or_null(std::sqrt(population))},
                                      {"std_deviation_sampling", or_null(std::sqrt(sampling))},
                                      {"std_deviation_bounds", bounds}};
                }};
      case 1:
        return {R"("cardinality":{"field":"value"})", [](const Readings& readings) {
                  // The numbers of a double and of a long are different values, also where they are equal.
                  std::set<std::pair<std::int64_t, double>> seen;
                  for (const Reading* r : readings) seen.emplace(r->sensor, r->number);
                  return json::object{{"value", static_cast<std::int64_t>(seen.size())}};
                }};
      case 2:
        return {R"("median_absolute_deviation":{"field":"value"})", [](const Readings& readings) {
                  if (readings.empty()) return json::object{{"value", nullptr}};
                  std::vector<double> values;
                  for (const Reading* r : readings) values.push_back(r->number);
                  const double middle = median(values).get_double();
                  for (double& value : values) value = std::abs(value - middle);
                  return json::object{{"value", median(values)}};
                }};
      case 3:
        return {R"("weighted_avg":{"value":{"field":"value"},"weight":{"field":"timestamp"}})",
                [](const Readings& readings) {
                  double sum = 0, weights = 0;
                  for (const Reading* r : readings) {
                    sum += static_cast<double>(r->time_ms()) * r->number;
                    weights += static_cast<double>(r->time_ms());
                  }
                  return json::object{{"value", weights == 0 ? json::value(nullptr) : json::value(sum / weights)}};
                }};
      case 4:
        return {
            R"("top_metrics":{"metrics":[{"field":"value"},{"field":"sensor_id"}],"sort":{"timestamp":"desc"},"size":2})",
            [](const Readings& readings) {
              Readings sorted = readings;
              // Those of one time come in the order of documents: by sensor and value.
              std::sort(sorted.begin(), sorted.end(), [](const Reading* a, const Reading* b) {
                return std::tuple(-a->time_ns, a->sensor, a->number) < std::tuple(-b->time_ns, b->sensor, b->number);
              });
              json::array top;
              for (std::size_t i = 0; i < std::min<std::size_t>(2, sorted.size()); ++i) {
                const Reading& r = *sorted[i];
                const json::value value =
                    r.sensor == 5 ? json::value(static_cast<std::int64_t>(r.number)) : json::value(r.number);
                top.push_back(
                    json::object{{"sort", json::array{json::value(iso_nanos(r.time_ns))}},
                                 {"metrics", json::object{{"value", value}, {"sensor_id", std::to_string(r.sensor)}}}});
              }
              return json::object{{"top", top}};
            }};
      default:
        return {R"("percentile_ranks":{"field":"value","values":[-3.1,0.3,11.1],"keyed":false})",
                [](const Readings& readings) {
                  // No reading has these values: half of the one before, and on to the next in a line.
                  std::vector<double> values;
                  for (const Reading* r : readings) values.push_back(r->number);
                  std::sort(values.begin(), values.end());
                  const auto count = static_cast<double>(values.size());
                  json::array out;
                  for (const double asked : {-3.1, 0.3, 11.1}) {
                    const auto next = std::lower_bound(values.begin(), values.end(), asked);
                    json::value rank = nullptr;
                    if (!values.empty() && next == values.begin()) {
                      rank = 0.0;
                    } else if (!values.empty() && next == values.end()) {
                      rank = 100.0;
                    } else if (!values.empty()) {
                      const double before = *std::prev(next);
                      const double place =
                          static_cast<double>(next - values.begin()) - 0.5 + (asked - before) / (*next - before);
                      rank = place / count * 100;
                    }
                    out.push_back(json::object{{"key", asked}, {"value", rank}});
                  }
                  return json::object{{"values", out}};
                }};
    }
  }

  /// Sub-aggregations as text, and their evaluation into a bucket.
  struct Below {
    std::string body;
    std::vector<std::pair<std::string, RandomAggregation>> parts;
    void put(json::object& bucket, const Readings& readings) const {
      for (const auto& [name, part] : parts) bucket[name] = part.evaluate(readings);
    }
  };
  Below below(int depth) {
    Below result;
    for (std::int64_t i = number(0, 2); i > 0; --i) {
      const std::string name = "s" + std::to_string(i);
      result.parts.emplace_back(name, aggregation(depth - 1));
      result.body += (result.body.empty() ? "" : ",") + ("\"" + name + "\":{" + result.parts.back().second.body + "}");
    }
    if (!result.parts.empty()) result.body = R"(,"aggs":{)" + result.body + "}";
    return result;
  }

  static std::string iso(std::int64_t ms) {
    const std::int64_t s = ms / 1000;
    const std::time_t time = s;
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[96];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(ms % 1000 & 1023));
    return text;
  }

  RandomAggregation date_histogram(int depth) {
    const std::int64_t interval = number(1, 60) * 1000;
    const std::int64_t least = number(0, 2);
    const Below sub = below(depth);
    return {R"("date_histogram":{"field":"timestamp","fixed_interval":")" + std::to_string(interval / 1000) +
                R"(s","min_doc_count":)" + std::to_string(least) + "}" + sub.body,
            [=](const Readings& readings) {
              std::map<std::int64_t, Readings> buckets;
              for (const Reading* r : readings) buckets[r->time_ms() / interval * interval].push_back(r);
              if (least == 0 && !buckets.empty()) {
                for (std::int64_t key = buckets.begin()->first; key < buckets.rbegin()->first; key += interval)
                  buckets[key];
              }
              json::array out;
              for (const auto& [key, inside] : buckets) {
                if (static_cast<std::int64_t>(inside.size()) < least) continue;
                json::object bucket{
                    {"key_as_string", iso(key)}, {"key", key}, {"doc_count", static_cast<std::int64_t>(inside.size())}};
                sub.put(bucket, inside);
                out.push_back(bucket);
              }
              return json::object{{"buckets", out}};
            }};
  }

  RandomAggregation histogram(int depth) {
    const double interval = static_cast<double>(number(1, 40)) / 4;
    const double offset = static_cast<double>(number(0, 3)) / 8;
    const Below sub = below(depth);
    return {R"("histogram":{"field":"value","interval":)" + json::serialize(json::value(interval)) + R"(,"offset":)" +
                json::serialize(json::value(offset)) + R"(,"min_doc_count":1})" + sub.body,
            [=](const Readings& readings) {
              std::map<std::int64_t, Readings> buckets;
              for (const Reading* r : readings)
                buckets[static_cast<std::int64_t>(std::floor((r->number - offset) / interval))].push_back(r);
              json::array out;
              for (const auto& [index, inside] : buckets) {
                json::object bucket{{"key", static_cast<double>(index) * interval + offset},
                                    {"doc_count", static_cast<std::int64_t>(inside.size())}};
                sub.put(bucket, inside);
                out.push_back(bucket);
              }
              return json::object{{"buckets", out}};
            }};
  }

  RandomAggregation range(int depth) {
    std::vector<std::pair<double, double>> ranges;
    std::string list;
    for (std::int64_t i = number(1, 4); i > 0; --i) {
      const double from = chance(80) ? static_cast<double>(number(-80, 80)) / 4 : -HUGE_VAL;
      const double to = chance(80) ? static_cast<double>(number(-80, 80)) / 4 : HUGE_VAL;
      ranges.emplace_back(from, to);
      const std::string low = std::isinf(from) ? "" : R"("from":)" + json::serialize(json::value(from));
      const std::string high = std::isinf(to) ? "" : R"("to":)" + json::serialize(json::value(to));
      list += (list.empty() ? "{" : ",{") + low + (low.empty() || high.empty() ? "" : ",") + high + "}";
    }
    std::stable_sort(ranges.begin(), ranges.end());
    const Below sub = below(depth);
    return {R"("range":{"field":"value","ranges":[)" + list + "]}" + sub.body, [=](const Readings& readings) {
              json::array out;
              for (const auto& [from, to] : ranges) {
                Readings inside;
                for (const Reading* r : readings) {
                  if (r->number >= from && r->number < to) inside.push_back(r);
                }
                char key[64];
                const auto text = [](double bound) {
                  if (std::isinf(bound)) return std::string("*");
                  std::string digits = std::to_string(bound);
                  while (digits.ends_with('0') && !digits.ends_with(".0")) digits.pop_back();
                  return digits;
                };
                std::snprintf(key, sizeof key, "%s-%s", text(from).c_str(), text(to).c_str());
                json::object bucket{{"key", key}, {"doc_count", static_cast<std::int64_t>(inside.size())}};
                if (!std::isinf(from)) bucket["from"] = from;
                if (!std::isinf(to)) bucket["to"] = to;
                sub.put(bucket, inside);
                out.push_back(bucket);
              }
              return json::object{{"buckets", out}};
            }};
  }

  RandomAggregation filters(int depth) {
    std::vector<RandomQuery> queries;
    std::string list;
    for (std::int64_t i = number(1, 3); i > 0; --i) {
      queries.push_back(query(1, true));
      list += (list.empty() ? "" : ",") + queries.back().body;
    }
    const bool other = chance(50);
    const Below sub = below(depth);
    return {R"("filters":{"filters":[)" + list + "]" + (other ? R"(,"other_bucket":true})" : "}") + sub.body,
            [=](const Readings& readings) {
              std::vector<Readings> parts(queries.size() + 1);
              for (const Reading* r : readings) {
                bool any_matches = false;
                for (std::size_t i = 0; i < queries.size(); ++i) {
                  if (!queries[i].matches(*r)) continue;
                  parts[i].push_back(r);
                  any_matches = true;
                }
                if (!any_matches) parts.back().push_back(r);
              }
              if (!other) parts.pop_back();
              json::array out;
              for (const Readings& part : parts) {
                json::object bucket{{"doc_count", static_cast<std::int64_t>(part.size())}};
                sub.put(bucket, part);
                out.push_back(bucket);
              }
              return json::object{{"buckets", out}};
            }};
  }

  /// All within minutes, so seconds, minutes and hours are what can come.
  RandomAggregation auto_date_histogram(int depth) {
    const auto wanted = static_cast<std::size_t>(number(1, 40));
    const bool was_joined = std::exchange(is_joined_, true);
    const Below sub = below(depth);
    is_joined_ = was_joined;
    return {R"("auto_date_histogram":{"field":"timestamp","buckets":)" + std::to_string(wanted) + "}" + sub.body,
            [=](const Readings& readings) {
              struct Unit {
                const char* letter;
                std::int64_t ms;
                std::vector<std::size_t> multiples;
              };
              const std::vector<Unit> units{
                  {"s", 1'000, {1, 5, 10, 30}}, {"m", 60'000, {1, 5, 10, 30}}, {"h", 3'600'000, {1, 3, 12}}};
              for (const Unit& unit : units) {
                std::map<std::int64_t, Readings> keys;
                for (const Reading* r : readings) keys[r->time_ms() / unit.ms * unit.ms].push_back(r);
                if (!keys.empty()) {
                  for (std::int64_t key = keys.begin()->first; key < keys.rbegin()->first; key += unit.ms) keys[key];
                }
                if (keys.size() > wanted * unit.multiples.back()) continue;
                std::size_t multiple = 1;
                if (keys.size() > wanted) {
                  for (const std::size_t width : unit.multiples) {
                    if (multiple == 1 && (keys.size() + width - 1) / width <= wanted) multiple = width;
                  }
                }
                json::array out;
                for (auto next = keys.begin(); next != keys.end();) {
                  const std::int64_t key = next->first;
                  Readings inside;
                  for (std::size_t i = 0; i < multiple && next != keys.end(); ++i, ++next) {
                    inside.insert(inside.end(), next->second.begin(), next->second.end());
                  }
                  json::object bucket{{"key_as_string", iso(key)},
                                      {"key", key},
                                      {"doc_count", static_cast<std::int64_t>(inside.size())}};
                  sub.put(bucket, inside);
                  out.push_back(bucket);
                }
                return json::object{{"buckets", out}, {"interval", std::to_string(multiple) + unit.letter}};
              }
              return json::object{};
            }};
  }

  RandomAggregation terms(int depth) {
    const std::int64_t size = number(1, 5);
    const bool by_key = chance(40);
    const Below sub = below(depth);
    return {
        R"("terms":{"field":"sensor_id","size":)" + std::to_string(size) +
            (by_key ? R"(,"order":{"_key":"desc"})" : "") + "}" + sub.body,
        [=](const Readings& readings) {
          std::map<std::string, Readings> groups;
          for (const Reading* r : readings) groups[std::to_string(r->sensor)].push_back(r);
          std::vector<std::pair<std::string, Readings>> sorted(groups.begin(), groups.end());
          std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
            return by_key ? a.first > b.first : a.second.size() > b.second.size();
          });
          json::array out;
          std::int64_t others = 0;
          for (const auto& [key, inside] : sorted) {
            if (static_cast<std::int64_t>(out.size()) == size) {
              others += static_cast<std::int64_t>(inside.size());
              continue;
            }
            json::object bucket{{"key", key}, {"doc_count", static_cast<std::int64_t>(inside.size())}};
            sub.put(bucket, inside);
            out.push_back(bucket);
          }
          return json::object{{"doc_count_error_upper_bound", 0}, {"sum_other_doc_count", others}, {"buckets", out}};
        }};
  }

  std::mt19937_64 random_;
  const std::vector<Reading>& readings_;
  bool is_joined_ = false;  ///< inside auto_date_histogram, where percentiles are refused
};

std::string text_of(const json::value& value) {
  return std::string(value.as_string());
}

class Differential : public testing::Test {
 protected:
  Differential() {
    world_.add_sensor(3, 4, model::MappingType::double_precision);
    world_.add_sensor(3, 5, model::MappingType::long_integer);
    world_.add_sensor(3, 6, model::MappingType::keyword);
    std::mt19937_64 random(7);
    const auto number = [&](std::int64_t low, std::int64_t high) {
      return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    };
    std::set<std::tuple<std::int64_t, std::int64_t, double, std::string>> seen;
    for (int i = 0; i < 400; ++i) {
      Reading r;
      r.sensor = number(4, 6);
      // Half of them lie on whole milliseconds, and some share a time.
      r.time_ns = (start_ms + number(0, 300'000)) * 1'000'000 + (number(0, 1) ? number(0, 999'999) : 0);
      if (i % 9 == 0) r.time_ns = (start_ms + 1'000 * (i % 5)) * 1'000'000;
      r.number = r.sensor == 4 ? static_cast<double>(number(-80, 80)) / 4 : static_cast<double>(number(-20, 20));
      if (r.sensor == 6)
        r.text = std::string(1, static_cast<char>('a' + number(0, 5))) + std::to_string(number(0, 3)), r.number = 0;
      if (!seen.emplace(r.sensor, r.time_ns, r.number, r.text).second) continue;
      readings_.push_back(r);
      if (r.sensor == 4) world_.add(4, r.time_ns, r.number);
      if (r.sensor == 5) world_.add(5, r.time_ns, static_cast<std::int64_t>(r.number));
      if (r.sensor == 6) world_.add(6, r.time_ns, r.text);
    }
    world_.store.seal();
  }

  Readings matching(const RandomQuery& query, const std::set<std::int64_t>& sensors) const {
    Readings found;
    for (const Reading& r : readings_) {
      if (sensors.contains(r.sensor) && query.matches(r)) found.push_back(&r);
    }
    return found;
  }

  /// The answer, the same for every way in which the store may give the readings.
  json::value ask_all_ways(const std::string& path, const std::string& body) {
    json::value first;
    for (const std::size_t run : {std::size_t{1'000}, std::size_t{1}, std::size_t{7}}) {
      for (const bool summaries : {true, false}) {
        world_.store.run_readings_max = run;
        world_.store.gives_summaries = summaries;
        world_.limits.read_ahead_threads = run == 7 ? 2 : 0;
        json::value answer = search(world_, body, path);
        if (first.is_null()) {
          first = std::move(answer);
        } else {
          EXPECT_TRUE(nearly_equal(first, answer)) << body << "\nruns of " << run << json::serialize(answer);
        }
      }
    }
    return first;
  }

  QueryWorld world_;
  std::vector<Reading> readings_;
};

TEST_F(Differential, AgreesWithPlainLoopsOnThousandsOfRandomRequests) {
  const std::uint64_t seed = 20'180'519;
  RecordProperty("seed", std::to_string(seed));
  Generator generate(seed, readings_);
  for (int round = 0; round < 2'000 && !HasFailure(); ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    const bool numeric = generate.chance(80);
    const std::set<std::int64_t> sensors = !numeric              ? std::set<std::int64_t>{6}
                                           : generate.chance(50) ? std::set<std::int64_t>{4, 5}
                                                                 : std::set<std::int64_t>{generate.number(4, 5)};
    std::string path;
    for (const std::int64_t sensor : sensors) path += (path.empty() ? "/3_" : ",3_") + std::to_string(sensor);
    const RandomQuery query = generate.query(3, numeric);
    const Readings expected = matching(query, sensors);
    std::string body = R"({"query":)" + query.body + R"(,"track_total_hits":true)";
    if (numeric && generate.chance(60)) {
      const RandomAggregation aggregation = generate.chance(15) ? generate.composite(3) : generate.aggregation(3);
      body += R"(,"size":0,"aggs":{"a":{)" + aggregation.body + "}}}";
      const json::value answer = ask_all_ways(path + "/_search", body);
      if (HasFailure()) return;
      EXPECT_EQ(answer.at("hits").at("total").at("value"), static_cast<std::int64_t>(expected.size())) << body;
      const json::value wanted = aggregation.evaluate(expected);
      EXPECT_TRUE(nearly_equal(answer.at("aggregations").at("a"), wanted))
          << body << "\nours " << json::serialize(answer.at("aggregations")) << "\nwant " << json::serialize(wanted);
      continue;
    }
    // Hits, by time and then by all that tells readings apart.
    const bool descending = generate.chance(50);
    const std::int64_t from = generate.number(0, 5);
    const std::int64_t size = generate.number(0, 30);
    body += R"(,"from":)" + std::to_string(from) + R"(,"size":)" + std::to_string(size) + R"(,"sort":[{"timestamp":")" +
            (descending ? "desc" : "asc") + R"("},"sensor_id"]})";
    Readings sorted = expected;
    std::sort(sorted.begin(), sorted.end(), [&](const Reading* a, const Reading* b) {
      if (a->time_ns != b->time_ns) return descending ? a->time_ns > b->time_ns : a->time_ns < b->time_ns;
      if (a->sensor != b->sensor) return a->sensor < b->sensor;
      return a->number != b->number ? a->number < b->number : a->text < b->text;
    });
    const json::value answer = ask_all_ways(path + "/_search", body);
    if (HasFailure()) return;
    EXPECT_EQ(answer.at("hits").at("total").at("value"), static_cast<std::int64_t>(expected.size())) << body;
    const auto& hits = answer.at("hits").at("hits").get_array();
    const auto begin = std::min(static_cast<std::size_t>(from), sorted.size());
    const auto end = std::min(begin + static_cast<std::size_t>(size), sorted.size());
    ASSERT_EQ(hits.size(), end - begin) << body;
    for (std::size_t i = begin; i < end; ++i) {
      const json::value& source = hits[i - begin].at("_source");
      EXPECT_EQ(hits[i - begin].at("sort").at(0), sorted[i]->time_ns) << body;
      EXPECT_EQ(text_of(source.at("sensor_id")), std::to_string(sorted[i]->sensor)) << body;
      if (numeric) {
        EXPECT_EQ(source.at("value").to_number<double>(), sorted[i]->number) << body;
      } else {
        EXPECT_EQ(text_of(source.at("value")), sorted[i]->text) << body;
      }
    }
  }
}

TEST_F(Differential, SortsByValueWithEveryRunSize) {
  const json::value answer =
      ask_all_ways("/3_4/_search", R"({"size":500,"sort":[{"value":"desc"},{"timestamp":"asc"}]})");
  const auto& hits = answer.at("hits").at("hits").get_array();
  for (std::size_t i = 1; i < hits.size(); ++i) {
    const double before = hits[i - 1].at("_source").at("value").to_number<double>();
    const double here = hits[i].at("_source").at("value").to_number<double>();
    ASSERT_GE(before, here);
    if (before == here) {
      ASSERT_LE(hits[i - 1].at("sort").at(1).get_int64(), hits[i].at("sort").at(1).get_int64());
    }
  }
  EXPECT_GT(hits.size(), 100u);
}

}  // namespace
}  // namespace iot::query
