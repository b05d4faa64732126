#include "query/es_error.h"

#include <cstdio>
#include <cstdlib>

#include "base/json_writer.h"

namespace iot::query {

EsError EsError::at(Position position) && {
  has_position_ = true;
  position_ = position;
  return std::move(*this);
}

EsError EsError::caused_by(EsError cause) && {
  cause_ = std::make_shared<const EsError>(std::move(cause));
  return std::move(*this);
}

EsError EsError::with(std::string member, std::string json) && {
  members_.emplace_back(std::move(member), std::move(json));
  return std::move(*this);
}

EsError EsError::on_shard() && {
  stage_ = Stage::shard;
  return std::move(*this);
}

EsError EsError::in_reduce() && {
  stage_ = Stage::reduce;
  return std::move(*this);
}

EsError EsError::without_wrapping() && {
  if (type_ != "query_shard_exception" || !cause_ || !reason_.starts_with("failed to create query"))
    return std::move(*this);
  EsError cause = *cause_;
  cause.stage_ = stage_;
  return cause;
}

const EsError& EsError::root() const {
  const EsError* error = this;
  while (error->type_ == "x_content_parse_exception" && error->cause_ &&
         (error->cause_->type_ == "x_content_parse_exception" || error->cause_->type_ == "parsing_exception")) {
    error = error->cause_.get();
  }
  // Why a query could not be created is told instead, where it is an error of Elasticsearch's own.
  if (error->type_ == "query_shard_exception" && error->cause_ && error->cause_->type_ == "parse_exception" &&
      error->reason_.starts_with("failed to create query")) {
    error = error->cause_.get();
  }
  return *error;
}

void EsError::append_members(std::string& out) const {
  out += "\"type\":";
  append_json_string(out, type_);
  out += ",\"reason\":";
  append_json_string(out, reason_);
  if (has_position_) {
    out += ",\"line\":" + std::to_string(position_.line) + ",\"col\":" + std::to_string(position_.column);
  }
  for (const auto& [name, json] : members_) {
    out += ',';
    append_json_string(out, name);
    out += ':';
    out += json;
  }
}

void EsError::append_object(std::string& out) const {
  out += '{';
  append_members(out);
  if (cause_) {
    out += ",\"caused_by\":";
    cause_->append_object(out);
  }
  out += '}';
}

EsAnswer EsError::answer(std::string_view index) const {
  std::string body = "{\"error\":{\"root_cause\":[";
  if (stage_ == Stage::request || stage_ == Stage::shard) {
    body += '{';
    root().append_members(body);
    body += '}';
  }
  body += "],";
  if (stage_ == Stage::request) {
    append_members(body);
    if (cause_) {
      body += ",\"caused_by\":";
      cause_->append_object(body);
    }
  } else if (stage_ == Stage::shard) {
    body +=
        "\"type\":\"search_phase_execution_exception\",\"reason\":\"all shards failed\",\"phase\":\"query\","
        "\"grouped\":true,\"failed_shards\":[{\"shard\":0,\"index\":";
    append_json_string(body, index);
    body += ",\"node\":";
    append_json_string(body, node_id);
    body += ",\"reason\":";
    append_object(body);
    body += "}]";
  } else {
    body +=
        "\"type\":\"search_phase_execution_exception\",\"reason\":\"\",\"phase\":\"fetch\",\"grouped\":true,"
        "\"failed_shards\":[],\"caused_by\":";
    append_object(body);
  }
  body += "},\"status\":" + std::to_string(status_) + "}";
  return {status_, std::move(body), "application/json"};
}

void throw_exception_from_error(const EsError& error, const boost::source_location& where) {
  std::fprintf(stderr, "%s:%u: a value was taken that is not there: %s\n", where.file_name(), where.line(),
               error.reason().c_str());
  std::abort();
}

EsError parsing_error(Position at, std::string reason) {
  return EsError(400, "parsing_exception", std::move(reason)).at(at);
}

EsError content_error(Position at, const std::string& reason) {
  return {400, "x_content_parse_exception",
          "[" + std::to_string(at.line) + ":" + std::to_string(at.column) + "] " + reason};
}

EsError illegal_argument(std::string reason) {
  return {400, "illegal_argument_exception", std::move(reason)};
}

EsAnswer es_error(unsigned status, std::string_view type, std::string_view reason) {
  return EsError(status, std::string(type), std::string(reason)).answer();
}

}  // namespace iot::query
