"""What every test may ask for: a running platform, a client of it, options of the command line."""

import os
import pathlib
import random
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.api import Api  # noqa: E402
from support.program import Platform  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="send every single reading of the real series")
    parser.addoption("--rounds", type=int, default=int(os.environ.get("IOT_CRASH_ROUNDS", "200")),
                     help="how often test_crash.py kills the platform")
    parser.addoption("--mqtt-address", default=None, metavar="HOST:PORT",
                     help="run test_mqtt_cases.py against this broker instead of the platform")
    parser.addoption("--seed", type=int, default=None, help="repeat a random test with the seed that it printed")


@pytest.fixture(scope="module")
def rng(request):
    """A random generator whose seed is printed, so that a failure can be repeated with --seed."""
    seed = request.config.getoption("--seed")
    if seed is None:
        seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    return random.Random(seed)


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """A platform in the demo profile that the tests of one file share."""
    running = Platform(tmp_path_factory.mktemp("platform"))
    running.start()
    yield running
    # After all that a file does to it the platform still ends in good order, which is also where leaks are told.
    if running.process is not None:
        assert running.stop() == 0


@pytest.fixture(scope="module")
def root(platform):
    """The API as root."""
    return Api.signed_in(platform)
