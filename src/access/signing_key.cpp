#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/signing_key_state.h"
#include "base/json_writer.h"

namespace iot::access {
namespace {

/// A 16384-bit key in PEM has 13 KiB.
constexpr off_t key_file_bytes_max = 64 << 10;

struct BioDeleter {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;

/// A file descriptor that is closed, and a temporary name that is removed, whatever happens.
struct File {
  int descriptor = -1;
  std::string temporary;

  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
    if (!temporary.empty()) ::unlink(temporary.c_str());
  }
};

Error unusable(const std::filesystem::path& file, const std::string& why) {
  return make_error(Errc::key_unusable, "the signing key " + file.string() + " cannot be used: " + why);
}

Result<std::string> read_private_file(const std::filesystem::path& path) {
  File file;
  file.descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.descriptor < 0) return system_error(errno, "open the signing key " + path.string());
  struct stat status {};
  if (::fstat(file.descriptor, &status) != 0) return system_error(errno, "look at the signing key " + path.string());
  if (!S_ISREG(status.st_mode)) return unusable(path, "it is not a regular file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return unusable(path, "others than its owner may use it; run: chmod 600 " + path.string());
  }
  if (status.st_size > key_file_bytes_max) return unusable(path, "it is too large for a key");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(file.descriptor, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read the signing key " + path.string());
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  File file;
  file.descriptor = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file.descriptor < 0) return system_error(errno, "open the directory " + directory.string());
  if (::fsync(file.descriptor) != 0) return system_error(errno, "sync the directory " + directory.string());
  return {};
}

/// Writes a file that only its owner may read: the whole of it is on disk under its name, or nothing is. Never replaces
/// a file: all tokens of a key that is lost are void.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view bytes) {
  File file;
  std::string temporary = path.string() + ".XXXXXX";
  file.descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (file.descriptor < 0) return system_error(errno, "make a file beside " + path.string());
  file.temporary = temporary;
  if (::fchmod(file.descriptor, S_IRUSR | S_IWUSR) != 0) return system_error(errno, "restrict " + temporary);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(errno, "write " + temporary);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.descriptor) != 0) return system_error(errno, "sync " + temporary);
  // A link instead of a rename, which would replace a key that another process has just made.
  if (::link(temporary.c_str(), path.c_str()) != 0) return system_error(errno, "make " + path.string());
  ::unlink(temporary.c_str());
  file.temporary.clear();
  return sync_directory(path.parent_path());
}

/// Without asking anybody for a pass phrase, which OpenSSL would do on the terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

KeyPtr key_from_pem(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  return key;
}

std::string pem_of(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) return {};
  char* bytes = nullptr;
  const long count = BIO_get_mem_data(bio.get(), &bytes);
  return std::string(bytes, static_cast<std::size_t>(count));
}

std::string jwks_of(const JwkNumbers& numbers, std::string_view key_id) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .key("keys")
      .begin_array()
      .begin_object()
      .key("kty")
      .string("RSA")
      .key("use")
      .string("sig")
      .key("alg")
      .string("RS256")
      .key("kid")
      .string(key_id)
      .key("n")
      .string(numbers.modulus)
      .key("e")
      .string(numbers.exponent)
      .end_object()
      .end_array()
      .end_object();
  return text;
}

}  // namespace

SigningKey::SigningKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
SigningKey::~SigningKey() = default;
const std::string& SigningKey::key_id() const noexcept {
  return state_->key_id;
}
const std::string& SigningKey::jwks_json() const noexcept {
  return state_->jwks_json;
}

Result<std::shared_ptr<const SigningKey>> SigningKey::load(const std::filesystem::path& file) {
  auto state = std::make_unique<State>();
  IOT_TRY(state->pem, read_private_file(file));
  state->key = key_from_pem(state->pem);
  if (!state->key) return unusable(file, "it is no PEM private key without pass phrase");
  if (const auto checked = check_rsa_key(state->key.get()); !checked) return unusable(file, checked.error().message);
  const JwkNumbers numbers = jwk_numbers(state->key.get());
  state->key_id = jwk_thumbprint(numbers);
  state->jwks_json = jwks_of(numbers, state->key_id);
  return std::shared_ptr<const SigningKey>(new SigningKey(std::move(state)));
}

Result<std::shared_ptr<const SigningKey>> SigningKey::create(const std::filesystem::path& file, unsigned bits) {
  const KeyPtr key(EVP_RSA_gen(bits));
  if (!key) {
    ERR_clear_error();
    return unusable(file, "OpenSSL could not make a key of " + std::to_string(bits) + " bits");
  }
  if (const auto checked = check_rsa_key(key.get()); !checked) return unusable(file, checked.error().message);
  std::string pem = pem_of(key.get());
  const Result<void> written =
      pem.empty() ? Result<void>(unusable(file, "it could not be encoded")) : write_private_file(file, pem);
  OPENSSL_cleanse(pem.data(), pem.size());
  IOT_CHECK(written);
  return load(file);
}

}  // namespace iot::access
