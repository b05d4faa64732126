"""Waiting for something to become true."""

import threading
import time

from support.http import DEADLINE_S


def eventually(what, condition, every_s=0.02):
    """The first true value of condition(), which is asked again until the deadline of the tests."""
    deadline = time.monotonic() + DEADLINE_S
    pause = threading.Event()
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {DEADLINE_S} s"
        pause.wait(every_s)
    return value
