#include "access/testing/test_key.h"

#include <cstdlib>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "access/base64url.h"
#include "access/signing_key_state.h"

namespace iot::access::testing {
namespace {

std::shared_ptr<const SigningKey> make_key() {
  const TemporaryDirectory directory;
  return SigningKey::create(directory.path() / "key.pem", 2'048).value();
}

std::string signing_input(std::string_view header, std::string_view payload) {
  return encode_base64url(header) + "." + encode_base64url(payload);
}

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "iot-test-XXXXXX").string();
  if (!::mkdtemp(name.data())) std::abort();
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::shared_ptr<const SigningKey> test_key() {
  static const std::shared_ptr<const SigningKey> key = make_key();
  return key;
}

std::shared_ptr<const SigningKey> other_test_key() {
  static const std::shared_ptr<const SigningKey> key = make_key();
  return key;
}

std::string sign(const SigningKey& key, std::string_view header, std::string_view payload) {
  const std::string input = signing_input(header, payload);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key.state().key.get());
  std::size_t count = 0;
  EVP_DigestSign(context, nullptr, &count, unsigned_bytes(input), input.size());
  std::string signature(count, '\0');
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &count, unsigned_bytes(input),
                 input.size());
  EVP_MD_CTX_free(context);
  return input + "." + encode_base64url(signature);
}

std::string public_pem(const SigningKey& key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key.state().key.get());
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(bio, &bytes);
  std::string pem(bytes, static_cast<std::size_t>(count));
  BIO_free(bio);
  return pem;
}

std::string sign_hs256(std::string_view secret, std::string_view header, std::string_view payload) {
  const std::string input = signing_input(header, payload);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned count = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), unsigned_bytes(input), input.size(), digest,
       &count);
  return input + "." + encode_base64url({reinterpret_cast<const char*>(digest), count});
}

}  // namespace iot::access::testing
