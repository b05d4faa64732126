#include "store/reading_store.h"

namespace iot::store {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::damaged:
      return {"damaged", Failure::data_loss};
    case Errc::io_failed:
      return {"io_failed", Failure::unavailable};
    case Errc::newer_format:
      return {"newer_format", Failure::conflict};
    case Errc::cancelled:
      return {"cancelled", Failure::timeout};
  }
  return {"unknown", Failure::internal};
}

}  // namespace iot::store
