#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>

#include "query/testing/request_generator.h"

namespace iot::query {

RandomAggregation RequestGenerator::aggregation(int depth) {
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

RandomAggregation RequestGenerator::composite(int depth) {
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
  return {R"("composite":{"size":)" + std::to_string(size) + R"(,"sources":[)" + sources + "]" + after_text + "}" +
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

std::string RequestGenerator::iso_nanos(std::int64_t time_ns) {
  std::string text = iso(time_ns / 1'000'000);
  std::string digits = std::to_string(1'000'000'000 + time_ns % 1'000'000'000).substr(1);
  while (digits.size() > 3 && digits.back() == '0') digits.pop_back();
  return text.substr(0, text.size() - 4) + digits + "Z";
}

RequestGenerator::Below RequestGenerator::below(int depth) {
  Below result;
  for (std::int64_t i = number(0, 2); i > 0; --i) {
    const std::string name = "s" + std::to_string(i);
    result.parts.emplace_back(name, aggregation(depth - 1));
    result.body += (result.body.empty() ? "" : ",") + ("\"" + name + "\":{" + result.parts.back().second.body + "}");
  }
  if (!result.parts.empty()) result.body = R"(,"aggs":{)" + result.body + "}";
  return result;
}

std::string RequestGenerator::iso(std::int64_t ms) {
  const std::int64_t s = ms / 1000;
  const std::time_t time = s;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[96];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(ms % 1000 & 1023));
  return text;
}

RandomAggregation RequestGenerator::date_histogram(int depth) {
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

RandomAggregation RequestGenerator::histogram(int depth) {
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

RandomAggregation RequestGenerator::range(int depth) {
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

RandomAggregation RequestGenerator::filters(int depth) {
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

RandomAggregation RequestGenerator::auto_date_histogram(int depth) {
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
                json::object bucket{
                    {"key_as_string", iso(key)}, {"key", key}, {"doc_count", static_cast<std::int64_t>(inside.size())}};
                sub.put(bucket, inside);
                out.push_back(bucket);
              }
              return json::object{{"buckets", out}, {"interval", std::to_string(multiple) + unit.letter}};
            }
            return json::object{};
          }};
}

RandomAggregation RequestGenerator::terms(int depth) {
  const std::int64_t size = number(1, 5);
  const bool by_key = chance(40);
  const Below sub = below(depth);
  return {R"("terms":{"field":"sensor_id","size":)" + std::to_string(size) +
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

}  // namespace iot::query
