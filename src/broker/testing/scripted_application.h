// A gateway by the book of the test: topics below `take/` are readings, those below `no/` are not the client's.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/application.h"

namespace iot::broker::testing {

class ScriptedApplication final : public Application {
 public:
  // What it answers:
  Admission admission = {};
  Taken taken = {};  ///< to take(), and to take_kept()
  Taken prepared = {};
  BatchNumber published_batch = 0;
  // What it was told:
  std::vector<std::string> readings;
  std::vector<std::pair<std::string, mqtt::ReasonCode>> receipts;
  std::vector<std::string> filters;

  Admission admit(const mqtt::Connect&) override { return admission; }
  void opened(bool) override {}
  Way way_of(std::string_view topic) override {
    if (topic.starts_with("no/")) return Way::refuse;
    return topic.starts_with("take/") ? Way::take : Way::route;
  }
  Taken take(std::string_view payload) override {
    readings.emplace_back(payload);
    return taken;
  }
  Taken prepare(std::string_view payload, std::string& kept) override {
    kept = payload;
    return prepared;
  }
  Taken take_kept(std::string_view kept) override {
    readings.emplace_back(kept);
    return taken;
  }
  mqtt::ReasonCode may_subscribe(std::string_view filter) override {
    return filter.starts_with("no/") ? mqtt::ReasonCode::not_authorized : mqtt::ReasonCode::success;
  }
  void subscribed(std::string_view filter) override { filters.emplace_back(filter); }
  void unsubscribed(std::string_view filter) override { std::erase(filters, filter); }
  BatchNumber published(std::string_view, std::string_view, mqtt::Qos) override { return published_batch; }
  bool takes_more() const noexcept override { return true; }
  void delivered(const Message& message, mqtt::ReasonCode reason) override {
    receipts.emplace_back(message.payload(), reason);
  }
};

}  // namespace iot::broker::testing
