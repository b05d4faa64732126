#include "api/row_answers.h"

#include <boost/asio/post.hpp>

#include "query/es_error.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;
using query::RowExport;

/// What the rows that are sent hold on to.
class RowBody final : public net::BodyStream {
 public:
  RowBody(Service& service, Gate::Place place, std::unique_ptr<RowExport> rows)
      : service_(service), place_(std::move(place)), rows_(std::move(rows)) {}

  void next(std::function<void(Piece)> done) override {
    boost::asio::post(service_.use.offload, [this, done = std::move(done)] { done(make()); });
  }

 private:
  Piece make() {
    Piece piece;
    try {
      const auto more = rows_->next(piece.bytes);
      if (more) {
        piece.then = *more ? Piece::Then::more : Piece::Then::end;
      } else {
        log_warning("rows were not sent to their end", {{"reason", more.error().reason()}});
        service_.exports_broken.Increment();
        piece = {{}, Piece::Then::broken};
      }
    } catch (const std::exception& exception) {
      log_error("an exception escaped a request; please report this", {{"what", exception.what()}});
      piece = {{}, Piece::Then::broken};
    }
    // Freed where it was used, and not on the loop.
    if (piece.then != Piece::Then::more) rows_.reset();
    return piece;
  }

  Service& service_;
  const Gate::Place place_;
  std::unique_ptr<RowExport> rows_;
};

struct Begun {
  query::EsRows rows;
  std::string body = {};
  bool more = false;
  std::optional<query::EsError> error = {};

  RowExport* get() {
    auto* found = std::get_if<std::unique_ptr<RowExport>>(&rows);
    return found ? found->get() : nullptr;
  }
  void go_on() {
    auto next = get()->next(body);
    more = next && *next;
    if (!next) error = std::move(next).error();
    if (!more) rows = query::EsAnswer();
  }
};

bool has_gone(const net::HttpRequest& http) {
  return http.peer_closed && http.peer_closed->load(std::memory_order_relaxed);
}

}  // namespace

awaitable<std::variant<net::HttpResponse, NoRows>> answer_rows(Service& service, const net::HttpRequest& http,
                                                               rows::Form form, std::function<query::EsRows()> open) {
  auto place = service.exports.enter();
  if (!place) {
    service.queries_refused.Increment();
    co_return NoRows{429, "es_rejected_execution_exception",
                     "rejected: " + std::to_string(service.options.exports_max) + " exports are running already"};
  }
  auto begun = co_await blocking(service, [&]() -> Result<Begun> {
    Begun made{open()};
    if (made.get()) made.go_on();
    return made;
  });
  if (!begun) co_return NoRows{500, "exception", begun.error().message};
  // Nothing was found so far; that may still become an error.
  while (begun->more && begun->body.empty() && !has_gone(http)) {
    begun = co_await blocking(service, [made = std::move(*begun)]() mutable -> Result<Begun> {
      made.go_on();
      return std::move(made);
    });
    if (!begun) co_return NoRows{500, "exception", begun.error().message};
  }
  if (begun->error) co_return NoRows{begun->error->status(), begun->error->type(), begun->error->reason()};
  if (auto* refused = std::get_if<query::EsAnswer>(&begun->rows); refused && !refused->body.empty()) {
    co_return NoRows{refused->status, {}, {}, std::move(*refused)};
  }
  net::HttpResponse response;
  response.body = std::move(begun->body);
  response.content_type = rows::content_type(form);
  response.headers.emplace_back("Vary", "Accept");
  if (begun->more) {
    response.rest = std::make_shared<RowBody>(service, std::move(*place),
                                              std::get<std::unique_ptr<RowExport>>(std::move(begun->rows)));
  }
  co_return response;
}

}  // namespace iot::api
