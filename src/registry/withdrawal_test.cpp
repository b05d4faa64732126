#include <gmock/gmock.h>

#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr auto fingerprint = RegistryClient::fingerprint;

/// What two listeners hear, each of which looks at the snapshot while it is told.
class Withdrawals : public OpenRegistryTest {
 protected:
  void SetUp() override {
    open();
    registry_->on_withdrawal([this](const Withdrawal& told) { append(first_, told); });
    registry_->on_withdrawal([this](const Withdrawal& told) {
      EXPECT_FALSE(told.empty());
      append(second_, told);
      seen_ = registry_->snapshot();
    });
  }

  static void append(Withdrawal& all, const Withdrawal& told) {
    all.keys.insert(all.keys.end(), told.keys.begin(), told.keys.end());
    all.certificates.insert(all.certificates.end(), told.certificates.begin(), told.certificates.end());
    all.grants.insert(all.grants.end(), told.grants.begin(), told.grants.end());
  }

  /// What was told since the last call; writes are answered after listeners were told.
  Withdrawal told() {
    EXPECT_EQ(first_.keys, second_.keys);
    second_ = {};
    return std::exchange(first_, {});
  }

  static RevokedKey key(DeviceId id, std::optional<std::uint64_t> version) {
    return {SubjectKind::device, id.value, version};
  }
  static RevokedKey key(ConsumerId id, std::optional<std::uint64_t> version) {
    return {SubjectKind::consumer, id.value, version};
  }
  static RevokedKey key(UserId id, std::optional<std::uint64_t> version) {
    return {SubjectKind::user, id.value, version};
  }

  Withdrawal first_;
  Withdrawal second_;
  SnapshotPtr seen_;
};

TEST_F(Withdrawals, ComeWithARotatedKeyOnceTheSnapshotHasIt) {
  const auto device = client_->device();
  const auto consumer = client_->consumer();
  EXPECT_TRUE(told().empty());
  ASSERT_TRUE(client_->rotate_device_key(device));
  EXPECT_THAT(told().keys, ElementsAre(key(device, 2)));
  EXPECT_EQ(seen_->devices.find(device)->key_version, 2u);
  ASSERT_TRUE(client_->rotate_consumer_key(consumer));
  EXPECT_THAT(told().keys, ElementsAre(key(consumer, 2)));
  EXPECT_EQ(seen_->consumers.find(consumer)->key_version, 2u);
}

TEST_F(Withdrawals, ComeWithAUserWhoseTokensAreVoid) {
  const auto user = client_->user("ann");
  ASSERT_TRUE(client_->update_user(user, {.name = "Ann", .username = {}, .password_hash = {}, .role = {}}));
  EXPECT_TRUE(told().empty()) << "a name is not part of any token";
  ASSERT_TRUE(client_->update_user(user, {.name = {}, .username = {}, .password_hash = "other", .role = {}}));
  EXPECT_THAT(told().keys, ElementsAre(key(user, 2)));
  ASSERT_TRUE(
      client_->update_user(user, {.name = {}, .username = {}, .password_hash = {}, .role = model::Role::admin}));
  EXPECT_THAT(told().keys, ElementsAre(key(user, 3)));
}

TEST_F(Withdrawals, ComeWithAUserThatGoesForAllThatWasItsOwn) {
  const auto user = client_->user("ann");
  const auto device = client_->device("d", user);
  const auto other = client_->device("d", user);
  const auto consumer = client_->consumer("c", user);
  client_->certificate(device, 1);
  ASSERT_TRUE(client_->delete_user(user));
  const auto withdrawn = told();
  EXPECT_THAT(withdrawn.keys, UnorderedElementsAre(key(user, {}), key(device, {}), key(other, {}), key(consumer, {})));
  EXPECT_THAT(withdrawn.certificates, ElementsAre(RemovedCertificate{device, fingerprint(1)}));
}

TEST_F(Withdrawals, ComeWithACertificateThatGoes) {
  const auto device = client_->device();
  client_->certificate(device, 1);
  client_->certificate(device, 2);
  EXPECT_TRUE(told().empty());
  ASSERT_TRUE(client_->remove_certificate(device, fingerprint(2)));
  const auto withdrawn = told();
  EXPECT_THAT(withdrawn.certificates, ElementsAre(RemovedCertificate{device, fingerprint(2)}));
  EXPECT_THAT(withdrawn.keys, IsEmpty());
}

TEST_F(Withdrawals, ComeWithGrantsHoweverTheyEnd) {
  const auto device = client_->device();
  const auto first = client_->sensor(device);
  const auto second = client_->sensor(device);
  const auto third = client_->sensor(device);
  const auto consumer = client_->consumer();
  for (const auto sensor : {first, second, third}) ASSERT_TRUE(client_->grant(consumer, sensor));
  EXPECT_TRUE(told().empty());
  ASSERT_TRUE(client_->revoke(consumer, first));
  EXPECT_THAT(told().grants, ElementsAre(WithdrawnGrant{consumer, first}));
  ASSERT_TRUE(client_->revoke(consumer, first));
  EXPECT_TRUE(told().empty()) << "it had none any more";
  ASSERT_TRUE(client_->delete_sensor(second));
  EXPECT_THAT(told().grants, ElementsAre(WithdrawnGrant{consumer, second}));
  ASSERT_TRUE(client_->delete_device(device));
  const auto withdrawn = told();
  EXPECT_THAT(withdrawn.grants, ElementsAre(WithdrawnGrant{consumer, third}));
  EXPECT_THAT(withdrawn.keys, ElementsAre(key(device, {})));
}

TEST_F(Withdrawals, AreNotToldOfWritesThatFail) {
  const auto device = client_->device();
  EXPECT_FALSE(client_->delete_user(root_user));
  EXPECT_FALSE(client_->rotate_device_key({99}));
  EXPECT_FALSE(client_->remove_certificate(device, fingerprint(1)));
  ASSERT_TRUE(client_->update_device(
      device, {.name = "other", .description = {}, .retention = {}, .silent_after = std::chrono::seconds(5)}));
  EXPECT_TRUE(told().empty());
}

}  // namespace
}  // namespace iot::registry
