// What can go wrong when a listener is opened.
#pragma once

#include "base/failure.h"

namespace iot::net {

enum class Errc {
  address_in_use = 1,    ///< Another process listens there. Choose another port, or stop it.
  address_invalid,       ///< Not an address of this machine.
  no_permission,         ///< Ports below 1024 need rights.
  listen_failed,         ///< See the message.
  certificate_unusable,  ///< A certificate or key that cannot be read or does not fit; the message names the file.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "net";
}

}  // namespace iot::net
