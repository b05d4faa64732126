#include "model/value.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <memory>

#include <openssl/evp.h>

#include "base/json_writer.h"
#include "base/time_text.h"

namespace iot::model {
namespace {

constexpr std::size_t id_bytes = 15;
constexpr std::size_t id_length = 20;
constexpr std::size_t id_time_bytes = 8;
constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_date(std::string& out, std::int64_t ns) {
  constexpr std::int64_t ns_per_millisecond = 1'000'000;
  out += '"';
  append_timestamp(out, Timestamp{ns},
                   ns % ns_per_millisecond == 0 ? FractionDigits::milliseconds : FractionDigits::nanoseconds);
  out += '"';
}

/// SHA-256 with a context and an algorithm that are looked up once: a fetch costs more than the hash.
std::array<unsigned char, 32> sha256(std::string_view text) {
  struct Free {
    void operator()(EVP_MD* algorithm) const noexcept { EVP_MD_free(algorithm); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  };
  static const std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::array<unsigned char, 32> digest{};
  // These fail only without memory or without OpenSSL's own default provider; an id made of zeros would be worse.
  if (EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
    std::abort();
  }
  return digest;
}

/// Six bits, or 64 if the character is not of the alphabet.
unsigned sextet(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0') + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : 64;
}

}  // namespace

void append_value_json(std::string& out, MappingType mapping, double value) {
  JsonWriter writer(out);
  if (mapping == MappingType::single_precision) {
    writer.real(static_cast<float>(value));
  } else {
    writer.real(value);
  }
}

void append_value_json(std::string& out, MappingType mapping, std::int64_t value) {
  switch (mapping) {
    case MappingType::boolean:
      out += value != 0 ? "true" : "false";
      return;
    case MappingType::date:
      append_date(out, value);
      return;
    default:
      append_integer(out, value);
  }
}

void append_value_json(std::string& out, MappingType mapping, std::string_view value) {
  if (mapping == MappingType::geo_point || mapping == MappingType::object) {
    out += value;
  } else {
    append_json_string(out, value);
  }
}

void append_value_json(std::string& out, MappingType mapping, const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) {
    append_value_json(out, mapping, *real);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    append_value_json(out, mapping, *integer);
  } else {
    append_value_json(out, mapping, std::string_view(*std::get_if<std::string>(&value)));
  }
}

std::string reading_id(SensorId sensor, Timestamp time, std::string_view value_json) {
  std::string hashed = sensor.to_string();
  hashed += '\n';
  hashed += value_json;
  const auto digest = sha256(hashed);
  std::array<unsigned char, id_bytes> bytes;
  for (std::size_t index = 0; index < id_time_bytes; ++index) {
    bytes[index] = static_cast<unsigned char>(static_cast<std::uint64_t>(time.ns) >> (56 - 8 * index));
  }
  for (std::size_t index = id_time_bytes; index < id_bytes; ++index) bytes[index] = digest[index - id_time_bytes];

  std::string id;
  id.reserve(id_length);
  for (std::size_t index = 0; index < id_bytes; index += 3) {
    const unsigned bits = unsigned{bytes[index]} << 16 | unsigned{bytes[index + 1]} << 8 | bytes[index + 2];
    for (const int shift : {18, 12, 6, 0}) id += base64url[bits >> shift & 63];
  }
  return id;
}

std::optional<Timestamp> time_of_reading_id(std::string_view id) noexcept {
  if (id.size() != id_length) return {};
  std::uint64_t ns = 0;
  for (std::size_t index = 0; index < id_length; ++index) {
    const unsigned bits = sextet(id[index]);
    if (bits == 64) return {};
    // Ten characters are 60 bits; the eleventh gives the last four.
    if (index < 10) ns = ns << 6 | bits;
    if (index == 10) ns = ns << 4 | bits >> 2;
  }
  if (ns >> 63 != 0) return {};
  return Timestamp{static_cast<std::int64_t>(ns)};
}

}  // namespace iot::model
