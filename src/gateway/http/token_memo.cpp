#include "gateway/http/token_memo.h"

#include "base/bytes.h"

namespace iot::gateway {

namespace {

/// Tokens differ in their signature, so its end tells them apart.
std::size_t slot_of(std::string_view header, std::size_t slots) noexcept {
  if (header.size() < sizeof(std::uint64_t)) return 0;
  const auto tail = load_little<std::uint64_t>(header.data() + header.size() - sizeof(std::uint64_t));
  return static_cast<std::size_t>((tail * 0x9E3779B97F4A7C15u) >> 32) % slots;
}

}  // namespace

std::optional<Result<DeviceId>> TokenMemo::device_of(std::string_view header, const registry::Snapshot& snapshot,
                                                     Timestamp now) {
  Entry& entry = entries_[slot_of(header, entries_.size())];
  const bool is_known = !entry.header.empty() && entry.header == header;
  if (!is_known || (entry.identity.expires && now >= *entry.identity.expires)) {
    const auto token = access::bearer_token(header);
    if (!token) return {};
    auto identity = tokens_.verify(*token, access::Audience::device);
    if (!identity) return Result<DeviceId>(std::move(identity).error());
    entry.identity = *identity;
    entry.header.assign(header);
    entry.checked_version = 0;
  }
  if (entry.checked_version != snapshot.version || snapshot.version == 0) {
    if (auto checked = check_registry(entry, snapshot); !checked) return Result<DeviceId>(std::move(checked).error());
  }
  return Result<DeviceId>(DeviceId{entry.identity.subject});
}

Result<void> TokenMemo::check_registry(Entry& entry, const registry::Snapshot& snapshot) {
  const registry::DeviceEntry* const device = snapshot.devices.find(DeviceId{entry.identity.subject});
  if (!device || !access::is_current(entry.identity, device->key_version)) {
    entry.header.clear();
    return make_error(access::Errc::revoked, "the device is gone, or its key was rotated");
  }
  entry.checked_version = snapshot.version;
  return {};
}

}  // namespace iot::gateway
