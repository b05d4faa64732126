#include "registry/validation.h"

#include <array>
#include <utility>

#include "registry/text.h"

namespace iot::registry {
namespace {

constexpr std::chrono::seconds retention_min{1};
constexpr std::chrono::seconds retention_max = std::chrono::years(100);
constexpr std::chrono::seconds silent_after_min{1};
constexpr std::chrono::seconds silent_after_max = std::chrono::years(10);

Error invalid(std::string_view field, const std::string& what) {
  return make_error(Errc::invalid_entity, std::string(field) + " " + what, std::string(field));
}

Result<void> check_text(std::string_view field, std::string_view text, std::size_t bytes_max, LineBreaks line_breaks) {
  if (text.size() > bytes_max) return invalid(field, "is longer than " + std::to_string(bytes_max) + " bytes");
  if (!is_clean_text(text, line_breaks)) return invalid(field, "is not UTF-8 or holds a control character");
  return {};
}

Result<void> check_name(std::string_view field, std::string_view name, const RegistryLimits& limits) {
  if (name.empty()) return invalid(field, "is missing or empty");
  return check_text(field, name, limits.name_bytes_max, LineBreaks::refused);
}

Result<void> check_description(std::string_view description, const RegistryLimits& limits) {
  return check_text("description", description, limits.description_bytes_max, LineBreaks::allowed);
}

Result<void> check_retention(const std::optional<std::chrono::seconds>& retention) {
  if (!retention || (*retention >= retention_min && *retention <= retention_max)) return {};
  return invalid("retention", "is not between one second and a hundred years");
}

using Ages = std::array<std::pair<const char*, std::chrono::seconds>, 3>;

/// From the finest to the coarsest.
Ages ages_of(const model::Rollups& rollups) {
  return {{{"rollups.minutes", rollups.minutes}, {"rollups.hours", rollups.hours}, {"rollups.days", rollups.days}}};
}

Result<void> check_rollups(const std::optional<model::Rollups>& rollups) {
  if (!rollups) return {};
  for (const auto& [field, age] : ages_of(*rollups)) {
    const bool is_allowed = age.count() == 0 || age == model::forever || (age >= retention_min && age <= retention_max);
    if (!is_allowed) return invalid(field, "is not between one second and a hundred years, nor for ever");
  }
  return {};
}

Result<void> check_silent_after(const std::optional<std::chrono::seconds>& silent_after) {
  if (!silent_after || (*silent_after >= silent_after_min && *silent_after <= silent_after_max)) return {};
  return invalid("silent_after_s", "is not between one second and ten years");
}

Result<void> check_role(model::Role role) {
  if (role > model::Role::admin) return invalid("role", "is not a role");
  return {};
}

Result<void> normalise(std::string& path) {
  if (!is_clean_text(path, LineBreaks::refused)) return invalid("path", "is not UTF-8 or holds a control character");
  auto normal = model::normalise_path(path);
  if (!normal) {
    Error error = std::move(normal).error();
    error.field = "path";
    return error;
  }
  path = std::move(*normal);
  return {};
}

}  // namespace

Result<void> validate(const NewUser& user, const RegistryLimits& limits) {
  IOT_CHECK(check_name("name", user.name, limits));
  IOT_CHECK(check_name("username", user.username, limits));
  return check_role(user.role);
}

Result<void> validate(const UserPatch& patch, const RegistryLimits& limits) {
  if (patch.name) IOT_CHECK(check_name("name", *patch.name, limits));
  if (patch.username) IOT_CHECK(check_name("username", *patch.username, limits));
  if (patch.role) IOT_CHECK(check_role(*patch.role));
  return {};
}

Result<void> validate(const NewDevice& device, const RegistryLimits& limits) {
  IOT_CHECK(check_name("name", device.name, limits));
  IOT_CHECK(check_description(device.description, limits));
  IOT_CHECK(check_silent_after(device.silent_after));
  IOT_CHECK(check_retention(device.retention));
  IOT_CHECK(check_rollups(device.rollups));
  return check_ages(device.retention, device.rollups);
}

Result<void> validate(const DevicePatch& patch, const RegistryLimits& limits) {
  if (patch.name) IOT_CHECK(check_name("name", *patch.name, limits));
  if (patch.description) IOT_CHECK(check_description(*patch.description, limits));
  if (patch.retention) IOT_CHECK(check_retention(*patch.retention));
  if (patch.rollups) IOT_CHECK(check_rollups(*patch.rollups));
  if (patch.silent_after) IOT_CHECK(check_silent_after(*patch.silent_after));
  return {};
}

Result<void> validate(const NewCertificate& certificate, const RegistryLimits& limits) {
  return check_name("name", certificate.name, limits);
}

Result<void> validate(const NewConsumer& consumer, const RegistryLimits& limits) {
  IOT_CHECK(check_name("name", consumer.name, limits));
  return check_description(consumer.description, limits);
}

Result<void> validate(const ConsumerPatch& patch, const RegistryLimits& limits) {
  if (patch.name) IOT_CHECK(check_name("name", *patch.name, limits));
  if (patch.description) IOT_CHECK(check_description(*patch.description, limits));
  return {};
}

Result<void> validate(NewSensor& sensor, const RegistryLimits& limits) {
  IOT_CHECK(check_name("name", sensor.name, limits));
  IOT_CHECK(check_description(sensor.description, limits));
  IOT_CHECK(check_text("unit", sensor.unit, limits.unit_bytes_max, LineBreaks::refused));
  IOT_CHECK(normalise(sensor.path));
  if (static_cast<std::size_t>(sensor.mapping) >= model::mapping_type_count) return invalid("mapping", "is not a type");
  IOT_CHECK(check_retention(sensor.retention));
  IOT_CHECK(check_rollups(sensor.rollups));
  IOT_CHECK(check_ages(sensor.retention, sensor.rollups));
  return check_can_be_rolled_up(sensor.mapping, sensor.rollups);
}

Result<void> validate(SensorPatch& patch, const RegistryLimits& limits) {
  if (patch.name) IOT_CHECK(check_name("name", *patch.name, limits));
  if (patch.description) IOT_CHECK(check_description(*patch.description, limits));
  if (patch.unit) IOT_CHECK(check_text("unit", *patch.unit, limits.unit_bytes_max, LineBreaks::refused));
  if (patch.path) IOT_CHECK(normalise(*patch.path));
  if (patch.retention) IOT_CHECK(check_retention(*patch.retention));
  if (patch.rollups) IOT_CHECK(check_rollups(*patch.rollups));
  return {};
}

Result<void> validate(std::vector<NewSensor>& sensors, const RegistryLimits& limits) {
  if (sensors.size() > limits.create_many_max) {
    return make_error(Errc::too_many, "at most " + std::to_string(limits.create_many_max) +
                                          " sensors can be made at once: send them in several requests");
  }
  for (std::size_t index = 0; index < sensors.size(); ++index) {
    auto checked = validate(sensors[index], limits);
    if (checked) continue;
    Error error = std::move(checked).error();
    if (sensors.size() > 1) error.field = "[" + std::to_string(index) + "]." + error.field;
    return error;
  }
  return {};
}

Result<void> check_ages(const std::optional<std::chrono::seconds>& retention,
                        const std::optional<model::Rollups>& rollups) {
  if (!rollups) return {};
  std::string finer = "retention";
  std::chrono::seconds longest = retention.value_or(std::chrono::seconds(0));
  for (const auto& [field, age] : ages_of(*rollups)) {
    if (age.count() == 0) continue;
    if (age <= longest) return invalid(field, "is not longer than " + finer);
    finer = field;
    longest = age;
  }
  return {};
}

Result<void> check_can_be_rolled_up(model::MappingType mapping, const std::optional<model::Rollups>& rollups) {
  if (!rollups || !rollups->any() || model::column_kind(mapping) != model::ColumnKind::text) return {};
  return invalid("rollups", "are minima, maxima and sums, which values of type " + std::string(to_string(mapping)) +
                                " do not have");
}

}  // namespace iot::registry
