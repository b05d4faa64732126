// DeviceRecords on the registry's database.
#pragma once

#include "registry/device_records.h"
#include "registry/read_pool.h"
#include "registry/writer.h"

namespace iot::registry {

class SqlDeviceRecords final : public DeviceRecords {
 public:
  /// All must outlive the object.
  SqlDeviceRecords(const RegistryLimits& limits, Writer& writer, ReadPool& readers) noexcept
      : limits_(limits), writer_(writer), readers_(readers) {}

  void create_command(Actor actor, NewCommand command, Done<DeviceCommand> done) override;
  void update_command(CommandProgress progress, Done<void> done) override;
  void answer_command(CommandAnswer answer, Done<DeviceCommand> done) override;
  Result<DeviceCommand> command(DeviceId device, CommandId id) override;
  Result<std::vector<DeviceCommand>> commands(DeviceId device, const Page& page) override;
  Result<std::vector<DeviceCommand>> waiting_commands() override;
  void store_presence(std::vector<StoredPresence> presences, std::vector<DeviceEvent> events, Done<void> done) override;
  Result<std::vector<StoredPresence>> presences() override;
  Result<std::vector<DeviceEvent>> events(DeviceId device, const Page& page) override;

 private:
  const RegistryLimits& limits_;
  Writer& writer_;
  ReadPool& readers_;
};

}  // namespace iot::registry
