// Runs tests on every kind of processor that there are loops for (store/embedded/decode_loops.h) and that this one can
// be.
#pragma once

#include <cstdint>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "store/embedded/decode_loops.h"

namespace iot::store {

/// While it lives, the loops for `target` are picked. Not while another thread decodes.
class WithTarget {
 public:
  explicit WithTarget(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
  }
  ~WithTarget() {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  WithTarget(const WithTarget&) = delete;
  WithTarget& operator=(const WithTarget&) = delete;
};

template <class Test>
void on_each_target(Test test) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    const WithTarget chosen(target);
    ASSERT_STREQ(decode_target(), hwy::TargetName(target));
    test();
  }
}

}  // namespace iot::store
