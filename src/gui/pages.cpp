#include "gui/pages.h"

#include <algorithm>
#include <array>
#include <cassert>

#include <sodium.h>

namespace iot::gui {
namespace {

constexpr std::string_view nonce_mark = "{{nonce}}";
constexpr std::string_view index_path = "/index.html";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether `coding` is among those of Accept-Encoding, and not with a weight of zero (RFC 9110 section 12.5.3).
bool accepts(std::string_view accept_encoding, std::string_view coding) {
  while (!accept_encoding.empty()) {
    const std::size_t comma = accept_encoding.find(',');
    const std::string_view item = accept_encoding.substr(0, comma);
    accept_encoding.remove_prefix(comma == item.npos ? accept_encoding.size() : comma + 1);
    const std::size_t semicolon = item.find(';');
    if (trimmed(item.substr(0, semicolon)) != coding) continue;
    if (semicolon == item.npos) return true;
    const std::string_view weight = trimmed(item.substr(semicolon + 1));
    return !weight.starts_with("q=") || weight.find_first_of("123456789") != weight.npos;
  }
  return false;
}

/// Whether the client has it already: If-None-Match names its tag, weak or not (RFC 9110 section 13.1.2).
bool is_known(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != if_none_match.npos;
}

void add_headers(net::HttpResponse& response, std::string policy, std::string_view caching) {
  auto& headers = response.headers;
  headers.emplace_back("Content-Security-Policy", std::move(policy));
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("X-Frame-Options", "DENY");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  headers.emplace_back("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
  headers.emplace_back("Cache-Control", caching);
}

}  // namespace

Pages::Pages(std::span<const Asset> assets, std::function<std::string()> make_nonce)
    : assets_(assets), make_nonce_(std::move(make_nonce)) {
  const auto index = std::ranges::find(assets_, index_path, &Asset::path);
  assert(index != assets_.end());
  const std::string_view html = index->identity;
  const std::size_t mark = html.find(nonce_mark);
  assert(mark != html.npos);
  before_nonce_ = html.substr(0, mark);
  after_nonce_ = html.substr(mark + nonce_mark.size());
}

std::optional<net::HttpResponse> Pages::answer(const net::HttpRequest& request) const {
  if (request.method != net::Method::get && request.method != net::Method::head) return {};
  if (request.path.starts_with("/api/")) return {};
  if (request.path == "/") return page();
  const auto asset = std::ranges::lower_bound(assets_, request.path, {}, &Asset::path);
  if (asset != assets_.end() && asset->path == request.path && asset->path != index_path) return file(*asset, request);
  if (request.header("Accept").find("text/html") != std::string_view::npos) return page();
  return {};
}

net::HttpResponse Pages::file(const Asset& asset, const net::HttpRequest& request) const {
  net::HttpResponse response;
  response.content_type = asset.content_type;
  const std::string_view accepted = request.header("Accept-Encoding");
  std::string_view body = asset.identity;
  std::string_view coding;
  if (!asset.brotli.empty() && accepts(accepted, "br")) {
    body = asset.brotli;
    coding = "br";
  } else if (!asset.gzip.empty() && accepts(accepted, "gzip")) {
    body = asset.gzip;
    coding = "gzip";
  }
  // Another tag for each coding, as they are other bytes (RFC 9110 section 8.8.3.3).
  std::string tag = "\"" + std::string(asset.hash);
  if (!coding.empty()) tag.append("-").append(coding);
  tag += "\"";
  add_headers(response, "default-src 'none'; frame-ancestors 'none'",
              asset.is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("ETag", tag);
  if (is_known(request.header("If-None-Match"), tag)) {
    response.status = 304;
    return response;
  }
  if (!coding.empty()) response.headers.emplace_back("Content-Encoding", coding);
  response.body = body;
  return response;
}

net::HttpResponse Pages::page() const {
  const std::string nonce = make_nonce_();
  net::HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.body.reserve(before_nonce_.size() + nonce.size() + after_nonce_.size());
  response.body.append(before_nonce_).append(nonce).append(after_nonce_);
  // Styles that the component library makes while the page is shown carry the nonce; scripts are files, all of them.
  add_headers(response,
              "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce +
                  "'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
                  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
              "no-store");
  return response;
}

std::string random_nonce() {
  std::array<unsigned char, 16> bits;
  randombytes_buf(bits.data(), bits.size());
  std::array<char, sodium_base64_ENCODED_LEN(16, sodium_base64_VARIANT_ORIGINAL)> text;
  return sodium_bin2base64(text.data(), text.size(), bits.data(), bits.size(), sodium_base64_VARIANT_ORIGINAL);
}

}  // namespace iot::gui
