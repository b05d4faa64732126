#include "query/index_names.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/json_writer.h"
#include "model/entities.h"
#include "query/source_filter.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

constexpr std::size_t parts_max = 10'000;

/// The indices chosen so far, in the catalog's order.
class Chosen {
 public:
  Chosen(const IndexCatalog& catalog, std::size_t max) : catalog_(catalog), max_(max) {}

  void add(const Index& index) { indices_.insert_or_assign({index.device, index.sensor}, index); }
  void remove(const Index& index) { indices_.erase({index.device, index.sensor}); }
  bool add_fitting(std::string_view pattern) {
    catalog_.for_each([&](const Index& index) {
      if (pattern == "*" || fits_wildcard(pattern, model::index_name(index.device, index.sensor))) add(index);
      return indices_.size() <= max_;
    });
    return !indices_.empty();
  }
  void remove_fitting(std::string_view pattern) {
    std::erase_if(indices_, [&](const auto& entry) {
      return fits_wildcard(pattern, model::index_name(entry.second.device, entry.second.sensor));
    });
  }
  bool too_many() const { return indices_.size() > max_; }

  std::vector<Series> series() const {
    std::vector<Series> all;
    all.reserve(indices_.size());
    for (const auto& [key, index] : indices_) {
      all.emplace_back(index);
      all.back().ordinal = static_cast<std::uint32_t>(all.size() - 1);
    }
    return all;
  }

 private:
  const IndexCatalog& catalog_;
  std::size_t max_;
  std::map<std::pair<DeviceId, SensorId>, Index> indices_;
};

EsError too_many_indices(std::size_t max) {
  return illegal_argument("The request names more than [" + std::to_string(max) + "] indices");
}

}  // namespace

EsError index_not_found(std::string_view name) {
  std::string json;
  append_json_string(json, name);
  return EsError(404, "index_not_found_exception", "no such index [" + std::string(name) + "]")
      .with("resource.type", "\"index_or_alias\"")
      .with("resource.id", json)
      .with("index_uuid", "\"_na_\"")
      .with("index", json);
}

std::optional<Index> find_index(const IndexCatalog& catalog, std::string_view name) {
  const auto bar = name.find('_');
  if (bar == std::string_view::npos) return {};
  const auto device = parse_id<DeviceId>(name.substr(0, bar));
  const auto sensor = parse_id<SensorId>(name.substr(bar + 1));
  if (!device || !sensor) return {};
  return catalog.find(*device, *sensor);
}

EsResult<bool> take_index_option(IndexOptions& options, std::string_view name, std::string_view text) {
  const bool flag = text.empty() || text == "true";
  if (name == "ignore_unavailable") {
    options.ignore_unavailable = flag;
  } else if (name == "allow_no_indices") {
    options.allow_no_indices = flag;
  } else if (name == "expand_wildcards") {
    options.expands_wildcards = false;
    for (const std::string& word : split_list(text)) {
      if (word != "open" && word != "closed" && word != "hidden" && word != "none" && word != "all") {
        return illegal_argument("No valid expand wildcard value [" + word + "]");
      }
      if (word == "none") options.expands_wildcards = false;
      if (word == "open" || word == "all") options.expands_wildcards = true;
    }
  } else {
    return false;
  }
  return true;
}

EsResult<std::vector<Series>> resolve_indices(const IndexCatalog& catalog, std::string_view expression,
                                              const IndexOptions& options) {
  Chosen chosen(catalog, options.indices_max);
  std::vector<std::string> parts = split_list(expression);
  if (parts.empty()) parts.emplace_back("*");
  if (parts.size() > parts_max) return too_many_indices(parts_max);
  bool had_pattern = false;
  for (const std::string& part : parts) {
    const bool is_pattern = part == "_all" || part.find('*') != std::string::npos;
    // As in Elasticsearch, a minus takes away only after a pattern.
    if (part.starts_with('-') && had_pattern) {
      chosen.remove_fitting(std::string_view(part).substr(1));
      continue;
    }
    if (is_pattern) {
      had_pattern = true;
      const bool any = options.expands_wildcards && chosen.add_fitting(part == "_all" ? "*" : part);
      if (!any && !options.allow_no_indices) return index_not_found(part);
    } else if (const auto index = find_index(catalog, part)) {
      chosen.add(*index);
    } else if (!options.ignore_unavailable) {
      return index_not_found(part);
    }
    if (chosen.too_many()) return too_many_indices(options.indices_max);
  }
  return chosen.series();
}

}  // namespace iot::query
