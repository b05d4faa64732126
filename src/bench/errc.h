// Why a measurement could not be made.
#pragma once

#include "base/failure.h"

namespace iot::bench {

enum class Errc {
  options = 1,     ///< Options that are missing or contradict each other; the message names them. Change the command.
  not_reached,     ///< The server, or its REST API, could not be reached or said what nobody expects.
  not_opened,      ///< Not every connection was let in. The message says what the first refused one was told.
  no_such_process  ///< --pid names a process that is not there or may not be looked at.
};

ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "bench";
}

}  // namespace iot::bench
