#include "store/embedded/merged_run.h"

#include <bit>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

TEST(MergedRunTest, IsWhatSortingEverythingTogetherGives) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const double values[] = {
      0.0, -0.0, 1.5, -1.5, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 5e-324};
  for (int round = 0; round < 300; ++round) {
    std::vector<Columns> runs(random() % 7);
    Columns all;
    for (Columns& run : runs) {
      for (std::uint32_t i = random() % 30; i > 0; --i) {
        run.times_ns.push_back(random() % 10);
        run.reals.push_back(values[random() % std::size(values)]);
      }
      all.times_ns.insert(all.times_ns.end(), run.times_ns.begin(), run.times_ns.end());
      all.reals.insert(all.reals.end(), run.reals.begin(), run.reals.end());
      sort_and_merge(run);
    }
    sort_and_merge(all);
    std::vector<Slice> slices;
    for (const Columns& run : runs) slices.push_back(slice_of(run));
    Columns merged;
    merge_slices(slices, merged);
    ASSERT_EQ(merged.times_ns, all.times_ns);
    ASSERT_EQ(merged.reals.size(), all.reals.size());
    for (std::size_t i = 0; i < all.reals.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(merged.reals[i]), std::bit_cast<std::uint64_t>(all.reals[i]));
    }
  }
}

}  // namespace
}  // namespace iot::store
