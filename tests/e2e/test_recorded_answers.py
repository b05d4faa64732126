"""Requests whose answers a real Elasticsearch and a real OpenSearch gave (tests/differential/run.py record), asked again."""

import pytest

from differential import compare, recording
from differential.generator import Request
from differential.world import World
from support.program import Platform

SHOWN_MAX = 10
REQUESTS_MIN = 4_000


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A platform of its own: only on a fresh one are the indices named as in the recording."""
    with Platform(tmp_path_factory.mktemp("recorded")) as platform:
        yield World(platform)


def test_answers_are_those_that_real_engines_gave(world):
    indices, entries = recording.read()
    assert world.indices() == indices
    assert len(entries) >= REQUESTS_MIN
    wrong = []
    for sensors, endpoint, body, parameters, expected, spread in entries:
        request = Request(sensors, endpoint, body, parameters)
        response = world.call("POST", request.target(indices), body)
        actual = compare.canonical(response.status, response.json, body)
        if found := compare.Comparison(spread).differences(expected, actual):
            wrong.append(f"{request.target(indices)} {body}: {found[0]}")
    assert not wrong, f"{len(wrong)} of {len(entries)} differ:\n" + "\n".join(wrong[:SHOWN_MAX])
