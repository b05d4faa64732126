"""Byte for byte what a broker's own test suite expects: each packet with its faults, and the answer to it."""

import pytest

from support import mqtt_cases
from support.program import Platform, setting_names

CASES = mqtt_cases.read()


@pytest.fixture(scope="module")
def broker(request, tmp_path_factory):
    """The address of the platform as a plain broker, or of the broker that the command line names."""
    given = request.config.getoption("--mqtt-address")
    if given:
        host, _, port = given.rpartition(":")
        yield host, int(port)
        return
    if "mqtt.port" not in setting_names():
        pytest.skip("this program has no MQTT listener")
    with Platform(tmp_path_factory.mktemp("broker"), {"mqtt.port": "0"}, profile="conformance") as platform:
        yield platform.address("mqtt")
        assert platform.stop() == 0


@pytest.mark.skipif(not CASES, reason=f"the cases are not there: {mqtt_cases.DIRECTORY} (IOT_MQTT_CASES)")
def test_all_cases_are_there():
    assert len(CASES) == 1483


# In the order of the files: some cases lead up to the next one.
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case, broker):
    mqtt_cases.run(case, broker)
