#include "api/metric_samples.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace iot::api {
namespace {

std::optional<double> number_of(std::string_view text) noexcept {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return {};
  return value;
}

/// Takes `name="value"` with its escapes off the front of `text`.
bool take_label(std::string_view& text, SampleLabels& labels) {
  const std::size_t begin = text.find("=\"");
  if (begin == text.npos) return false;
  std::string value;
  std::size_t at = begin + 2;
  for (; at < text.size() && text[at] != '"'; ++at) {
    const bool escapes = text[at] == '\\' && at + 1 < text.size();
    if (escapes) ++at;
    value += escapes && text[at] == 'n' ? '\n' : text[at];
  }
  if (at == text.size()) return false;
  labels.emplace_back(std::string(text.substr(0, begin)), std::move(value));
  text.remove_prefix(at + 1);
  return true;
}

std::optional<MetricSamples::Sample> read_line(std::string_view line) {
  MetricSamples::Sample sample;
  const std::size_t name_end = line.find_first_of("{ ");
  if (line.starts_with('#') || name_end == line.npos || name_end == 0) return {};
  sample.name = line.substr(0, name_end);
  const bool has_labels = line[name_end] == '{';
  line.remove_prefix(name_end + 1);
  if (has_labels) {
    while (!line.starts_with('}')) {
      if (!take_label(line, sample.labels)) return {};
      if (line.starts_with(',')) line.remove_prefix(1);
    }
    line.remove_prefix(std::min<std::size_t>(2, line.size()));  // "} "
  }
  const auto value = number_of(line);
  if (!value) return {};
  sample.value = *value;
  return sample;
}

}  // namespace

std::string_view MetricSamples::Sample::label(std::string_view wanted) const noexcept {
  for (const auto& [label, its_value] : labels) {
    if (label == wanted) return its_value;
  }
  return {};
}

MetricSamples::MetricSamples(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto sample = read_line(text.substr(0, end))) samples_.push_back(*std::move(sample));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

double MetricSamples::sum(std::string_view name, const SampleLabels& labels) const noexcept {
  double total = 0;
  for (const Sample& sample : samples_) {
    if (sample.name != name) continue;
    const bool has_all =
        std::ranges::all_of(labels, [&](const auto& wanted) { return sample.label(wanted.first) == wanted.second; });
    if (has_all) total += sample.value;
  }
  return total;
}

MetricSamples::Histogram MetricSamples::histogram(std::string_view name) const {
  std::map<double, std::uint64_t> buckets;
  const std::string bucket_name = std::string(name) + "_bucket";
  for (const Sample& sample : samples_) {
    if (sample.name != bucket_name) continue;
    // "+Inf" is the number of all.
    if (const auto bound = number_of(sample.label("le"))) buckets[*bound] += static_cast<std::uint64_t>(sample.value);
  }
  Histogram histogram;
  for (const auto& [bound, count] : buckets) histogram.buckets.push_back({bound, count});
  histogram.count = count(std::string(name) + "_count");
  histogram.sum = sum(std::string(name) + "_sum");
  return histogram;
}

}  // namespace iot::api
