"""What is asked about: sensors of every mapping type with readings that are awkward on purpose, the same for the same seed.

An index never holds two readings of the same time and value, which the platform would store once.
"""

import dataclasses
import random

from support.times import iso

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
# 2018-10-27T00:00:00Z: Berlin's clocks change the night after, New York's a week later.
AUTUMN = 1_540_598_400 * SECOND
# The last nanosecond that date_nanos can hold.
LAST = 2**63 - 1

WORDS = ["on", "off", "idle", "Idle", "error 7", "warm-up", "übertemperatur", "", "a*b", "zz\u4e2d"]
SENTENCES = ["Pump started", "pump stopped at 12", "Valve A_1 open; valve B closed", "temperature too HIGH", "all good", "restart: pump 2"]


@dataclasses.dataclass
class Sensor:
    """A sensor's mapping and its readings: [(nanoseconds, value)] in order of time."""

    mapping: str
    readings: list

    @property
    def times(self):
        return [time for time, _ in self.readings]

    @property
    def values(self):
        return [value for _, value in self.readings]

    def messages(self, sensor_id):
        return [{"sensor_id": sensor_id, "timestamp": iso(time), "value": value} for time, value in self.readings]


def _distinct(readings):
    seen, kept = set(), []
    for time, value in sorted(readings, key=lambda reading: reading[0]):
        if (time, repr(value)) not in seen:
            seen.add((time, repr(value)))
            kept.append((time, value))
    return kept


def _station(rng, temperature, depth):
    """Objects whose fields have values like those of other sensors, several of them or none."""
    def state():
        return WORDS[min(int(rng.expovariate(0.4)), 9)]

    def station(n):
        made = {"temp": temperature(n), "level": (n * 7919) % 101 - 50, "levels": [(n * i) % 101 - 50 for i in range(n % 4)], "door": rng.random() < 0.4,
                "state": state(), "states": [state() for _ in range(n % 3)], "message": rng.choice(SENTENCES),
                "serviced": iso(rng.randrange(1_530_000_000, 1_545_000_000) * SECOND)[:19] + "Z", "place": {"depth": depth(n) + 0.01}}
        if n == 0:
            return made
        return {name: value for name, value in made.items() if rng.random() < 0.9}
    return station


def make_sensors(seed=1):
    """{name: Sensor}."""
    rng = random.Random(seed)

    def regular(begin, step, count, value):
        return _distinct((begin + n * step, value(n)) for n in range(count))

    def irregular(begin, span, count, value):
        """Bursts with gaps between them, nanoseconds, and now and then two values at one time."""
        readings, time = [], begin
        for n in range(count):
            pause = rng.choice([1, 999, 1_000_000, 7 * SECOND, rng.randrange(2 * span // count), rng.randrange(2 * span // count)])
            time += pause if n % 9 else 0
            readings.append((time, value(n)))
        return _distinct(readings)

    def walk(low, high, digits):
        at = [(low + high) / 2]

        def step(_):
            at[0] = min(high, max(low, at[0] + rng.uniform(-1, 1) * (high - low) / 20))
            return round(at[0], digits)
        return step

    extremes = [0.0, -0.0, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 0.1, 1 / 3, 2.0**53, 2.0**53 + 2, 1e-7, 123456789.125,
                1e16, -1e16, 1e21, 12345.678e10, 9.999999e-5, 1.0, -1.0, 100.0]
    longs = [0, 1, -1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 10**15, 999, 1000, 1001]
    return {
        "temperature": Sensor("double", regular(AUTUMN - DAY, 120 * SECOND, 3_000, walk(-10, 35, 2))),
        "pressure": Sensor("double", irregular(1_420_000_000 * SECOND, 6 * 365 * DAY, 400, lambda _: round(rng.gauss(1013, 9), 1))),
        "extremes": Sensor("double", _distinct([(n * 977 * DAY, value) for n, value in enumerate(extremes)]
                                               + [(0, 7.5), (1, 7.5), (LAST, 8.5), (LAST - 1_000_000, 9.5)])),
        "ratio": Sensor("float", irregular(AUTUMN - 3 * DAY, 200 * DAY, 700, lambda _: rng.randrange(4096) / 4096)),
        "counter": Sensor("long", irregular(AUTUMN, 40 * DAY, 500, lambda n: longs[n] if n < len(longs) else rng.randrange(2_000))),
        "level": Sensor("integer", regular(AUTUMN, HOUR, 600, lambda n: (n * 7919) % 101 - 50)),
        "steps": Sensor("short", irregular(1_500_000_000 * SECOND, 900 * DAY, 300, lambda _: rng.randrange(-300, 300))),
        "small": Sensor("byte", regular(AUTUMN, 10 * SECOND, 200, lambda _: rng.randrange(-128, 128))),
        "door": Sensor("boolean", irregular(AUTUMN, 9 * DAY, 400, lambda _: rng.random() < 0.4)),
        "state": Sensor("keyword", irregular(AUTUMN - 40 * DAY, 90 * DAY, 800, lambda _: WORDS[min(int(rng.expovariate(0.4)), 9)])),
        "message": Sensor("text", irregular(AUTUMN, 5 * DAY, 250, lambda n: rng.choice(SENTENCES) + (f" {n % 5}" if n % 3 else ""))),
        "serviced": Sensor("date", irregular(1_530_000_000 * SECOND, 100 * DAY, 150,
                                             lambda _: iso(rng.randrange(1_400_000_000, 1_545_000_000) * SECOND)[:19] + "Z")),
        "position": Sensor("geo_point", irregular(AUTUMN, 3 * DAY, 120, lambda _: {"lat": round(rng.uniform(-60, 60), 3), "lon": round(rng.uniform(-170, 170), 3)})),
        "report": Sensor("object", irregular(AUTUMN, 3 * DAY, 60, lambda n: {"ok": n % 2 == 0, "load": n / 4, "who": {"name": f"w{n % 3}"}} if n % 7 else {})),
        "empty": Sensor("double", []),
        "single": Sensor("double", [(AUTUMN + 123_456_789, 21.5)]),
        "station": Sensor("object", regular(AUTUMN, 600 * SECOND, 400, _station(rng, walk(-10, 35, 2), walk(-10, 35, 1)))),
    }
