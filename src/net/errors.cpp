#include "net/errors.h"

namespace iot::net {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::address_in_use:
      return {"address_in_use", Failure::conflict};
    case Errc::address_invalid:
      return {"address_invalid", Failure::invalid};
    case Errc::no_permission:
      return {"no_permission", Failure::forbidden};
    case Errc::listen_failed:
      return {"listen_failed", Failure::internal};
    case Errc::certificate_unusable:
      return {"certificate_unusable", Failure::invalid};
  }
  return {"unknown", Failure::internal};
}

}  // namespace iot::net
