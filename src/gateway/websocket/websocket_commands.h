// The commands of a device's WebSocket with the subprotocol iotplatform.commands, which beside all that iotplatform.ack
// does pushes and takes messages about commands:
//
//   {"command":{"id":"17","name":"reboot","payload":null,"expires":"..."}}     to the device
//   {"command_id":"17"}                                                        from it: it has the command
//   {"command_id":"17","response":{"done":true}}                               from it: its answer
//   {"command_id":"17","state":"acknowledged"}, {"command_id":"17","name":"CommandNotFound","errors":[...]}    to it
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "gateway/commands.h"

namespace iot::gateway {

class WebSocketCommands {
 public:
  /// Listens from now on. `commands` must outlive the object. `say` is called on `executor`, where the object must live
  /// too, with all messages that have come together, and never after it was destroyed.
  WebSocketCommands(Commands& commands, DeviceId device, boost::asio::any_io_executor executor,
                    std::function<void(const std::vector<std::string>&)> say);
  ~WebSocketCommands();
  WebSocketCommands(const WebSocketCommands&) = delete;

  /// Takes a message of the device if it is about a command: an object with a member "command_id".
  bool take(std::string_view message);
  /// Whether so many answers are on their way that no further message should be looked at; it ends with one of them.
  bool is_busy() const;

 private:
  struct Mailbox;
  /// Any thread.
  static void put(const std::shared_ptr<Mailbox>& mailbox, std::string text);

  Commands& commands_;
  const DeviceId device_;
  const std::function<void(const std::vector<std::string>&)> say_;
  const std::shared_ptr<Mailbox> mailbox_;
  ListenerId listener_ = 0;
};

}  // namespace iot::gateway
