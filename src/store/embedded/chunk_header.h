// The first bytes of a chunk: what it holds, its summary, and the checksums. Byte by byte: docs/formats/chunk.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/embedded/chunk.h"

namespace iot::store {

struct ChunkHeader {
  ChunkInfo info;
  std::uint64_t body_bytes = 0;
  std::uint32_t body_checksum = 0;
};

/// The header of the format that this program writes; `info.format` is not looked at.
std::string encode_chunk_header(const ChunkHeader& header);

/// Reads the header at the front of `chunk` and makes sure that the body is as long as it says; the body's bytes are
/// not looked at. `chunk` becomes the body. Errc::damaged, Errc::newer_format.
Result<ChunkHeader> take_chunk_header(std::string_view& chunk);

/// Makes both checksums fit whatever bytes there are, where a header is recognisable. For fuzzing: behind a checksum
/// that does not fit, nothing would be tried.
void repair_checksums(std::string& chunk);

}  // namespace iot::store
