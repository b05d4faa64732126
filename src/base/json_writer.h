// Writes JSON text straight into a string, without a document in between: answers, logs, exports.
//
// For reading JSON: simdjson where readings come in, Boost.JSON elsewhere. The writer trusts its caller to open and
// close in order, and puts the commas.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace iot {

/// A member's name that is known at compile time, quoted there. A name that JSON would have to escape does not compile.
class JsonKey {
 public:
  template <std::size_t size>
  consteval JsonKey(const char (&name)[size]) : length_(size + 3) {  // NOLINT(google-explicit-constructor)
    static_assert(size + 3 <= sizeof text_, "JsonKey holds short names");
    text_[0] = ',';
    text_[1] = '"';
    for (std::size_t i = 0; i + 1 < size; ++i) {
      if (name[i] < 0x20 || name[i] == '"' || name[i] == '\\') throw "this name must be escaped";
      text_[i + 2] = name[i];
    }
    text_[size + 1] = '"';
    text_[size + 2] = ':';
  }

  /// ,"name":
  constexpr std::string_view after_comma() const noexcept { return {text_, length_}; }

 private:
  char text_[64] = {};
  std::size_t length_;
};

class JsonWriter {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) noexcept : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(const JsonKey& name) {
    out_.append(name.after_comma().substr(needs_comma_ ? 0 : 1));
    needs_comma_ = false;
    return *this;
  }
  /// Names that are not literals.
  template <std::convertible_to<std::string_view> Name>
    requires(!std::is_array_v<Name>)
  JsonWriter& key(const Name& name) {
    return any_key(name);
  }
  JsonWriter& string(std::string_view text);
  JsonWriter& integer(std::int64_t number);
  JsonWriter& unsigned_integer(std::uint64_t number);
  /// The shortest text that reads back as the same double, with ".0" where it would look like an integer; null for NaN
  /// and the infinities, which JSON does not have.
  JsonWriter& real(double number);
  /// The same for a float: the shortest text that reads back as the same float.
  JsonWriter& real(float number);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  /// A value that is JSON already.
  JsonWriter& raw(std::string_view json);

 private:
  JsonWriter& any_key(std::string_view name);
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string& out_;
  bool needs_comma_ = false;
};

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text) noexcept;

/// Appends what JsonWriter::real writes.
void append_json_real(std::string& out, double number);

}  // namespace iot
