// The action lines of a _bulk request: {"index":{"_index":"3_4"}}. For ingest's own .cpp files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/bulk.h"
#include "ingest/json_walk.h"

namespace iot::ingest {

struct ActionLine {
  BulkAction action = BulkAction::index;
  std::string_view index;  ///< empty: not named
  std::string_view id;
  /// What it asks for that readings cannot do; empty: nothing.
  std::string unsupported;
};

/// Reads one that consists of plain strings, as nearly all do, into `line`; false (and nothing to be used) for any
/// other. At least 64 bytes that may be read must follow `text`.
bool scan_usual_action(std::string_view text, ActionLine& line) noexcept;

/// Reads any. What is wrong with it, in Elasticsearch's words, if it is none; `number` is that of the line, from 1.
/// Names with escapes are kept in `texts`.
std::optional<std::string> read_action(simdjson::ondemand::parser& parser, std::string_view text, std::size_t number,
                                       std::deque<std::string>& texts, ActionLine& line);

}  // namespace iot::ingest
