#include "store/embedded/text_codec.h"

#include <unordered_map>

#include <zstd.h>

#include "store/embedded/integer_codec.h"

namespace iot::store {
namespace {

/// The first byte of a column. Part of the format.
constexpr std::uint8_t flag_dictionary = 1;
constexpr std::uint8_t flag_zstd = 2;
constexpr std::uint8_t flags_all = flag_dictionary | flag_zstd;

constexpr int fast_level = 1;
constexpr int dense_level = 9;
/// So few bytes do not get fewer.
constexpr std::size_t zstd_bytes_min = 64;

struct Dictionary {
  std::vector<std::string_view> entries;  ///< In the order of their first appearance.
  std::vector<std::int64_t> indices;
};

/// Fails, early, if more than a quarter of the texts are different.
bool make_dictionary(std::span<const std::string_view> texts, Dictionary& dictionary) {
  // As many may differ before the share counts: a column begins with new values whatever follows.
  constexpr std::size_t grace = 64;
  std::unordered_map<std::string_view, std::int64_t> known;
  dictionary.indices.reserve(texts.size());
  for (const std::string_view text : texts) {
    const auto [at, added] = known.try_emplace(text, static_cast<std::int64_t>(dictionary.entries.size()));
    if (added) {
      dictionary.entries.push_back(text);
      if (dictionary.entries.size() > grace + dictionary.indices.size() / 4) return false;
    }
    dictionary.indices.push_back(at->second);
  }
  return dictionary.entries.size() <= texts.size() / 4 + 1;
}

std::string zstd_compress(std::string_view bytes, Effort effort) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(),
                                         effort == Effort::dense ? dense_level : fast_level);
  // An error here (memory) only means that the bytes stay as they are.
  out.resize(ZSTD_isError(size) ? out.size() : size);
  return out;
}

void put_lengths(std::span<const std::string_view> texts, Effort effort, std::string& out) {
  std::vector<std::int64_t> lengths;
  lengths.reserve(texts.size());
  for (const std::string_view text : texts) lengths.push_back(static_cast<std::int64_t>(text.size()));
  encode_integers(lengths, 0, effort, out);
}

/// Cuts `bytes` into texts; false unless the lengths fit it exactly.
bool cut(std::span<const std::int64_t> lengths, std::string_view bytes, std::span<std::string_view> texts) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto length = static_cast<std::uint64_t>(lengths[i]);
    if (length > bytes.size() - at) return false;
    texts[i] = bytes.substr(at, length);
    at += length;
  }
  return at == bytes.size();
}

bool get_texts(ByteReader& in, bool compressed, std::size_t bytes_max, std::span<std::string_view> texts,
               std::string& bytes) {
  std::vector<std::int64_t> lengths(texts.size());
  if (!decode_integers(in, 0, lengths)) return false;
  const std::uint64_t size = in.varint();
  const std::string_view stored = in.bytes(compressed ? in.varint() : size);
  if (!in.ok() || size > bytes_max) return false;
  if (compressed) {
    bytes.resize(size);
    if (ZSTD_decompress(bytes.data(), size, stored.data(), stored.size()) != size) return false;
  } else {
    bytes.assign(stored);
  }
  return cut(lengths, bytes, texts);
}

}  // namespace

void encode_texts(std::span<const std::string_view> texts, Effort effort, std::string& out) {
  if (texts.empty()) return;
  Dictionary dictionary;
  const bool with_dictionary = make_dictionary(texts, dictionary);
  const std::span<const std::string_view> stored = with_dictionary ? dictionary.entries : texts;

  std::string bytes;
  for (const std::string_view text : stored) bytes += text;
  const std::size_t size = bytes.size();
  bool compressed = false;
  if (size >= zstd_bytes_min) {
    std::string fewer = zstd_compress(bytes, effort);
    compressed = fewer.size() + 2 < size;
    if (compressed) bytes = std::move(fewer);
  }

  out.push_back(static_cast<char>((with_dictionary ? flag_dictionary : 0) | (compressed ? flag_zstd : 0)));
  if (with_dictionary) put_varint(out, stored.size());
  put_lengths(stored, effort, out);
  put_varint(out, size);
  if (compressed) put_varint(out, bytes.size());
  out += bytes;
  if (with_dictionary) encode_integers(dictionary.indices, 0, effort, out);
}

bool decode_texts(ByteReader& in, std::size_t bytes_max, std::span<std::string_view> texts, std::string& bytes) {
  if (texts.empty()) return true;
  // A short string lies within the object itself and would move with it, away from the views.
  bytes.reserve(64);
  const auto flags = in.fixed<std::uint8_t>();
  if ((flags & ~flags_all) != 0) return false;
  const bool compressed = (flags & flag_zstd) != 0;
  if ((flags & flag_dictionary) == 0) return get_texts(in, compressed, bytes_max, texts, bytes);

  const std::uint64_t entry_count = in.varint();
  if (entry_count == 0 || entry_count > texts.size()) return false;
  std::vector<std::string_view> entries(entry_count);
  if (!get_texts(in, compressed, bytes_max, entries, bytes)) return false;
  std::vector<std::int64_t> indices(texts.size());
  if (!decode_integers(in, 0, indices)) return false;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto index = static_cast<std::uint64_t>(indices[i]);
    if (index >= entry_count) return false;
    texts[i] = entries[index];
  }
  return true;
}

}  // namespace iot::store
