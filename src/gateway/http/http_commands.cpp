#include "gateway/http/http_commands.h"

#include <charconv>

#include <boost/asio/post.hpp>

#include "base/json_writer.h"
#include "gateway/http/http_messages.h"

namespace iot::gateway {
namespace {

constexpr std::int64_t wait_s_max = 60;
/// What Retry-After says to who polls too much, or where the registry has no room.
constexpr std::chrono::seconds retry_after{1};

/// What the query asks for, or what is wrong with it.
struct Question {
  std::int64_t wait_s = 0;
  std::optional<registry::CommandId> after = {};
  std::string fault = {};
};

Question read_question(std::string_view query) {
  Question question;
  const auto parameters = net::parse_query(query);
  if (!parameters) return {0, {}, "the query is malformed"};
  for (const auto& [name, value] : *parameters) {
    if (name == "wait") {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), question.wait_s);
      const bool is_number = error == std::errc{} && end == value.data() + value.size();
      if (!is_number || question.wait_s < 0 || question.wait_s > wait_s_max) {
        return {0, {}, "wait must be a number of seconds from 0 to 60"};
      }
    } else if (name == "after") {
      question.after = parse_id<registry::CommandId>(value);
      if (!question.after) return {0, {}, "after must be the id of a command"};
    } else {
      return {0, {}, "there is no parameter " + name};
    }
  }
  return question;
}

/// The command of "/commands/17/response".
std::optional<registry::CommandId> command_of(std::string_view path) {
  constexpr std::string_view prefix = "/commands/";
  constexpr std::string_view suffix = "/response";
  if (path.size() <= prefix.size() + suffix.size() || !path.starts_with(prefix) || !path.ends_with(suffix)) return {};
  path.remove_prefix(prefix.size());
  path.remove_suffix(suffix.size());
  return parse_id<registry::CommandId>(path);
}

net::HttpResponse commands_response(const std::vector<registry::DeviceCommand>& commands) {
  net::HttpResponse response;
  response.body = "{\"commands\":[";
  for (const auto& command : commands) {
    if (response.body.back() == '}') response.body += ',';
    append_command_json(response.body, command);
  }
  response.body += "]}";
  return response;
}

net::HttpResponse not_allowed(const char* allowed) {
  net::HttpResponse response = error_response(405, "MethodNotAllowed", std::string("this is asked with ") + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

net::HttpResponse answer_to(const Result<registry::DeviceCommand>& outcome) {
  if (outcome) {
    net::HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().key("id").string(outcome->id.to_string());
    json.key("state").string(registry::to_string(outcome->state)).end_object();
    return response;
  }
  const Error& error = outcome.error();
  if (is(error, registry::Errc::command_not_found)) return error_response(404, "CommandNotFound", error.message);
  if (is(error, registry::Errc::command_finished)) return error_response(409, "CommandFinished", error.message);
  if (is(error, registry::Errc::too_many)) return error_response(413, "TooLarge", error.message);
  net::HttpResponse response = error_response(503, "Unavailable", "the response could not be stored; send it again");
  add_retry_after(response, retry_after);
  return response;
}

}  // namespace

void HttpCommands::handle(net::HttpExchange& exchange, const Caller& caller) {
  const net::HttpRequest& request = exchange.request();
  if (request.path == "/commands") {
    if (request.method != net::Method::get) return exchange.respond(not_allowed("GET"));
    return poll(exchange, caller);
  }
  const auto command = command_of(request.path);
  if (!command) return exchange.respond(error_response(404, "NotFound", "there is no such path"));
  if (request.method != net::Method::post) return exchange.respond(not_allowed("POST"));
  respond(exchange, caller.device, *command);
}

void HttpCommands::poll(net::HttpExchange& exchange, const Caller& caller) {
  const Question question = read_question(exchange.request().query);
  if (!question.fault.empty()) return exchange.respond(error_response(400, "BadRequest", question.fault));
  if (question.after) commands_.delivered_through(caller.device, *question.after);

  Commands::Poll poll;
  poll.deadline = Timestamp{clock_.now().ns + question.wait_s * 1'000'000'000};
  poll.certificate = caller.certificate;
  poll.registry_version = caller.registry_version;
  poll.is_gone = [closed = exchange.request().peer_closed] {
    return closed && closed->load(std::memory_order_relaxed);
  };
  poll.answer = [&exchange, executor = exchange.executor()](Commands::PollOutcome outcome,
                                                            std::vector<registry::DeviceCommand> commands) {
    // Also from this very thread: the exchange may be gone as soon as it is answered.
    boost::asio::post(executor, [&exchange, outcome, commands = std::move(commands)] {
      if (outcome == Commands::PollOutcome::withdrawn) {
        return exchange.respond(error_response(403, "Forbidden", "the device is gone, or its key was rotated"));
      }
      exchange.respond(commands_response(commands));
    });
  };
  const auto refusal = commands_.wait_for(caller.device, std::move(poll));
  if (refusal == Commands::PollRefusal::none) return;
  net::HttpResponse response =
      error_response(429, "TooManyRequests",
                     refusal == Commands::PollRefusal::too_many ? "too many requests wait for commands"
                                                                : "too many requests of this device wait for commands");
  add_retry_after(response, retry_after);
  exchange.respond(std::move(response));
}

void HttpCommands::respond(net::HttpExchange& exchange, DeviceId device, registry::CommandId command) {
  commands_.answer(device, command, exchange.request().body,
                   [&exchange, executor = exchange.executor()](Result<registry::DeviceCommand> outcome) {
                     boost::asio::post(
                         executor, [&exchange, outcome = std::move(outcome)] { exchange.respond(answer_to(outcome)); });
                   });
}

}  // namespace iot::gateway
