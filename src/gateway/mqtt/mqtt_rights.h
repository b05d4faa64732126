// Who may publish and subscribe what over MQTT (WIRE "MQTT gateway"). Pure.
//
//   3                         readings of device 3, by itself
//   3/...                     device 3's own tree: commands, their answers, and what else it likes
//   readings/3/4              live readings of sensor 4, for consumers to whom it is granted
//   $SYS/...                  the broker's state, for administrators
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/application.h"
#include "broker/records.h"
#include "registry/snapshot.h"

namespace iot::gateway {

/// What becomes of a publication on `topic`.
broker::Application::Way way_of_publication(const broker::Owner& owner, std::string_view topic) noexcept;

/// Success, or why the owner may not subscribe to the filter, which is a good one and not a shared one.
mqtt::ReasonCode check_subscription(const broker::Owner& owner, std::string_view filter,
                                    const registry::Snapshot& snapshot) noexcept;

}  // namespace iot::gateway
