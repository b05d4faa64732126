#include <gmock/gmock.h>

#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto fingerprint = RegistryClient::fingerprint;

class Certificates : public OpenRegistryTest {
 protected:
  std::optional<DeviceId> device_of(unsigned number) {
    return registry_->snapshot()->certificates.find(fingerprint(number));
  }
  std::vector<std::string> names(DeviceId device) {
    std::vector<std::string> found;
    const auto certificates = registry_->certificates(device).value();
    for (const auto& certificate : certificates) found.push_back(certificate.name);
    return found;
  }
};

TEST_F(Certificates, StandForTheirDeviceFromTheMomentTheyAreAnswered) {
  const auto device = client_->device();
  const auto made = client_->add_certificate({device, fingerprint(1), "spare key"}).value();
  EXPECT_EQ(made.device, device);
  EXPECT_EQ(made.fingerprint, fingerprint(1));
  EXPECT_EQ(made.created, clock_.now());
  EXPECT_EQ(device_of(1), device);
  EXPECT_EQ(device_of(2), std::nullopt);
  EXPECT_THAT(names(device), ElementsAre("spare key"));
  open();
  EXPECT_EQ(device_of(1), device);
  EXPECT_THAT(names(device), ElementsAre("spare key"));
}

TEST_F(Certificates, BelongToOneDeviceAtATime) {
  const auto device = client_->device();
  const auto other = client_->device();
  client_->certificate(device, 1);
  EXPECT_ERRC(client_->add_certificate({other, fingerprint(1), "c"}), Errc::certificate_taken);
  EXPECT_ERRC(client_->add_certificate({device, fingerprint(1), "c"}), Errc::certificate_taken);
  EXPECT_ERRC(client_->remove_certificate(other, fingerprint(1)), Errc::certificate_not_found);
  ASSERT_TRUE(client_->remove_certificate(device, fingerprint(1)));
  EXPECT_EQ(device_of(1), std::nullopt);
  EXPECT_ERRC(client_->remove_certificate(device, fingerprint(1)), Errc::certificate_not_found);
  client_->certificate(other, 1);
  EXPECT_EQ(device_of(1), other);
}

TEST_F(Certificates, ThatBeginAlikeAreToldApart) {
  const auto device = client_->device();
  const auto other = client_->device();
  client_->certificate(device, 1);
  client_->certificate(other, 101);
  EXPECT_EQ(device_of(1), device);
  EXPECT_EQ(device_of(101), other);
  EXPECT_EQ(device_of(201), std::nullopt);
  ASSERT_TRUE(client_->remove_certificate(device, fingerprint(1)));
  EXPECT_EQ(device_of(1), std::nullopt);
  EXPECT_EQ(device_of(101), other);
}

TEST_F(Certificates, AreBoundedForEachDevice) {
  options_.limits.certificates_per_device_max = 3;
  open();
  const auto device = client_->device();
  for (const unsigned number : {1, 2, 3}) client_->certificate(device, number);
  EXPECT_ERRC(client_->add_certificate({device, fingerprint(4), "c"}), Errc::too_many);
  client_->certificate(client_->device(), 4);
  ASSERT_TRUE(client_->remove_certificate(device, fingerprint(2)));
  client_->certificate(device, 5);
  EXPECT_THAT(names(device), ElementsAre("certificate 1", "certificate 3", "certificate 5"));
}

TEST_F(Certificates, GoWithTheirDeviceAndOutliveItsKey) {
  const auto device = client_->device();
  client_->certificate(device, 1);
  client_->certificate(device, 2);
  ASSERT_TRUE(client_->rotate_device_key(device));
  EXPECT_EQ(device_of(1), device);
  ASSERT_TRUE(client_->delete_device(device));
  EXPECT_EQ(device_of(1), std::nullopt);
  EXPECT_EQ(device_of(2), std::nullopt);
  EXPECT_ERRC(registry_->certificates(device), Errc::device_not_found);
  EXPECT_ERRC(client_->add_certificate({device, fingerprint(1), "c"}), Errc::device_not_found);
  EXPECT_ERRC(client_->remove_certificate(device, fingerprint(1)), Errc::device_not_found);
  client_->certificate(client_->device(), 1);
}

TEST_F(Certificates, NeedAName) {
  const auto device = client_->device();
  EXPECT_ERRC(client_->add_certificate({device, fingerprint(1), ""}), Errc::invalid_entity);
  EXPECT_ERRC(client_->add_certificate({device, fingerprint(1), std::string(257, 'x')}), Errc::invalid_entity);
  EXPECT_TRUE(client_->add_certificate({device, fingerprint(1), std::string(256, 'x')}));
}

TEST_F(Certificates, AreInTheAuditLog) {
  const auto device = client_->device();
  client_->certificate(device, 1);
  ASSERT_TRUE(client_->remove_certificate(device, fingerprint(1)));
  const auto entries = registry_->audit({}).value();
  EXPECT_EQ(entries[0].action, "device.remove_certificate");
  EXPECT_EQ(entries[1].action, "device.add_certificate");
  EXPECT_EQ(entries[1].subject, "device/" + device.to_string());
  EXPECT_THAT(entries[1].details, HasSubstr(fingerprint(1).to_string()));
}

}  // namespace
}  // namespace iot::registry
