#include "registry/registry.h"

namespace iot::registry {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::user_not_found:
      return {"user_not_found", Failure::not_found};
    case Errc::device_not_found:
      return {"device_not_found", Failure::not_found};
    case Errc::sensor_not_found:
      return {"sensor_not_found", Failure::not_found};
    case Errc::consumer_not_found:
      return {"consumer_not_found", Failure::not_found};
    case Errc::username_taken:
      return {"username_taken", Failure::conflict};
    case Errc::last_admin:
      return {"last_admin", Failure::conflict};
    case Errc::invalid_entity:
      return {"invalid_entity", Failure::invalid};
    case Errc::too_many:
      return {"too_many", Failure::too_large};
    case Errc::overloaded:
      return {"overloaded", Failure::unavailable};
    case Errc::database_failed:
      return {"database_failed", Failure::unavailable};
    case Errc::newer_schema:
      return {"newer_schema", Failure::conflict};
    case Errc::shutting_down:
      return {"shutting_down", Failure::shutting_down};
    case Errc::database_damaged:
      return {"database_damaged", Failure::data_loss};
    case Errc::certificate_not_found:
      return {"certificate_not_found", Failure::not_found};
    case Errc::certificate_taken:
      return {"certificate_taken", Failure::conflict};
    case Errc::command_not_found:
      return {"command_not_found", Failure::not_found};
    case Errc::command_finished:
      return {"command_finished", Failure::conflict};
    case Errc::dashboard_not_found:
      return {"dashboard_not_found", Failure::not_found};
    case Errc::version_conflict:
      return {"version_conflict", Failure::conflict};
  }
  return {"unknown", Failure::internal};
}

}  // namespace iot::registry
