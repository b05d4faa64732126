"""The ledger finds what it is there to find."""

import pytest

from e2e.ledger import KINDS, UNKNOWN, Ledger, kind_of, time_ns, value_of
from support import times


def documents(numbers):
    by_kind = {kind: [] for kind in KINDS}
    for n in numbers:
        by_kind[kind_of(n)].append({"timestamp": times.iso(time_ns(n)), "value": value_of(n)})
    return by_kind


@pytest.fixture
def ledger():
    """Messages of 3, 2 and 4 readings; the first two are acknowledged."""
    ledger = Ledger()
    for size in (3, 2, 4):
        ledger.new_message(size)
    ledger.acknowledged(0)
    ledger.acknowledged(1)
    return ledger


def test_all_kinds_occur():
    assert {kind_of(n) for n in range(100)} == set(KINDS)


@pytest.mark.parametrize("held, count", [(range(5), 5), (range(9), 9)])
def test_an_unacknowledged_message_may_be_there_or_not(ledger, held, count):
    ledger.check(documents(held))
    assert UNKNOWN not in ledger.states and ledger.count() == count


@pytest.mark.parametrize("held, fault", [
    ([0, 1, 3, 4], "lost"), (range(4), "lost"), ([], "lost"), ([*range(5), 6], "torn"), ([0, 1, 1, 2, 3, 4], "twice"),
    ([*range(5), 9], "never sent")])
def test_finds_the_fault(ledger, held, fault):
    with pytest.raises(AssertionError, match=fault):
        ledger.check(documents(held))


def test_finds_another_value(ledger):
    held = documents(range(5))
    next(one for one in held.values() if one)[0]["value"] = 17
    with pytest.raises(AssertionError, match="another value"):
        ledger.check(held)


def test_what_was_once_there_must_stay(ledger):
    ledger.check(documents(range(9)))
    with pytest.raises(AssertionError, match="lost"):
        ledger.check(documents(range(5)))


def test_looks_only_at_the_messages_asked_for(ledger):
    ledger.check(documents(range(3, 5)), first=1)
    with pytest.raises(AssertionError, match="never sent"):
        ledger.check(documents(range(5)), first=1)
