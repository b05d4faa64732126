#include "registry/audit_details.h"

namespace iot::registry {

AuditDetails& AuditDetails::add(std::string_view name, std::string_view text) {
  writer_.key(name).string(text);
  return *this;
}

AuditDetails& AuditDetails::add(std::string_view name, std::int64_t number) {
  writer_.key(name).integer(number);
  return *this;
}

AuditDetails& AuditDetails::changed(std::string_view name, std::string_view before, std::string_view after) {
  if (before == after) return *this;
  writer_.key(name).begin_object().key("old").string(before).key("new").string(after).end_object();
  return *this;
}

AuditDetails& AuditDetails::changed(std::string_view name, std::int64_t before, std::int64_t after) {
  if (before == after) return *this;
  writer_.key(name).begin_object().key("old").integer(before).key("new").integer(after).end_object();
  return *this;
}

}  // namespace iot::registry
