// What /metrics says, as numbers: pages that show the platform's work take theirs from there, so that there is one
// count of each thing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iot::api {

/// Labels and their values.
using SampleLabels = std::vector<std::pair<std::string, std::string>>;

class MetricSamples {
 public:
  struct Sample {
    std::string name;
    SampleLabels labels;
    double value = 0;

    /// The value of the label; empty if there is none.
    std::string_view label(std::string_view name) const noexcept;
  };

  /// One histogram over all its labels.
  struct Histogram {
    struct Bucket {
      double up_to = 0;         ///< included
      std::uint64_t count = 0;  ///< of this and all smaller ones
    };
    std::vector<Bucket> buckets;  ///< without the last one, which has no bound: its count is that of all
    std::uint64_t count = 0;
    double sum = 0;
  };

  /// Of Prometheus' text form 0.0.4, as Metrics::scrape() writes it; lines of another form are passed over.
  explicit MetricSamples(std::string_view text);

  const std::vector<Sample>& all() const noexcept { return samples_; }
  /// The sum of the samples of this name that have all of these labels; 0 where there is none.
  double sum(std::string_view name, const SampleLabels& labels = {}) const noexcept;
  std::uint64_t count(std::string_view name, const SampleLabels& labels = {}) const noexcept {
    return static_cast<std::uint64_t>(sum(name, labels));
  }
  Histogram histogram(std::string_view name) const;

 private:
  std::vector<Sample> samples_;
};

}  // namespace iot::api
