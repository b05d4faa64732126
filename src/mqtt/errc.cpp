#include "mqtt/errc.h"

namespace iot::mqtt {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::malformed:
      return {"malformed packet", Failure::invalid};
    case Errc::protocol_error:
      return {"protocol error", Failure::invalid};
    case Errc::unsupported_version:
      return {"unsupported protocol version", Failure::invalid};
    case Errc::filter_refused:
      return {"topic filter invalid", Failure::invalid};
    case Errc::topic_refused:
      return {"topic name invalid", Failure::invalid};
    case Errc::alias_invalid:
      return {"topic alias invalid", Failure::invalid};
    case Errc::too_large:
      return {"packet too large", Failure::too_large};
    case Errc::ping_with_body:
      return {"ping with a body", Failure::invalid};
  }
  return {"unknown", Failure::internal};
}

ReasonCode reason_code(const Error& error) noexcept {
  if (&error.code.category() != &ErrcCategory<Errc>::instance()) return ReasonCode::unspecified_error;
  return static_cast<ReasonCode>(error.code.value() & 0xFF);
}

}  // namespace iot::mqtt
