// What the registry's database keeps of devices beside the entities: the commands sent to them, when they were last
// seen, and what happened to them. Who sends a command when is gateway/commands.h's business, and when a device counts
// as silent gateway/presence.h's: this is their memory.
//
// Threads and callbacks as in registry.h: reads block, writes are queued and share a transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "registry/registry.h"

namespace iot::registry {

/// Unique over all devices.
using CommandId = Id<struct CommandTag>;

/// The numbers are in the database.
enum class CommandState : std::uint8_t {
  queued = 0,        ///< waits for the device to listen
  sent = 1,          ///< on its way over a connection
  delivered = 2,     ///< the device has said that it has it
  acknowledged = 3,  ///< the device has answered
  expired = 4,       ///< its time was over before it was delivered
  failed = 5,        ///< the device refused it, or answered with an error
};
const char* to_string(CommandState state) noexcept;  ///< as the enumerator
/// Whether nothing can happen to it any more.
constexpr bool is_final(CommandState state) noexcept {
  return state >= CommandState::acknowledged;
}

struct DeviceCommand {
  CommandId id;
  DeviceId device;
  std::string name;
  std::string payload;  ///< JSON text
  Timestamp created, expires;
  CommandState state = CommandState::queued;
  /// Grows with each change of state, so that changes that overtake each other on their way here end in order.
  std::int64_t revision = 0;
  std::optional<Timestamp> sent = {}, delivered = {}, answered = {};
  std::string response = {};  ///< JSON text; empty: none
  UserId user = {};           ///< who asked
};

inline constexpr std::chrono::seconds time_to_live_min{1};
inline constexpr std::chrono::seconds time_to_live_max = std::chrono::days(365);

struct NewCommand {
  DeviceId device;
  std::string name;
  std::string payload;  ///< JSON text
  std::chrono::seconds time_to_live{86'400};
};

/// What became of a command on its way.
struct CommandProgress {
  CommandId id;
  CommandState state = CommandState::queued;
  std::int64_t revision = 0;
  std::optional<Timestamp> sent = {}, delivered = {};
};

struct CommandAnswer {
  DeviceId device;
  CommandId id;
  bool has_failed = false;
  std::string response;  ///< JSON text
};

/// How a device was last seen. The numbers of protocols are the caller's.
struct StoredPresence {
  DeviceId device;
  Timestamp last_seen = {};  ///< 0: never
  std::uint8_t protocol = 0;
  std::string address = {};
  std::string last_error = {};
  Timestamp last_error_at = {};
  /// From when a device that was never seen counts as expected; 0: it is not.
  Timestamp watched_since = {};
  /// 0: it is not silent.
  Timestamp silent_since = {};

  friend bool operator==(const StoredPresence&, const StoredPresence&) = default;
};

enum class DeviceEventKind : std::uint8_t { silent = 0, back = 1 };
const char* to_string(DeviceEventKind kind) noexcept;

struct DeviceEvent {
  std::int64_t id = 0;  ///< given by the database
  DeviceId device;
  DeviceEventKind kind = DeviceEventKind::silent;
  Timestamp time;
  /// The last sign of life before a silence; that which ended it. 0: never seen.
  Timestamp last_seen = {};
};

class DeviceRecords {
 public:
  /// Makes a command that waits. Errc::invalid_entity ("name", "payload", "ttl_s"), device_not_found, too_many.
  virtual void create_command(Actor actor, NewCommand command, Done<DeviceCommand> done) = 0;
  /// Nothing happens where the command is final already, or where a later revision has come before.
  virtual void update_command(CommandProgress progress, Done<void> done) = 0;
  /// The command as it is then. The first answer counts: a second one changes nothing and succeeds.
  /// Errc::command_not_found also where it is another device's; command_finished where it has expired.
  virtual void answer_command(CommandAnswer answer, Done<DeviceCommand> done) = 0;
  virtual Result<DeviceCommand> command(DeviceId device, CommandId id) = 0;
  /// Newest first; `after` means older than, `name` is not looked at.
  virtual Result<std::vector<DeviceCommand>> commands(DeviceId device, const Page& page) = 0;
  /// Of all devices: those that are queued or sent, the oldest first.
  virtual Result<std::vector<DeviceCommand>> waiting_commands() = 0;

  /// All together; devices that are gone meanwhile are passed over. Events get their numbers.
  virtual void store_presence(std::vector<StoredPresence> presences, std::vector<DeviceEvent> events,
                              Done<void> done) = 0;
  virtual Result<std::vector<StoredPresence>> presences() = 0;
  /// Newest first; `after` means older than, `name` is not looked at.
  virtual Result<std::vector<DeviceEvent>> events(DeviceId device, const Page& page) = 0;

 protected:
  ~DeviceRecords() = default;
};

}  // namespace iot::registry
