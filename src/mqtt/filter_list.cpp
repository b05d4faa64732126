#include "mqtt/filter_list.h"

#include "mqtt/wire.h"

namespace iot::mqtt {

std::uint8_t to_byte(const SubscriptionOptions& options) noexcept {
  return static_cast<std::uint8_t>(static_cast<unsigned>(options.qos) | (options.no_local ? 4u : 0u) |
                                   (options.retain_as_published ? 8u : 0u) |
                                   static_cast<unsigned>(options.retain_handling) << 4);
}

SubscriptionOptions options_of(std::uint8_t byte) noexcept {
  return {.qos = static_cast<Qos>(byte & 3),
          .no_local = (byte & 4) != 0,
          .retain_as_published = (byte & 8) != 0,
          .retain_handling = static_cast<RetainHandling>(byte >> 4 & 3)};
}

FilterEntry FilterList::iterator::operator*() const noexcept {
  WireReader reader(rest_);
  FilterEntry entry;
  entry.filter = reader.string();
  if (has_options_) entry.options = options_of(reader.u8());
  return entry;
}

FilterList::iterator& FilterList::iterator::operator++() noexcept {
  WireReader reader(rest_);
  reader.string();
  if (has_options_) reader.u8();
  rest_ = reader.rest();
  return *this;
}

void append_filter(std::string& raw, std::string_view filter, const SubscriptionOptions& options) {
  append_filter(raw, filter);
  put_u8(raw, to_byte(options));
}

void append_filter(std::string& raw, std::string_view filter) {
  put_string(raw, filter);
}

}  // namespace iot::mqtt
