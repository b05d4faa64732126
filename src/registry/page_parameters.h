// A page of a list as parameters of SQL.
#pragma once

#include <algorithm>
#include <limits>

#include "registry/registry.h"
#include "registry/sql.h"

namespace iot::registry {

inline Integer limit_of(const Page& page) {
  return static_cast<Integer>(std::min(page.limit, page_limit_max));
}
/// Of lists in order of id. Below every id where nothing is asked for: root's is negative.
inline Integer after_of(const Page& page) {
  return page.after.value_or(std::numeric_limits<std::int64_t>::min());
}
/// Of lists from the newest backwards.
inline Integer before_of(const Page& page) {
  return page.after.value_or(std::numeric_limits<std::int64_t>::max());
}

}  // namespace iot::registry
