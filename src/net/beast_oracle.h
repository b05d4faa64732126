// A second opinion on request headers, for tests and fuzzers: Boost.Beast's parser behind the checks that framed it
// when it was the server's own. It shares no code with net/header_parser.h.
//
// Where the two may differ, on purpose:
// - HTTP/1.0 with both "close" and "keep-alive": Beast goes on, we close (RFC 9112 section 9.3).
// - A Content-Length that is repeated or a list: Beast reads on when the numbers are the same, and such a request was
//   refused after everything else; we refuse it where it stands. Both refuse, but of several faults another is told.
// - Past the largest header nothing is looked at: what is wrong only there is answered with 431 here and was answered
//   with 400 or 414 if it had come with the same packet.
#pragma once

#include <string>
#include <string_view>

#include "net/http_server.h"

namespace iot::net {

struct Comparison {
  bool is_accepted = false;  ///< by Beast
  std::string disagreement;  ///< empty if there is none
};

/// Parses the request at the front of `bytes` with RequestParser, whole and in two pieces cut after `cut` bytes, and
/// its header with Beast.
Comparison compare_with_beast(std::string_view bytes, const HttpLimits& limits, std::size_t cut);

}  // namespace iot::net
