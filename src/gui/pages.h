// Answers browsers that ask for the GUI: its files, and its one page at the address of each page of the GUI, as those
// are told apart by its script.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "gui/assets.h"
#include "net/http.h"

namespace iot::gui {

class Pages {
 public:
  /// `assets` must outlive the object and have "/index.html". `make_nonce` gives another secret each time, in
  /// characters of base64; any thread.
  Pages(std::span<const Asset> assets, std::function<std::string()> make_nonce);

  /// The answer, with all its headers; nothing where the request is for none of the GUI: another method than GET and
  /// HEAD, or a path that is no file where the client does not ask for text/html by name. Paths below "/api/" are never
  /// the GUI's.
  std::optional<net::HttpResponse> answer(const net::HttpRequest& request) const;

 private:
  net::HttpResponse file(const Asset& asset, const net::HttpRequest& request) const;
  net::HttpResponse page() const;

  std::span<const Asset> assets_;
  std::function<std::string()> make_nonce_;
  std::string_view before_nonce_;  ///< the page up to where its nonce stands
  std::string_view after_nonce_;
};

/// 128 random bits.
std::string random_nonce();

}  // namespace iot::gui
