"""Waiting for something to become true."""

import threading
import time

from support.http import DEADLINE_S


def eventually(what, condition, every_s=0.02, within_s=DEADLINE_S):
    """The first true value of condition(), which is asked again until the deadline, by default that of the tests."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {within_s} s"
        pause.wait(every_s)
    return value
