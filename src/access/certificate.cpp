#include "access/certificate.h"

#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "access/tokens.h"

namespace iot::access {
namespace {

struct Free {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using CertificatePtr = std::unique_ptr<X509, Free>;

CertificatePtr read_next(BIO& text) {
  // Never asks the terminal for a password.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  CertificatePtr certificate(PEM_read_bio_X509(&text, nullptr, no_password, nullptr));
  ERR_clear_error();
  return certificate;
}

}  // namespace

Result<Fingerprint> fingerprint_of_pem(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return make_error(Errc::malformed, "it holds a private key: send the certificate alone, and keep the key");
  }
  const std::unique_ptr<BIO, Free> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const CertificatePtr certificate = read_next(*text);
  if (!certificate) return make_error(Errc::malformed, "it is not a certificate in PEM form");
  if (read_next(*text)) {
    return make_error(Errc::malformed, "it holds several certificates: send the device's own, without its issuers");
  }
  Fingerprint fingerprint;
  unsigned bytes = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), fingerprint.bytes.data(), &bytes) != 1) {
    return make_error(Errc::malformed, "its fingerprint cannot be computed");
  }
  return fingerprint;
}

}  // namespace iot::access
