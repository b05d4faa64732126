// What a call gives back when the world may say no: a value, or an Error.
//
// Every module has an `enum class Errc`, whose enumerators say when they happen and what to do about it. The codes are
// grouped by a few `Failure` conditions (base/failure.h); only the edges (HTTP, MQTT) turn a group into a status, in
// one place each. Nothing that the world does is thrown; our own mistakes are assertions.
//
// "Nothing there" is std::optional and not an error.
#pragma once

#include <string>
#include <utility>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace iot {

/// Why a call failed: a code to decide on, and a sentence for the person who reads it.
struct Error {
  boost::system::error_code code;
  /// Names what is wrong and, for the operator, what to change. Never holds a secret.
  std::string message;
  /// The member of the request that is at fault ("mapping.type", "[3].timestamp"); empty where there is none.
  std::string field = {};
};

/// Called by boost::system::result when a value is taken that is not there: our own mistake, so it is fatal.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

/// A value of type T, or why there is none. Must be looked at.
template <class T>
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

template <>
class [[nodiscard]] Result<void> : public boost::system::result<void, Error> {
 public:
  using boost::system::result<void, Error>::result;
};

}  // namespace iot

#define IOT_CONCAT_(a, b) a##b
#define IOT_CONCAT(a, b) IOT_CONCAT_(a, b)

/// IOT_TRY(auto rows, table.read(key)); : the value, or return the error to the caller.
#define IOT_TRY(declaration, ...) IOT_TRY_(IOT_CONCAT(iot_result_, __LINE__), return, declaration, __VA_ARGS__)
/// The same inside a coroutine.
#define IOT_CO_TRY(declaration, ...) IOT_TRY_(IOT_CONCAT(iot_result_, __LINE__), co_return, declaration, __VA_ARGS__)
#define IOT_TRY_(result, give_back, declaration, ...)             \
  auto result = (__VA_ARGS__);                                    \
  if (!result) give_back ::iot::Error(std::move(result).error()); \
  declaration = std::move(*result)

/// IOT_CHECK(file.sync()); : goes on if it worked, else returns the error to the caller. For Result<void>.
#define IOT_CHECK(...)                                                                                    \
  do {                                                                                                    \
    if (auto iot_result = (__VA_ARGS__); !iot_result) return ::iot::Error(std::move(iot_result).error()); \
  } while (false)
/// The same inside a coroutine.
#define IOT_CO_CHECK(...)                                                                                    \
  do {                                                                                                       \
    if (auto iot_result = (__VA_ARGS__); !iot_result) co_return ::iot::Error(std::move(iot_result).error()); \
  } while (false)
