// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by ISA-L, which picks the processor's instructions at run time.
#pragma once

#include <cstdint>
#include <string_view>

namespace iot {

/// The checksum of `bytes`, going on from `before` (the checksum of what stands before them; 0 at the beginning).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace iot
