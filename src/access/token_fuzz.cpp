// Tokens from outside. Two forms of input: what stands in the header as it came; or, after the byte 'S', header and
// payload as JSON texts with a line feed between, which are signed with our key, so that the claims are reached too.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "access/testing/test_key.h"
#include "access/tokens.h"

namespace {

using namespace iot;
using namespace iot::access;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Fixture {
  Fixture() {
    strict.set_key(testing::test_key());
    lenient.set_key(testing::test_key());
  }
  ManualClock clock;
  Tokens strict{{.cache_entries_max = 16}, clock};
  Tokens lenient{{.cache_entries_max = 16, .accept_legacy = true}, clock};
};

void check(const Fixture& fixture, const std::string& token) {
  for (const Audience audience : {Audience::device, Audience::consumer, Audience::user}) {
    const auto first = fixture.strict.verify(token, audience);
    const auto again = fixture.strict.verify(token, audience);
    require(first.has_value() == again.has_value());
    const auto lenient = fixture.lenient.verify(token, audience);
    if (!first) {
      if (lenient) require(lenient->key_version == 0 && audience != Audience::user);
      continue;
    }
    require(first->audience == audience && first->key_version >= 1);
    require(first->subject == again->subject && first->key_version == again->key_version);
    require(lenient && lenient->subject == first->subject);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Fixture fixture;
  std::string text(reinterpret_cast<const char*>(data), size);
  if (text.empty() || text[0] != 'S') {
    require(!fixture.strict.verify(text, Audience::device));  // nobody guesses a signature
    check(fixture, text);
    return 0;
  }
  // @ stands for our key's id, which is another in each run.
  const std::size_t line = text.find('\n');
  std::string header = text.substr(1, line == text.npos ? text.npos : line - 1);
  if (const std::size_t at = header.find('@'); at != header.npos) {
    header.replace(at, 1, testing::test_key()->key_id());
  }
  check(fixture, testing::sign(*testing::test_key(), header, line == text.npos ? "" : text.substr(line + 1)));
  return 0;
}
