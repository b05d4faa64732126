#include "net/content_decoder.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace iot::net {
namespace {

using Outcome = ContentDecoder::Outcome;

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

struct Coding {
  ContentCoding coding;
  std::string (*encode)(std::string_view);
};

class ContentDecoderTest : public testing::TestWithParam<Coding> {
 protected:
  Outcome decode(std::string_view bytes, std::size_t bytes_max) {
    return decoder_.decode(GetParam().coding, bytes, bytes_max, out_);
  }
  std::string encode(std::string_view bytes) const { return GetParam().encode(bytes); }

  ContentDecoder decoder_;
  std::string out_;
};

TEST_P(ContentDecoderTest, GivesBackWhatWasEncoded) {
  for (const std::size_t bytes : {0u, 1u, 1000u, 65'535u, 65'536u, 65'537u, 1'000'000u}) {
    std::string text(bytes, 'a');
    for (std::size_t i = 0; i < bytes; i += 7) text[i] = static_cast<char>(i);
    ASSERT_EQ(decode(encode(text), 2'000'000), Outcome::decoded) << bytes;
    EXPECT_TRUE(out_ == text) << bytes;
    EXPECT_GE(out_.capacity(), out_.size() + 64);
  }
}

TEST_P(ContentDecoderTest, TakesSeveralMembers) {
  ASSERT_EQ(decode(encode("abc") + encode("def"), 100), Outcome::decoded);
  EXPECT_EQ(out_, "abcdef");
}

TEST_P(ContentDecoderTest, BoundsWhatComesOut) {
  const std::string bomb = encode(std::string(10'000'000, 'x'));
  EXPECT_LT(bomb.size(), 50'000u);
  EXPECT_EQ(decode(bomb, 10'000'001), Outcome::decoded);
  EXPECT_EQ(decode(bomb, 10'000'000), Outcome::decoded);
  EXPECT_EQ(decode(bomb, 9'999'999), Outcome::too_large);
  EXPECT_LT(out_.size(), 20'000'000u);
  EXPECT_EQ(decode(bomb, 0), Outcome::too_large);
}

TEST_P(ContentDecoderTest, RefusesWhatIsCutShort) {
  const std::string whole = encode("some text that is long enough to be cut in several places");
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    ASSERT_EQ(decode(whole.substr(0, bytes), 1000), Outcome::malformed) << bytes;
  }
}

TEST_P(ContentDecoderTest, RefusesWhatIsNotOfTheCoding) {
  EXPECT_EQ(decode("hello, this is something else", 1000), Outcome::malformed);
  EXPECT_EQ(decode(encode("abc") + "hello", 1000), Outcome::malformed);
  // It goes on with the next body.
  EXPECT_EQ(decode(encode("abc"), 1000), Outcome::decoded);
}

INSTANTIATE_TEST_SUITE_P(Codings, ContentDecoderTest,
                         testing::Values(Coding{ContentCoding::gzip, gzip}, Coding{ContentCoding::zstd, zstd}),
                         [](const auto& test) { return test.param.coding == ContentCoding::gzip ? "Gzip" : "Zstd"; });

TEST(ContentCoding, IsNamedInAnyCase) {
  EXPECT_EQ(parse_content_coding(""), ContentCoding::identity);
  EXPECT_EQ(parse_content_coding("GZip"), ContentCoding::gzip);
  EXPECT_EQ(parse_content_coding("x-gzip"), ContentCoding::gzip);
  EXPECT_EQ(parse_content_coding("zSTD"), ContentCoding::zstd);
  EXPECT_EQ(parse_content_coding("br"), ContentCoding::unknown);
  EXPECT_EQ(parse_content_coding("gzip, gzip"), ContentCoding::unknown);
}

}  // namespace
}  // namespace iot::net
