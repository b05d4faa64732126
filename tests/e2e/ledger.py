"""What a device sent, what was acknowledged, and what must therefore be there.

Reading number n has a time, a sensor and a value that follow from n, so that millions of them need no memory; a message
is a run of numbers.
"""

from support import times

KINDS = ("double", "long", "keyword", "text")
BEGIN_NS = 1_600_000_000_000_000_000
STEP_NS = 1_000


def time_ns(n):
    return BEGIN_NS + n * STEP_NS


def kind_of(n):
    return KINDS[n * 2_654_435_761 % 2**32 >> 30]


def value_of(n):
    kind = kind_of(n)
    if kind == "double":
        return n * 0.1
    if kind == "long":
        return (1 << 53) + 1 + n  # not every one of these is a double
    if kind == "keyword":
        return f"{n:07d}"  # would lose its zeros as a number
    return f'Lüfter "{n}" läuft\n'


ACKNOWLEDGED, UNKNOWN, ABSENT = range(3)


class Ledger:
    def __init__(self):
        self.starts = [0]  # of each message, and of the next one
        self.states = bytearray()

    def new_message(self, size):
        """The number of a message of `size` readings."""
        self.starts.append(self.starts[-1] + size)
        self.states.append(UNKNOWN)
        return len(self.states) - 1

    def readings(self, message):
        return range(self.starts[message], self.starts[message + 1])

    def acknowledged(self, message):
        self.states[message] = ACKNOWLEDGED

    def in_state(self, state):
        return sum(len(self.readings(message)) for message, one in enumerate(self.states) if one == state)

    def check(self, documents_by_kind, first=0):
        """Compares with what the platform holds of message `first` and all later ones: {kind: documents in order of time}.

        Each acknowledged message is there, whole and once; any other one is there, whole and once, or not at all, and
        from now on is known to be so.
        """
        held = set()
        for kind, documents in documents_by_kind.items():
            before = -1
            for document in documents:
                n, rest = divmod(times.nanoseconds(document["timestamp"]) - BEGIN_NS, STEP_NS)
                assert rest == 0 and self.starts[first] <= n < self.starts[-1], f"never sent: {document}"
                assert n > before, f"twice, or out of order: {document}"
                assert kind_of(n) == kind and document["value"] == value_of(n), f"another value than sent: {document}"
                held.add(n)
                before = n
        for message in range(first, len(self.states)):
            readings = self.readings(message)
            there = sum(n in held for n in readings)
            if self.states[message] == ACKNOWLEDGED:
                assert there == len(readings), f"acknowledged and lost: message {message}, {there} of {len(readings)}"
            else:
                assert there in (0, len(readings)), f"torn: message {message}, {there} of {len(readings)}"
                self.states[message] = ACKNOWLEDGED if there else ABSENT

    def count(self):
        """The readings that must be there, once nothing is unknown."""
        assert UNKNOWN not in self.states
        return self.in_state(ACKNOWLEDGED)
