// Dashboards of the web pages as the registry's database keeps them. What is in a document is the pages' business; here
// it is text. They are in no snapshot, since no gateway needs them.
//
// Threads and callbacks as in registry.h: reads block, writes are queued and share a transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "registry/registry.h"

namespace iot::registry {

using DashboardId = Id<struct DashboardTag>;

/// Who may see a dashboard beside its owner and admins. The numbers are in the database.
enum class Visibility : std::uint8_t {
  owner = 0,  ///< nobody
  users = 1,  ///< every signed-in user
};

struct Dashboard {
  DashboardId id;
  UserId owner;
  std::string owner_name;
  std::string name, description;
  Visibility visibility = Visibility::owner;
  std::int64_t version = 1;  ///< grows by one with each change
  Timestamp created, updated;
  std::string document = {};  ///< JSON text; empty in lists
};

struct NewDashboard {
  UserId owner;
  std::string name, description;
  Visibility visibility = Visibility::owner;
  std::string document;
};

/// Absent members stay as they are.
struct DashboardPatch {
  std::optional<std::string> name, description;
  std::optional<Visibility> visibility;
  std::optional<std::string> document;
  /// The version that the change was made on; absent: whatever is there is changed.
  std::optional<std::int64_t> version;
};

class Dashboards {
 public:
  /// Errc::invalid_entity ("name", "description", "document"), user_not_found, too_many.
  virtual void create(Actor actor, NewDashboard dashboard, Done<Dashboard> done) = 0;
  /// Errc::dashboard_not_found, invalid_entity, version_conflict. What changes nothing leaves the version as it is.
  virtual void update(Actor actor, DashboardId id, DashboardPatch patch, Done<Dashboard> done) = 0;
  virtual void remove(Actor actor, DashboardId id, Done<void> done) = 0;

  /// Errc::dashboard_not_found.
  virtual Result<Dashboard> dashboard(DashboardId id) = 0;
  /// Those that the user may see; nothing: everybody's.
  virtual Result<std::vector<Dashboard>> visible(std::optional<UserId> viewer, const Page& page) = 0;
  virtual Result<std::vector<Dashboard>> of_owner(UserId owner, const Page& page) = 0;

 protected:
  ~Dashboards() = default;
};

}  // namespace iot::registry
