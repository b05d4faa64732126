#include "registry/dashboards.h"

#include <gmock/gmock.h>

#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class DashboardsTest : public OpenRegistryTest {
 protected:
  Result<Dashboard> create(NewDashboard dashboard) {
    return wait_for<Dashboard>([&](auto done) {
      registry_->dashboards().create({root_user, "192.0.2.7"}, std::move(dashboard), done);
    });
  }
  Result<Dashboard> update(DashboardId id, DashboardPatch patch) {
    return wait_for<Dashboard>([&](auto done) {
      registry_->dashboards().update({root_user, "192.0.2.7"}, id, std::move(patch), done);
    });
  }
  Result<void> remove(DashboardId id) {
    return wait_for<void>([&](auto done) { registry_->dashboards().remove({root_user, "192.0.2.7"}, id, done); });
  }
  DashboardId add(const std::string& name, UserId owner = root_user, Visibility visibility = Visibility::owner) {
    return create({.owner = owner, .name = name, .description = {}, .visibility = visibility, .document = "{}"})
        .value()
        .id;
  }
  Dashboard get(DashboardId id) { return registry_->dashboards().dashboard(id).value(); }
  static std::vector<std::string> names(const Result<std::vector<Dashboard>>& list) {
    std::vector<std::string> found;
    for (const Dashboard& dashboard : list.value()) found.push_back(dashboard.name);
    return found;
  }
};

TEST_F(DashboardsTest, AreKeptAsTheyCame) {
  const UserId ann = client_->user("ann");
  const auto made = create({ann, "Hall", "all of it", Visibility::users, R"({"version":1,"panels":[]})"}).value();
  EXPECT_EQ(made.owner_name, "ann");
  EXPECT_EQ(made.version, 1);
  EXPECT_EQ(made.created, clock_.now());
  open();
  const Dashboard kept = get(made.id);
  EXPECT_EQ(kept.owner, ann);
  EXPECT_EQ(kept.owner_name, "ann");
  EXPECT_EQ(kept.name, "Hall");
  EXPECT_EQ(kept.description, "all of it");
  EXPECT_EQ(kept.visibility, Visibility::users);
  EXPECT_EQ(kept.document, R"({"version":1,"panels":[]})");
  EXPECT_EQ(kept.created, made.created);
  EXPECT_EQ(kept.updated, made.updated);
}

TEST_F(DashboardsTest, CountTheirChanges) {
  const DashboardId id = add("Hall");
  const Timestamp made = get(id).updated;
  clock_.advance(std::chrono::seconds(5));
  const auto changed = update(id, {.name = "Yard", .description = {}, .visibility = {}, .document = {}, .version = 1});
  EXPECT_EQ(changed.value().version, 2);
  EXPECT_EQ(changed.value().updated.ns, made.ns + 5'000'000'000);
  EXPECT_EQ(
      update(id, {.name = "Yard", .description = {}, .visibility = {}, .document = {}, .version = 2}).value().version,
      2)
      << "nothing was changed";
  DashboardPatch document;
  document.document = R"({"a":1})";
  EXPECT_EQ(update(id, document).value().version, 3) << "whatever is there is changed";
  EXPECT_EQ(get(id).name, "Yard");
  EXPECT_EQ(get(id).document, R"({"a":1})");
}

TEST_F(DashboardsTest, RefuseAChangeThatWasMadeOnAnotherVersion) {
  const DashboardId id = add("Hall");
  DashboardPatch first;
  first.name = "Yard";
  first.version = 1;
  ASSERT_TRUE(update(id, first));
  first.name = "Roof";
  EXPECT_ERRC(update(id, first), Errc::version_conflict);
  first.version = 3;
  EXPECT_ERRC(update(id, first), Errc::version_conflict);
  EXPECT_EQ(get(id).name, "Yard");
  EXPECT_EQ(get(id).version, 2);
}

TEST_F(DashboardsTest, AreListedForWhoMaySeeThemWithoutDocuments) {
  const UserId ann = client_->user("ann");
  const UserId bob = client_->user("bob");
  add("of ann", ann);
  add("of ann for all", ann, Visibility::users);
  add("of bob", bob);
  Dashboards& dashboards = registry_->dashboards();
  EXPECT_THAT(names(dashboards.visible(bob, {})), ElementsAre("of ann for all", "of bob"));
  EXPECT_THAT(names(dashboards.visible(ann, {})), ElementsAre("of ann", "of ann for all"));
  EXPECT_THAT(names(dashboards.visible({}, {})), ElementsAre("of ann", "of ann for all", "of bob"));
  EXPECT_THAT(names(dashboards.of_owner(ann, {})), ElementsAre("of ann", "of ann for all"));
  EXPECT_THAT(names(dashboards.visible(bob, {.limit = 100, .after = {}, .name = "OF B"})), ElementsAre("of bob"));
  const auto first = dashboards.visible({}, {.limit = 1, .after = {}, .name = {}}).value();
  EXPECT_EQ(first.at(0).document, "");
  EXPECT_THAT(names(dashboards.visible({}, {.limit = 1, .after = first[0].id.value, .name = {}})),
              ElementsAre("of ann for all"));
}

TEST_F(DashboardsTest, AreBoundedForEachOwner) {
  options_.limits.dashboards_per_owner_max = 2;
  open();
  const DashboardId first = add("a");
  add("b");
  EXPECT_ERRC(create({root_user, "c", "", Visibility::owner, "{}"}), Errc::too_many);
  add("c", client_->user("ann"));
  ASSERT_TRUE(remove(first));
  EXPECT_GT(add("d"), first) << "no number is given twice";
}

TEST_F(DashboardsTest, HaveTextsWithinTheirLimits) {
  const auto with = [](std::string name, std::string description, std::string document) {
    return NewDashboard{root_user, std::move(name), std::move(description), Visibility::owner, std::move(document)};
  };
  std::string letters;
  for (int i = 0; i < 200; ++i) letters += "\xc3\xa9";
  EXPECT_TRUE(create(with(letters, "", "{}"))) << "letters are counted, not bytes";
  EXPECT_ERRC(create(with(letters + "x", "", "{}")), Errc::invalid_entity);
  EXPECT_ERRC(create(with("", "", "{}")), Errc::invalid_entity);
  EXPECT_ERRC(create(with("a\nb", "", "{}")), Errc::invalid_entity);
  EXPECT_TRUE(create(with("a", std::string(4'096, 'x'), "{}")));
  EXPECT_ERRC(create(with("a", std::string(4'097, 'x'), "{}")), Errc::invalid_entity);
  EXPECT_TRUE(create(with("a", "", std::string(256 << 10, 'x'))));
  EXPECT_ERRC(create(with("a", "", std::string((256 << 10) + 1, 'x'))), Errc::invalid_entity);
  DashboardPatch patch;
  patch.name = "";
  EXPECT_ERRC(update(add("a"), patch), Errc::invalid_entity);
}

TEST_F(DashboardsTest, GoWithTheirOwner) {
  const UserId ann = client_->user("ann");
  const DashboardId id = add("of ann", ann, Visibility::users);
  const DashboardId other = add("of root");
  ASSERT_TRUE(client_->delete_user(ann));
  EXPECT_ERRC(registry_->dashboards().dashboard(id), Errc::dashboard_not_found);
  EXPECT_THAT(registry_->audit({}).value().front().details, HasSubstr(R"("dashboards":1)"));
  ASSERT_TRUE(remove(other));
  EXPECT_ERRC(remove(other), Errc::dashboard_not_found);
  EXPECT_ERRC(update(other, {}), Errc::dashboard_not_found);
  EXPECT_ERRC(create({ann, "a", "", Visibility::owner, "{}"}), Errc::user_not_found);
}

TEST_F(DashboardsTest, AreInTheAuditLogWithoutTheirDocuments) {
  const DashboardId id = create({root_user, "a", "", Visibility::owner, R"({"secret":1})"}).value().id;
  DashboardPatch patch;
  patch.document = R"({"secret":2})";
  patch.visibility = Visibility::users;
  ASSERT_TRUE(update(id, patch));
  ASSERT_TRUE(remove(id));
  const auto entries = registry_->audit({}).value();
  EXPECT_EQ(entries[0].action, "dashboard.delete");
  EXPECT_EQ(entries[1].action, "dashboard.update");
  EXPECT_EQ(entries[2].action, "dashboard.create");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(entries[i].subject, "dashboard/" + id.to_string());
    EXPECT_THAT(entries[i].details, Not(HasSubstr("secret")));
  }
  EXPECT_THAT(entries[1].details, HasSubstr(R"("document":"changed")"));
  EXPECT_THAT(entries[1].details, HasSubstr(R"({"old":"private","new":"users"})"));
}

}  // namespace
}  // namespace iot::registry
