#include "log/event_log.h"

namespace iot::log {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::overloaded:
      return {"overloaded", Failure::unavailable};
    case Errc::disk_full:
      return {"disk_full", Failure::unavailable};
    case Errc::write_failed:
      return {"write_failed", Failure::unavailable};
    case Errc::too_large:
      return {"too_large", Failure::too_large};
    case Errc::damaged:
      return {"damaged", Failure::data_loss};
    case Errc::newer_format:
      return {"newer_format", Failure::data_loss};
    case Errc::shutting_down:
      return {"shutting_down", Failure::shutting_down};
    case Errc::position_gone:
      return {"position_gone", Failure::not_found};
  }
  return {"unknown", Failure::internal};
}

}  // namespace iot::log
