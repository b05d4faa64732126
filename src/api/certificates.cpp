// The client certificates by which a device may be known instead of by a token.
#include "access/certificate.h"
#include "api/caller.h"
#include "api/entity_json.h"
#include "api/fields.h"
#include "base/json_writer.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

awaitable<Answer> list(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  IOT_CO_TRY(const auto certificates,
             co_await blocking(request.service, [&] { return request.registry().certificates(id); }));
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("result").begin_array();
  for (const model::Certificate& certificate : certificates) write_certificate(json, certificate);
  json.end_array().end_object();
  co_return response;
}

/// Of the body's "certificate" or "fingerprint", exactly one of which must be there.
Fingerprint read_fingerprint(Fields& fields) {
  const auto pem = fields.text("certificate");
  const auto text = fields.text("fingerprint");
  if (fields.has("certificate") == fields.has("fingerprint")) {
    fields.fault("either a certificate in PEM form or its fingerprint is expected", "certificate");
    return {};
  }
  if (pem) {
    const auto read = access::fingerprint_of_pem(*pem);
    if (read) return *read;
    fields.fault(read.error().message, "certificate");
  }
  if (text) {
    if (const auto read = parse_fingerprint(*text)) return *read;
    fields.fault("a SHA-256 fingerprint is expected: 64 hexadecimal digits, with colons or without", "fingerprint");
  }
  return {};
}

awaitable<Answer> add(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  Fields fields(request.body);
  registry::NewCertificate certificate;
  certificate.device = id;
  certificate.name = fields.required_text("name");
  certificate.fingerprint = read_fingerprint(fields);
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(const model::Certificate added, co_await written<model::Certificate>([&](auto done) {
               request.registry().add_certificate(request.actor(), std::move(certificate), std::move(done));
             }));
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("result");
  write_certificate(json, added);
  json.end_object();
  co_return response;
}

awaitable<Answer> remove(Request& request) {
  IOT_CO_TRY(const DeviceId id, own_device(request));
  const auto fingerprint = parse_fingerprint(*find_parameter(request.path, "fingerprint"));
  if (!fingerprint) co_return make_error(registry::Errc::certificate_not_found, "Certificate not found");
  IOT_CO_CHECK(co_await written<void>(
      [&](auto done) { request.registry().remove_certificate(request.actor(), id, *fingerprint, std::move(done)); }));
  net::HttpResponse response;
  JsonWriter json(response.body);
  json.begin_object().key("result").begin_object();
  json.key("fingerprint").string(fingerprint->to_string()).end_object().end_object();
  co_return response;
}

}  // namespace

std::span<const Route> certificate_routes() {
  using enum net::Method;
  constexpr Scope both = Scope::also_by_user;
  static const std::vector<Route> routes = {
      {get,
       "/api/devices/:device_id/certificates",
       "listCertificates",
       Access::reader,
       "List the client certificates that stand for the device",
       list,
       {},
       "CertificateList",
       {},
       both},
      {post,
       "/api/devices/:device_id/certificates",
       "addCertificate",
       Access::writer,
       "Let a client certificate stand for the device, as its token does; at most 16",
       add,
       "NewCertificate",
       "CertificateResult",
       {},
       both},
      {delete_,
       "/api/devices/:device_id/certificates/:fingerprint",
       "removeCertificate",
       Access::writer,
       "A certificate stands for the device no longer; connections that came with it end at once",
       remove,
       {},
       "CertificateRemoved",
       {},
       both},
  };
  return routes;
}

}  // namespace iot::api
