// What an audit entry says beyond who, when and what: a JSON object with the values of a new thing, or old and new of
// what was changed. Never put a secret in.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"

namespace iot::registry {

class AuditDetails {
 public:
  AuditDetails() { writer_.begin_object(); }
  AuditDetails(const AuditDetails&) = delete;
  AuditDetails& operator=(const AuditDetails&) = delete;

  AuditDetails& add(std::string_view name, std::string_view text);
  AuditDetails& add(std::string_view name, std::int64_t number);
  /// {"old": ..., "new": ...}; nothing where both are the same.
  AuditDetails& changed(std::string_view name, std::string_view before, std::string_view after);
  AuditDetails& changed(std::string_view name, std::int64_t before, std::int64_t after);

  bool empty() const noexcept { return text_.size() == 1; }
  /// Ends the object.
  std::string take() {
    writer_.end_object();
    return std::move(text_);
  }

 private:
  std::string text_;
  JsonWriter writer_{text_};
};

}  // namespace iot::registry
