#include "base/clock.h"

namespace iot {
namespace {

class SystemClock final : public Clock {
 public:
  Timestamp now() const noexcept override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count()};
  }
  Steady steady_now() const noexcept override { return std::chrono::steady_clock::now(); }
};

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock clock;
  return clock;
}

}  // namespace iot
