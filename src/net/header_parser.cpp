#include "net/header_parser.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "net/letters.h"

namespace iot::net {

namespace {

/// What may stand on the request line beside the target: the method, two blanks, the version and CR. That leaves 21
/// letters for the method; the longest registered one has 17.
constexpr std::size_t request_line_rest_max = 32;

constexpr std::string_view malformed = "the header is malformed";
constexpr std::string_view bad_length = "the body's length is given twice or is no number";

Method method_of(std::string_view name) noexcept {
  switch (name.size()) {
    case 3:
      return name == "GET" ? Method::get : name == "PUT" ? Method::put : Method::other;
    case 4:
      return name == "POST" ? Method::post : name == "HEAD" ? Method::head : Method::other;
    case 5:
      return name == "PATCH" ? Method::patch : Method::other;
    case 6:
      return name == "DELETE" ? Method::delete_ : Method::other;
    case 7:
      return name == "OPTIONS" ? Method::options : Method::other;
    default:
      return Method::other;
  }
}

/// Where a method and a target, each with its blank, end; nullptr if they do not.
const char* end_of_target(const char* line, const char* end, std::string_view& method, std::string_view& target) {
  const char* at = std::find_if_not(line, end, is_token_letter);
  if (at == line || at == end || *at != ' ') return nullptr;
  method = {line, at};
  const char* const begin = ++at;
  at = std::find_if(begin, end, [](char letter) { return is_control(letter) || is_blank(letter); });
  if (at == begin || at == end || *at != ' ') return nullptr;
  target = {begin, at};
  return at + 1;
}

/// Whether a request line whose version is not one of ours names another version of HTTP.
bool names_other_version(std::string_view line) noexcept {
  line = line.substr(0, line.find('\r'));
  if (line.size() < 8 || std::count(line.begin(), line.end(), ' ') != 2) return false;
  const std::string_view version = line.substr(line.size() - 8);
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  return version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
}

/// A comma-separated list of tokens; empty places count for nothing (RFC 9110 section 5.6.1).
class TokenList {
 public:
  explicit TokenList(std::string_view list) noexcept : rest_(list) {}

  /// Empty at the end of the list, which is also where it is malformed.
  std::string_view next() noexcept {
    for (; !rest_.empty(); rest_.remove_prefix(1)) {
      if (is_blank(rest_.front())) continue;
      if (rest_.front() == ',') {
        after_comma_ = true;
        continue;
      }
      const auto size =
          static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), is_token_letter) - rest_.begin());
      if (size == 0 || !after_comma_) break;
      const std::string_view token = rest_.substr(0, size);
      rest_.remove_prefix(size);
      after_comma_ = false;
      return token;
    }
    return {};
  }
  bool is_malformed() const noexcept { return !rest_.empty(); }

 private:
  std::string_view rest_;
  bool after_comma_ = true;
};

}  // namespace

HeaderParser::Step HeaderParser::parse(std::string_view bytes) {
  if (refusal_) return Step::refused;
  follow(bytes.data());
  const char* const begin = bytes.data();
  const char* const end = begin + std::min(bytes.size(), limits_.header_bytes_max);
  for (;;) {
    const char* const line = begin + lines_bytes_;
    const bool is_first = lines_bytes_ == 0;
    if (!is_first && end - line >= 2 && line[0] == '\r' && line[1] == '\n') {
      header_.bytes = lines_bytes_ + 2;
      if (!fault_) return Step::complete;
      return refuse(fault_.status, fault_.reason);
    }
    const auto line_bytes_max = static_cast<std::ptrdiff_t>(limits_.target_bytes_max + request_line_rest_max);
    const char* const line_end = is_first && end - line > line_bytes_max ? line + line_bytes_max + 1 : end;
    // A line that was cut before is looked at again only when its end is there.
    const bool was_cut = searched_bytes_ > lines_bytes_;
    const char* next = was_cut ? nullptr : take_line(line, line_end);
    if (next == nullptr) {
      const char* const from = was_cut ? begin + searched_bytes_ : line;
      const auto* const line_feed =
          static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(line_end - from)));
      if (line_feed == nullptr) {
        if (is_first && line_end - line > line_bytes_max) return refuse(414, "the request target is too long");
        searched_bytes_ = static_cast<std::size_t>(line_end - begin);
        break;
      }
      if (line_feed == line || line_feed[-1] != '\r')
        return refuse(400, "a line of the header does not end with CR LF");
      if (!is_first && is_blank(*line)) return refuse(400, "a header field is folded over several lines");
      next = line_feed + 1;
      if (take_line(line, next) == nullptr) find_fault_of_line({line, next});
    }
    lines_bytes_ = static_cast<std::size_t>(next - begin);
  }
  if (bytes.size() > limits_.header_bytes_max) return refuse(431, "the header is too large");
  return Step::need_more;
}

const char* HeaderParser::take_line(const char* line, const char* end) {
  return lines_bytes_ == 0 ? take_request_line(line, end) : take_field(line, end);
}

const char* HeaderParser::take_request_line(const char* line, const char* end) noexcept {
  std::string_view method;
  std::string_view target;
  const char* const version = end_of_target(line, end, method, target);
  constexpr std::string_view version_0 = "HTTP/1.0\r\n";
  constexpr std::string_view version_1 = "HTTP/1.1\r\n";
  if (version == nullptr || end - version < static_cast<std::ptrdiff_t>(version_1.size())) return nullptr;
  const std::string_view rest(version, version_1.size());
  if (rest != version_1 && rest != version_0) return nullptr;
  header_.method = method_of(method);
  header_.target = target;
  header_.minor_version = rest == version_1 ? 1 : 0;
  return version + rest.size();
}

const char* HeaderParser::take_field(const char* line, const char* end) {
  const char* at = std::find_if_not(line, end, is_token_letter);
  if (at == line || at == end || *at != ':') return nullptr;
  const std::string_view name(line, at);
  const char* const value_begin = std::find_if_not(at + 1, end, is_blank);
  at = find_control(value_begin, end);
  if (end - at < 2 || at[0] != '\r' || at[1] != '\n') return nullptr;
  const char* value_end = at;
  while (value_end != value_begin && is_blank(value_end[-1])) --value_end;
  const std::string_view value(value_begin, value_end);
  header_.fields.push_back({name, value});
  take_known_field(name, value);
  return at + 2;
}

void HeaderParser::take_known_field(std::string_view name, std::string_view value) noexcept {
  switch (name.size()) {
    case 4:
      if (equal_ignoring_case(name, "Host")) ++header_.hosts;
      break;
    case 6:
      if (equal_ignoring_case(name, "Expect")) header_.expect = value;
      break;
    case 10:
      if (equal_ignoring_case(name, "Connection")) take_connection(value);
      break;
    case 14:
      if (equal_ignoring_case(name, "Content-Length")) take_content_length(value);
      break;
    case 16:
      if (equal_ignoring_case(name, "Content-Encoding")) {
        header_.duplicate_content_encoding |= !header_.content_encoding.empty();
        header_.content_encoding = value;
      } else if (equal_ignoring_case(name, "Proxy-Connection")) {
        // What clients that take us for a proxy send in the place of Connection.
        take_connection(value);
      }
      break;
    case 17:
      if (equal_ignoring_case(name, "Transfer-Encoding")) take_transfer_encoding(value);
      break;
    default:
      break;
  }
}

void HeaderParser::take_connection(std::string_view value) noexcept {
  TokenList options(value);
  for (std::string_view option = options.next(); !option.empty(); option = options.next()) {
    header_.says_close |= equal_ignoring_case(option, "close");
    header_.says_keep_alive |= equal_ignoring_case(option, "keep-alive");
  }
  if (options.is_malformed()) find_fault(400, malformed);
}

void HeaderParser::take_content_length(std::string_view value) noexcept {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  const bool is_number = error == std::errc{} && end == value.data() + value.size();
  if (!is_number || header_.content_length || header_.ends_chunked) return find_fault(400, bad_length);
  header_.content_length = length;
}

void HeaderParser::take_transfer_encoding(std::string_view value) noexcept {
  if (header_.content_length || header_.ends_chunked) return find_fault(400, malformed);
  ++header_.transfer_encodings;
  header_.only_chunked &= equal_ignoring_case(value, "chunked");
  TokenList codings(value);
  for (std::string_view coding = codings.next(); !coding.empty(); coding = codings.next()) {
    if (!equal_ignoring_case(coding, "chunked")) continue;
    header_.ends_chunked = codings.next().empty();
    break;
  }
}

void HeaderParser::find_fault_of_line(std::string_view line) noexcept {
  std::string_view method;
  std::string_view target;
  const bool only_version_is_bad =
      lines_bytes_ == 0 && end_of_target(line.data(), line.data() + line.size(), method, target) != nullptr;
  if (only_version_is_bad && names_other_version(line)) {
    return find_fault(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  }
  find_fault(400, malformed);
}

void HeaderParser::find_fault(unsigned status, std::string_view reason) noexcept {
  if (!fault_) fault_ = {status, reason};
}

HeaderParser::Step HeaderParser::refuse(unsigned status, std::string_view reason) noexcept {
  refusal_ = {status, reason};
  return Step::refused;
}

void HeaderParser::follow(const char* base) noexcept {
  if (base == base_) return;
  const auto move = [&](std::string_view& view) {
    if (!view.empty()) view = {base + (view.data() - base_), view.size()};
  };
  for (HeaderView& field : header_.fields) {
    move(field.name);
    move(field.value);
  }
  move(header_.target);
  move(header_.content_encoding);
  move(header_.expect);
  base_ = base;
}

void HeaderParser::reset() noexcept {
  // The fields keep their memory: it serves all requests of the connection.
  std::vector<HeaderView> fields = std::move(header_.fields);
  fields.clear();
  header_ = {};
  header_.fields = std::move(fields);
  refusal_ = fault_ = {};
  lines_bytes_ = searched_bytes_ = 0;
}

}  // namespace iot::net
