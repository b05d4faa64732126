#include "bench/errc.h"

namespace iot::bench {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::options:
      return {"options", Failure::invalid};
    case Errc::not_reached:
      return {"not_reached", Failure::unavailable};
    case Errc::not_opened:
      return {"not_opened", Failure::unavailable};
    case Errc::no_such_process:
      return {"no_such_process", Failure::not_found};
  }
  return {"unknown", Failure::internal};
}

}  // namespace iot::bench
