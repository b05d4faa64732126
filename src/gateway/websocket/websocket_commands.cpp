#include "gateway/websocket/websocket_commands.h"

#include <mutex>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>

#include "base/json_writer.h"

namespace iot::gateway {

namespace json = boost::json;

namespace {

constexpr std::size_t answers_under_way_max = 16;

std::string refusal_text(std::string_view id, std::string_view name, std::string_view message) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("command_id").string(id).key("name").string(name).key("errors").begin_array();
  writer.begin_object().key("message").string(message).end_object().end_array().end_object();
  return text;
}

std::string answer_text(registry::CommandId id, const Result<registry::DeviceCommand>& outcome) {
  if (!outcome) {
    const Error& error = outcome.error();
    const bool is_known = is(error, registry::Errc::command_not_found) || is(error, registry::Errc::command_finished) ||
                          is(error, registry::Errc::too_many);
    return is_known ? refusal_text(id.to_string(), "CommandRefused", error.message)
                    : refusal_text(id.to_string(), "Unavailable", "the response could not be stored; send it again");
  }
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("command_id").string(id.to_string());
  writer.key("state").string(registry::to_string(outcome->state)).end_object();
  return text;
}

}  // namespace

/// What is on its way to the connection's loop. Bounded: so many commands are under way to one connection as
/// CommandLimits say, and one text answers one message of the device.
struct WebSocketCommands::Mailbox {
  std::mutex mutex;
  std::vector<std::string> texts;
  bool is_posted = false;
  std::size_t answers_under_way = 0;
  const boost::asio::any_io_executor executor;
  /// Of the loop alone; null once it is gone.
  WebSocketCommands* owner;

  Mailbox(boost::asio::any_io_executor its_executor, WebSocketCommands* its_owner)
      : executor(std::move(its_executor)), owner(its_owner) {}
};

WebSocketCommands::WebSocketCommands(Commands& commands, DeviceId device, boost::asio::any_io_executor executor,
                                     std::function<void(const std::vector<std::string>&)> say)
    : commands_(commands),
      device_(device),
      say_(std::move(say)),
      mailbox_(std::make_shared<Mailbox>(std::move(executor), this)) {
  listener_ = commands_.listen(device_, [mailbox = mailbox_](const registry::DeviceCommand& command) {
    std::string text = "{\"command\":";
    append_command_json(text, command);
    text += '}';
    put(mailbox, std::move(text));
    return true;
  });
}

WebSocketCommands::~WebSocketCommands() {
  mailbox_->owner = nullptr;
  commands_.stop_listening(device_, listener_);
}

void WebSocketCommands::put(const std::shared_ptr<Mailbox>& mailbox, std::string text) {
  {
    const std::lock_guard lock(mailbox->mutex);
    mailbox->texts.push_back(std::move(text));
    if (std::exchange(mailbox->is_posted, true)) return;
  }
  boost::asio::post(mailbox->executor, [mailbox] {
    std::vector<std::string> texts;
    {
      const std::lock_guard lock(mailbox->mutex);
      texts.swap(mailbox->texts);
      mailbox->is_posted = false;
    }
    if (!mailbox->owner) return;
    // A copy: the connection may end by what it says, and its commands with it.
    const auto say = mailbox->owner->say_;
    say(texts);
  });
}

bool WebSocketCommands::is_busy() const {
  const std::lock_guard lock(mailbox_->mutex);
  return mailbox_->answers_under_way >= answers_under_way_max;
}

bool WebSocketCommands::take(std::string_view message) {
  // Nearly all messages are readings, which are not parsed twice.
  if (message.find("\"command_id\"") == std::string_view::npos) return false;
  json::error_code error;
  const json::value value = json::parse(message, error);
  const json::object* const object = error ? nullptr : value.if_object();
  const json::value* const id_value = object ? object->if_contains("command_id") : nullptr;
  if (!id_value) return false;
  const auto* const id_text = id_value->if_string();
  const auto id = id_text ? parse_id<registry::CommandId>(std::string_view(*id_text)) : std::nullopt;
  if (!id) {
    put(mailbox_, refusal_text("", "BadRequest", "command_id must be the text of a command's id"));
    return true;
  }
  const json::value* const response = object->if_contains("response");
  if (!response) {
    commands_.delivered(device_, *id);
    put(mailbox_, "{\"command_id\":\"" + id->to_string() + "\",\"state\":\"delivered\"}");
    return true;
  }
  {
    const std::lock_guard lock(mailbox_->mutex);
    ++mailbox_->answers_under_way;
  }
  commands_.answer(device_, *id, json_text(*response),
                   [mailbox = mailbox_, id = *id](const Result<registry::DeviceCommand>& outcome) {
                     {
                       const std::lock_guard lock(mailbox->mutex);
                       --mailbox->answers_under_way;
                     }
                     put(mailbox, answer_text(id, outcome));
                   });
  return true;
}

}  // namespace iot::gateway
