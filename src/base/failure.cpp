#include "base/failure.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace iot {

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  std::fprintf(stderr, "%s:%u: the value of a failed result was taken: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), error.message.c_str());
  std::abort();
}

namespace {

class FailureCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "failure"; }
  std::string message(int code) const override { return std::string(to_string(static_cast<Failure>(code))); }
};

}  // namespace

const boost::system::error_category& failure_category() noexcept {
  static const FailureCategory category;
  return category;
}

std::string_view to_string(Failure failure) noexcept {
  switch (failure) {
    case Failure::internal:
      return "internal";
    case Failure::not_found:
      return "not_found";
    case Failure::conflict:
      return "conflict";
    case Failure::invalid:
      return "invalid";
    case Failure::unauthenticated:
      return "unauthenticated";
    case Failure::forbidden:
      return "forbidden";
    case Failure::too_large:
      return "too_large";
    case Failure::too_many:
      return "too_many";
    case Failure::unavailable:
      return "unavailable";
    case Failure::timeout:
      return "timeout";
    case Failure::data_loss:
      return "data_loss";
    case Failure::shutting_down:
      return "shutting_down";
  }
  return "internal";
}

Failure failure_of(const Error& error) noexcept {
  const auto condition = error.code.default_error_condition();
  if (condition.category() == failure_category()) return static_cast<Failure>(condition.value());
  switch (error.code.value()) {
    case ENOENT:
      return Failure::not_found;
    case EEXIST:
      return Failure::conflict;
    case EACCES:
    case EPERM:
      return Failure::forbidden;
    case EINVAL:
      return Failure::invalid;
    case ETIMEDOUT:
      return Failure::timeout;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EIO:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
      return Failure::unavailable;
    default:
      return Failure::internal;
  }
}

Error system_error(int errno_value, std::string_view doing) {
  const boost::system::error_code code(errno_value, boost::system::system_category());
  return Error{code, std::string(doing) + ": " + code.message()};
}

}  // namespace iot
