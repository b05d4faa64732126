// What a text of MQTT consists of (5.0 section 1.5.4): one pass that says all a decoder wants to know.
//
// The standard forbids ill-formed UTF-8, surrogates and U+0000. Control characters and non-characters it lets a
// receiver refuse; we refuse them where a text is a name (client id, user name, topic, filter) and pass them where it
// is free text (user properties, reason strings), which may well have lines.
#pragma once

#include <string_view>

namespace iot::mqtt {

/// What scan_text() met, as bits.
struct TextTraits {
  static constexpr unsigned ill_formed = 1;     ///< no UTF-8, overlong, a surrogate, or past U+10FFFF
  static constexpr unsigned null = 2;           ///< U+0000
  static constexpr unsigned control = 4;        ///< U+0001 to U+001F, U+007F to U+009F
  static constexpr unsigned non_character = 8;  ///< U+FDD0 to U+FDEF, and the last two of each plane
  static constexpr unsigned wildcard = 16;      ///< '+' or '#'
};

/// All traits of the text; it stops early only at ill_formed. Time linear in bytes, eight ASCII letters at a time.
unsigned scan_text(std::string_view text) noexcept;

/// What the standard demands of every string.
inline bool is_text(std::string_view text) noexcept {
  return (scan_text(text) & (TextTraits::ill_formed | TextTraits::null)) == 0;
}

/// What we demand of a name.
inline bool is_name(std::string_view text) noexcept {
  return (scan_text(text) & ~TextTraits::wildcard) == 0;
}

/// What a payload must be whose payload format indicator is 1.
inline bool is_utf8(std::string_view text) noexcept {
  return (scan_text(text) & TextTraits::ill_formed) == 0;
}

}  // namespace iot::mqtt
