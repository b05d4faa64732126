#include "gateway/http/token_memo.h"

#include "base/bytes.h"

namespace iot::gateway {

namespace {

/// Tokens differ in their signature, so its end tells them apart.
std::size_t slot_of(std::string_view token, std::size_t slots) noexcept {
  if (token.size() < sizeof(std::uint64_t)) return 0;
  const auto tail = load_little<std::uint64_t>(token.data() + token.size() - sizeof(std::uint64_t));
  return static_cast<std::size_t>((tail * 0x9E3779B97F4A7C15u) >> 32) % slots;
}

}  // namespace

Result<DeviceId> TokenMemo::device_of(std::string_view token, const registry::Snapshot& snapshot, Timestamp now) {
  Entry& entry = entries_[slot_of(token, entries_.size())];
  const bool is_known =
      !entry.token.empty() && entry.token == token && (!entry.identity.expires || now < *entry.identity.expires);
  if (!is_known) {
    IOT_TRY(const access::Identity identity, tokens_.verify(token, access::Audience::device));
    entry.identity = identity;
    entry.token.assign(token);
    entry.checked_version = 0;
  }
  if (entry.checked_version != snapshot.version || snapshot.version == 0) IOT_CHECK(check_registry(entry, snapshot));
  return DeviceId{entry.identity.subject};
}

Result<void> TokenMemo::check_registry(Entry& entry, const registry::Snapshot& snapshot) {
  const registry::DeviceEntry* const device = snapshot.devices.find(DeviceId{entry.identity.subject});
  if (!device || device->key_version != entry.identity.key_version) {
    entry.token.clear();
    return make_error(access::Errc::revoked, "the device is gone, or its key was rotated");
  }
  entry.checked_version = snapshot.version;
  return {};
}

}  // namespace iot::gateway
