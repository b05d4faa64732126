#include "base/crc32c.h"

#include <algorithm>
#include <limits>

#include <isa-l/crc.h>

namespace iot {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
  // ISA-L leaves the inversion before and after to the caller and counts in int.
  std::uint32_t state = ~before;
  while (!bytes.empty()) {
    const std::size_t step = std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max());
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    state = crc32_iscsi(data, static_cast<int>(step), state);
    bytes.remove_prefix(step);
  }
  return ~state;
}

}  // namespace iot
