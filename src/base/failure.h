// The few groups that error codes fall into, and the helper with which a module defines its codes.
//
//   namespace iot::log {
//   enum class Errc {
//     overloaded = 1,  ///< More waits than log.pending_bytes_max allows. Try again after a moment.
//   };
//   ErrcInfo describe(Errc code) noexcept;      // {"overloaded", Failure::unavailable}
//   constexpr const char* errc_module(Errc) { return "log"; }
//   }
//   return make_error(log::Errc::overloaded, "the event log has 64 MiB waiting");
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace iot {

/// What a caller can do about an error, whichever module it comes from.
enum class Failure {
  internal = 1,     ///< A fault of the platform itself. Report it.
  not_found,        ///< The thing named does not exist, or the caller may not know that it does.
  conflict,         ///< It would break a rule together with what is there already (a name that is taken).
  invalid,          ///< The request itself is wrong; the same request will never succeed.
  unauthenticated,  ///< No or unusable credentials.
  forbidden,        ///< The credentials are known, and do not suffice.
  too_large,        ///< Past a limit on size or count; a smaller request may succeed.
  too_many,         ///< Past a limit on rate or number at once. Try again later.
  unavailable,      ///< Something that is needed does not answer or is full. Try again later.
  timeout,          ///< The deadline passed; whether it was done is not known.
  data_loss,        ///< Stored data is damaged. An operator must act (`iotplatform verify`).
  shutting_down,    ///< The process is about to end. Try again elsewhere or later.
};

struct ErrcInfo {
  const char* name;
  Failure failure;
};

/// An error category made from describe(E) and errc_module(E).
template <class E>
class ErrcCategory final : public boost::system::error_category {
 public:
  static const ErrcCategory& instance() {
    static const ErrcCategory category;
    return category;
  }
  const char* name() const noexcept override { return errc_module(E{}); }
  std::string message(int code) const override { return describe(static_cast<E>(code)).name; }
  Failure failure(int code) const noexcept { return describe(static_cast<E>(code)).failure; }
  boost::system::error_condition default_error_condition(int code) const noexcept override;
};

/// The category of Failure itself, to which every module's category maps its codes.
const boost::system::error_category& failure_category() noexcept;

template <class E>
boost::system::error_condition ErrcCategory<E>::default_error_condition(int code) const noexcept {
  return {static_cast<int>(failure(code)), failure_category()};
}

template <class E>
Error make_error(E code, std::string message, std::string field = {}) {
  return Error{{static_cast<int>(code), ErrcCategory<E>::instance()}, std::move(message), std::move(field)};
}

/// True if `error` is exactly this code.
template <class E>
bool is(const Error& error, E code) noexcept {
  return &error.code.category() == &ErrcCategory<E>::instance() && error.code.value() == static_cast<int>(code);
}

/// The group of an error. Errors of the operating system are grouped too (ENOSPC is unavailable, ENOENT not_found).
Failure failure_of(const Error& error) noexcept;

/// The group's name: "not_found".
std::string_view to_string(Failure failure) noexcept;

/// An error from errno, as "doing: reason".
Error system_error(int errno_value, std::string_view doing);

}  // namespace iot
