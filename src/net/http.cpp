#include "net/http.h"

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>

#include "base/logging.h"
#include "net/letters.h"

namespace iot::net {

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      return "other";
  }
  return "other";
}

std::string_view HttpRequest::header(std::string_view name) const noexcept {
  for (const HeaderView& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

unsigned http_status(Failure failure) noexcept {
  switch (failure) {
    case Failure::internal:
      return 500;
    case Failure::not_found:
      return 404;
    case Failure::conflict:
      return 409;
    case Failure::invalid:
      return 400;
    case Failure::unauthenticated:
      return 401;
    case Failure::forbidden:
      return 403;
    case Failure::too_large:
      return 413;
    case Failure::too_many:
      return 429;
    case Failure::unavailable:
      return 503;
    case Failure::timeout:
      return 504;
    case Failure::data_loss:
      return 500;
    case Failure::shutting_down:
      return 503;
  }
  return 500;
}

void respond_with(HttpExchange& exchange, boost::asio::awaitable<HttpResponse> response, HttpResponse failed) {
  boost::asio::co_spawn(
      exchange.executor(), std::move(response),
      [&exchange, failed = std::move(failed)](std::exception_ptr exception, HttpResponse answer) mutable {
        if (!exception) return exchange.respond(std::move(answer));
        try {
          std::rethrow_exception(exception);
        } catch (const std::exception& error) {
          log_error("an exception escaped a request; please report this",
                    {{"target", exchange.request().path}, {"what", error.what()}});
        } catch (...) {
          log_error("an exception escaped a request; please report this", {{"target", exchange.request().path}});
        }
        exchange.respond(std::move(failed));
      });
}

namespace {

int hex_digit(char letter) noexcept {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3) return {};
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return {};
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty()) continue;
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    auto name = percent_decode(parameter.substr(0, equals), true);
    auto value = percent_decode(parameter.substr(std::min(equals + 1, parameter.size())), true);
    if (!name || !value) return {};
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

}  // namespace iot::net
