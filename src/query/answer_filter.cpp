#include "query/answer_filter.h"

#include <optional>
#include <span>
#include <utility>

#include "query/source_filter.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

/// How far each pattern has got at a place in the answer: indices into its parts, in order and each once.
using Progress = std::vector<std::vector<std::size_t>>;

void add_place(std::vector<std::size_t>& places, std::size_t place) {
  if (places.empty() || places.back() != place) places.push_back(place);
}

/// The member `name`, one level down. True if a pattern ends here.
bool descend(std::span<const std::vector<std::string>> paths, const Progress& here, std::string_view name,
             Progress& below) {
  bool ends = false;
  below.assign(paths.size(), {});
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto& parts = paths[i];
    for (std::size_t place : here[i]) {
      if (parts[place] == "**") {
        // Any number of levels: it stays, and what follows it may begin here.
        add_place(below[i], place);
        if (place + 1 == parts.size()) {
          ends = true;
          continue;
        }
        ++place;
      }
      if (!fits_wildcard(parts[place], name)) continue;
      if (place + 1 == parts.size()) {
        ends = true;
      } else {
        add_place(below[i], place + 1);
      }
    }
  }
  return ends;
}

bool is_lost(const Progress& progress) {
  for (const auto& places : progress) {
    if (!places.empty()) return false;
  }
  return true;
}

}  // namespace

/// Goes through the text once; values that are kept whole are copied as they are.
class AnswerFilter::Writer {
 public:
  Writer(const AnswerFilter& filter, std::string_view json) : filter_(filter), json_(json) {}

  std::string run() {
    Progress includes(filter_.includes_.size(), {0});
    Progress excludes(filter_.excludes_.size(), {0});
    return value(filter_.includes_.empty() ? std::nullopt : std::optional(includes), excludes).value_or("{}");
  }

 private:
  /// `includes` nothing: all that is not excluded. The value's text as far as it is kept.
  std::optional<std::string> value(const std::optional<Progress>& includes, const Progress& excludes) {
    if (!includes && is_lost(excludes)) return std::string(skip());
    if (json_[at_] == '{') return object(includes, excludes);
    if (json_[at_] == '[') return array(includes, excludes);
    const std::string_view scalar = skip();
    if (includes) return {};
    return std::string(scalar);
  }

  std::optional<std::string> object(const std::optional<Progress>& includes, const Progress& excludes) {
    std::string out = "{";
    ++at_;
    const bool was_empty = json_[at_] == '}';
    while (json_[at_] != '}') {
      if (json_[at_] == ',') ++at_;
      const std::string_view name = skip();
      ++at_;
      auto kept = member(name.substr(1, name.size() - 2), includes, excludes);
      if (!kept) continue;
      if (out.size() > 1) out += ',';
      out.append(name).append(":").append(*kept);
    }
    ++at_;
    if (out.size() == 1 && (includes || !was_empty)) return {};
    return out + '}';
  }

  std::optional<std::string> member(std::string_view name, const std::optional<Progress>& includes,
                                    const Progress& excludes) {
    Progress excludes_below, includes_below;
    if (descend(filter_.excludes_, excludes, name, excludes_below)) return skip(), std::nullopt;
    if (!includes || descend(filter_.includes_, *includes, name, includes_below)) return value({}, excludes_below);
    if (is_lost(includes_below)) return skip(), std::nullopt;
    return value(std::move(includes_below), excludes_below);
  }

  std::optional<std::string> array(const std::optional<Progress>& includes, const Progress& excludes) {
    std::string out = "[";
    ++at_;
    const bool was_empty = json_[at_] == ']';
    while (json_[at_] != ']') {
      if (json_[at_] == ',') ++at_;
      const auto kept = value(includes, excludes);
      if (!kept) continue;
      if (out.size() > 1) out += ',';
      out += *kept;
    }
    ++at_;
    if (out.size() == 1 && (includes || !was_empty)) return {};
    return out + ']';
  }

  /// Passes over one value (or a member's name).
  std::string_view skip() {
    const std::size_t start = at_;
    std::size_t depth = 0;
    do {
      const char c = json_[at_];
      if (c == '"') {
        for (++at_; json_[at_] != '"'; ++at_) at_ += json_[at_] == '\\' ? 1 : 0;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        --depth;
      } else if (depth == 0) {
        // A number or a word.
        while (at_ + 1 < json_.size() && std::string_view(",}]").find(json_[at_ + 1]) == std::string_view::npos) ++at_;
      }
      ++at_;
    } while (depth > 0);
    return json_.substr(start, at_ - start);
  }

  const AnswerFilter& filter_;
  std::string_view json_;
  std::size_t at_ = 0;
};

EsResult<AnswerFilter> AnswerFilter::parse(std::string_view text) {
  constexpr std::size_t patterns_max = 64;
  constexpr std::size_t parts_max = 64;
  AnswerFilter filter;
  const std::vector<std::string> patterns = split_list(text);
  if (patterns.size() > patterns_max) return illegal_argument("[filter_path] takes at most 64 patterns");
  for (std::string_view pattern : patterns) {
    const bool excludes = pattern.starts_with('-');
    if (excludes) pattern.remove_prefix(1);
    Path path;
    while (!pattern.empty()) {
      const auto dot = pattern.find('.');
      path.emplace_back(pattern.substr(0, dot));
      pattern = dot == std::string_view::npos ? std::string_view{} : pattern.substr(dot + 1);
    }
    if (path.empty()) continue;
    if (path.size() > parts_max) return illegal_argument("[filter_path] takes paths of at most 64 parts");
    (excludes ? filter.excludes_ : filter.includes_).push_back(std::move(path));
  }
  return filter;
}

std::string AnswerFilter::apply(std::string_view json) const {
  return Writer(*this, json).run();
}

bool AnswerFilter::shows(std::span<const std::string_view> path) const {
  Progress includes(includes_.size(), {0});
  Progress excludes(excludes_.size(), {0});
  bool wanted = includes_.empty();
  for (const std::string_view name : path) {
    Progress below;
    if (descend(excludes_, excludes, name, below)) return false;
    excludes = std::move(below);
    if (wanted) continue;
    wanted = descend(includes_, includes, name, below);
    includes = std::move(below);
  }
  return wanted;
}

}  // namespace iot::query
