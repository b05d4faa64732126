#include "model/reading_id.h"

// The functions of EVP take twice as long for so short a text: they look up, count and clear things that are not there.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "model/value.h"

namespace iot::model {
namespace {

constexpr std::size_t id_bytes = 15;
constexpr std::size_t time_bytes = 8;
constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

ReadingIds::ReadingIds(SensorId sensor) : hashed_(sensor.to_string() + '\n'), sensor_bytes_(hashed_.size()) {}

std::array<char, reading_id_length> ReadingIds::id(Timestamp time, std::string_view value_json) {
  hashed_.resize(sensor_bytes_);
  hashed_ += value_json;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, hashed_.data(), hashed_.size());
  SHA256_Final(digest.data(), &context);

  std::array<unsigned char, id_bytes> bytes;
  for (std::size_t index = 0; index < time_bytes; ++index) {
    bytes[index] = static_cast<unsigned char>(static_cast<std::uint64_t>(time.ns) >> (56 - 8 * index));
  }
  for (std::size_t index = time_bytes; index < id_bytes; ++index) bytes[index] = digest[index - time_bytes];

  std::array<char, reading_id_length> id;
  for (std::size_t from = 0, to = 0; from < id_bytes; from += 3, to += 4) {
    const unsigned bits = unsigned{bytes[from]} << 16 | unsigned{bytes[from + 1]} << 8 | bytes[from + 2];
    id[to] = base64url[bits >> 18];
    id[to + 1] = base64url[bits >> 12 & 63];
    id[to + 2] = base64url[bits >> 6 & 63];
    id[to + 3] = base64url[bits & 63];
  }
  return id;
}

std::string reading_id(SensorId sensor, Timestamp time, std::string_view value_json) {
  const auto id = ReadingIds(sensor).id(time, value_json);
  return std::string(id.data(), id.size());
}

}  // namespace iot::model
