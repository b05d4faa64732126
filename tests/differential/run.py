"""Asks our program and real engines the same random questions.

  python3 tests/differential/run.py compare [--seed N] [--count N] [--with FEATURE]... [--without FEATURE]... [--all]
      prints where they disagree, each with the smallest request that shows it, those of one cause together
  python3 tests/differential/run.py record [the same]
      writes requests on which they agree, with the engines' answers, for tests/e2e/test_recorded_answers.py
  python3 tests/differential/run.py ask SENSORS BODY
      prints every answer to one request, e.g. ask temperature '{"size":0,"aggs":{"a":{"max":{"field":"value"}}}}'

--opensearch URL and --elasticsearch URL take engines that run already; else they are started. The platform answers as
Elasticsearch does; OpenSearch has the word where Elasticsearch's distribution lacks a feature, and shows where the two differ.
Features are those of generator.py.
"""

import argparse
import contextlib
import copy
import itertools
import json
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from differential import compare, engine, known, lacking, recording  # noqa: E402
from differential.generator import Generator, Request  # noqa: E402
from differential.world import World  # noqa: E402
from support.program import Platform  # noqa: E402

TRIALS_MAX = 400
FULL_TRIALS_MAX = 20
FULL_PAUSE_S = 1
SHOWN_BY_CAUSE = 2


class Field:
    """Our program and the engines with the same data."""

    def __init__(self, world, engines):
        self.world, self.engines = world, engines
        self.names = world.indices()

    def generator(self, options):
        ids = {}
        for name, index in self.names.items():
            hits = self.world.queries.search(index, {"size": 5, "sort": ["timestamp"]})["hits"]["hits"]
            ids[name] = [hit["_id"] for hit in hits]
        return Generator(options.seed, self.world.sensors, ids, self.names, "all" if options.all else options.added, options.removed,
                         inside_percent=options.inside)

    def ask(self, who, request):
        for _ in range(FULL_TRIALS_MAX):
            response = who.call("POST", request.target(self.names), request.body)
            # An engine whose heap is full of what it no longer needs says so until it has cleaned up.
            if response.status != 429:
                break
            time.sleep(FULL_PAUSE_S)
        return compare.canonical(response.status, response.json, request.body)

    def spread(self, request):
        numbers = [value for name in request.indices for value in self.world.sensors[name].values
                   if isinstance(value, (int, float)) and not isinstance(value, bool)]
        # Two numbers at the ends of what a double holds have no difference that one can hold.
        return min(max(numbers) - min(numbers), 1e300) if numbers else 1e11

    def references(self, request):
        """(the right answer, the other engine's answer if it has a say, whether Elasticsearch has none)."""
        answers = {one.name: self.ask(one, request) for one in self.engines}
        if len(answers) == 1:
            return next(iter(answers.values())), None, False
        first, second = answers["elasticsearch"], answers["opensearch"]
        if not lacking.is_lacked(request.body, first):
            return first, second, False
        neither = second["status"] != 200 and "Unknown aggregation type" in second["error"]["reason"]
        return first if neither else second, None, True

    def compare(self, request, expected, actual, with_reason=False):
        return compare.Comparison(self.spread(request), with_reason).differences(expected, actual)

    def judge(self, request):
        """A Verdict."""
        expected, other, lacks = self.references(request)
        actual = self.ask(self.world, request)
        found = self.compare(request, expected, actual)
        if found and lacks:
            return self._judge_by_parts(request, Verdict(expected, actual, found, False))
        if found and other and expected["status"] >= 400 and other["status"] == expected["status"] and not self.compare(request, other, actual):
            # Of several faults each engine names the one that it met first.
            expected, found = other, []
        return Verdict(expected, actual, found, other is None or not self.compare(request, expected, other))

    def _judge_by_parts(self, request, verdict):
        """OpenSearch has the word only about what Elasticsearch lacks: the rest is asked of Elasticsearch without that."""
        if lacking.SORT_FORMAT in verdict.expected.get("error", {}).get("reason", ""):
            return self.judge(request.with_body(lacking.without_sort_formats(request.body)))
        engines = {one.name: one for one in self.engines}
        body, expected, removed = lacking.without_lacked(request.body, lambda body: self.ask(engines["elasticsearch"], request.with_body(body)))
        rest = request.with_body(body)
        actual = self.ask(self.world, rest)
        found = self.compare(rest, expected, actual)
        if found:
            return Verdict(expected, actual, found, False)
        if "error" in expected:
            # What of the whole is lacked cannot take the fault away.
            same = "error" in verdict.actual and not self.compare(request, expected, verdict.actual)
            return Verdict(verdict.expected, verdict.actual, [] if same else verdict.found, False)
        if "Unknown aggregation type" in verdict.expected.get("error", {}).get("reason", ""):
            return verdict
        if "error" in verdict.expected:
            own = self.ask(engines["opensearch"], rest).get("error") == verdict.expected["error"]
            return Verdict(verdict.expected, verdict.actual, [] if own else verdict.found, False)
        return Verdict(verdict.expected, verdict.actual, lacking.within(removed, verdict.found), False)


class Verdict:
    """What was expected, what came, their differences, and whether the engines agree with each other."""

    def __init__(self, expected, actual, found, engines_agree):
        self.expected, self.actual, self.found, self.engines_agree = expected, actual, found, engines_agree

    @property
    def cause(self):
        """What differs, in words that are the same for other requests of which the same differs."""
        if not self.found:
            return None
        path = self.found[0][0]
        return f"{path}: {_brief(self.expected)}, not {_brief(self.actual)}" if path in ("status", "error.type", "error.root") else path


def _at(node, place):
    for key in place:
        node = node[key]
    return node


def smaller(body):
    """Requests with one part less, large parts first; what is below an aggregation may also take its place."""
    made = []

    def walk(node, place):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            made.append([*place, key])
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            if isinstance(node[key], (dict, list)):
                walk(node[key], [*place, key])

    walk(body, [])
    for place in sorted(made, key=len):
        copied = copy.deepcopy(body)
        node = _at(copied, place[:-1])
        del node[place[-1]]
        yield copied
        if len(place) > 1 and place[-2] == "aggs" and isinstance(node, dict):
            inside = _at(body, place)
            if isinstance(inside, dict) and isinstance(inside.get("aggs"), dict):
                copied = copy.deepcopy(copied)
                _at(copied, place[:-1]).update(copy.deepcopy(inside["aggs"]))
                yield copied
        # A clause inside another takes its place.
        parent = _at(body, place)
        if isinstance(parent, dict) and place[-1] == "query" or place[-1:] == ["bool"]:
            for part in (parent.get("bool", parent) if isinstance(parent, dict) else {}).values():
                for clause in part if isinstance(part, list) else [part]:
                    if isinstance(clause, dict) and len(place) == 1:
                        yield {**body, place[0]: clause}


def minimised(field, request, verdict):
    """The smallest request found that shows the same difference, and its verdict."""
    trials = 0
    parts = [Request([one], request.endpoint, request.body, request.parameters, request.spoiled) for one in request.indices] \
        if len(request.indices) > 1 else []
    if request.parameters:
        parts.append(Request(request.indices, request.endpoint, request.body, "", request.spoiled))
    for one in parts:
        tried = field.judge(one)
        if _told(tried) == _told(verdict):
            request, verdict = one, tried
            break
    while True:
        for body in smaller(request.body):
            trials += 1
            if trials > TRIALS_MAX:
                return request, verdict
            tried = field.judge(request.with_body(body))
            if _told(tried) == _told(verdict):
                request, verdict = request.with_body(body), tried
                break
        else:
            return request, verdict


def has_both_faults(field, request, verdict):
    """Whether a request to which each side tells another fault has both: taking parts away leaves each alone, and then both sides
    tell it."""
    if "error" not in verdict.expected or "error" not in verdict.actual:
        return False
    wanted = [_fault(verdict.expected), _fault(verdict.actual)]
    parts = itertools.chain([Request(request.indices, request.endpoint, request.body, "", request.spoiled)] if request.parameters else [],
                            map(request.with_body, smaller(request.body)))
    for smaller_request in itertools.islice(parts, TRIALS_MAX):
        if not wanted:
            break
        tried = field.judge(smaller_request)
        # What we refuse alone by decision, we may refuse beside another fault.
        alike = not tried.found or known.rule_for(smaller_request, tried.expected, tried.actual, tried.found)
        for answer in (tried.expected, tried.actual) if alike else ():
            if "error" in answer and _fault(answer) in wanted:
                wanted.remove(_fault(answer))
    return not wanted


def _told(verdict):
    """What differs, and the errors that each side told."""
    return verdict.cause, *(_fault(one) if "error" in one else None for one in (verdict.expected, verdict.actual))


def _fault(answer):
    """An error without the place in the request."""
    error = answer["error"]
    # Of several that were listed the first; names of aggregations have numbers at their ends.
    reason = re.sub(r"_\d+\b", "", re.sub(r"^\[\d+:\d+\] ", "", error.get("reason") or "").partition(";")[0])
    return error.get("type"), error.get("root"), reason


def _brief(answer):
    error = answer.get("error")
    return f"{answer['status']} {error['type']}/{error['root']}" if error else str(answer["status"])


def show(causes):
    for cause, cases in sorted(causes.items(), key=lambda one: -len(one[1])):
        print(f"\n{len(cases)} times: {cause}")
        for request, verdict in cases[:SHOWN_BY_CAUSE]:
            print(f"  {','.join(request.indices)}/{request.endpoint}{request.parameters} {json.dumps(request.body)}"
                  + ("" if verdict.engines_agree else "   (the engines differ)"))
            for path, expected, actual in verdict.found[:3]:
                print(f"    {path}: expected {json.dumps(expected)[:300]}, got {json.dumps(actual)[:300]}")


def run(field, options):
    generator = field.generator(options)
    causes, agreed, decided, engines_differ = {}, [], {}, 0
    for number in range(options.count):
        request = generator.request()
        try:
            verdict = field.judge(request)
        except Exception:
            print(f"request {number}: {request.target(field.names)} {json.dumps(request.body)}", file=sys.stderr)
            raise
        engines_differ += not verdict.engines_agree
        if not verdict.found:
            agreed.append((request, verdict.expected, field.spread(request)))
            continue
        decision = known.rule_for(request, verdict.expected, verdict.actual, verdict.found)
        if not decision and has_both_faults(field, request, verdict):
            decision = known.BOTH_FAULTS
        if decision:
            decided.setdefault(decision, []).append((request, verdict))
            continue
        if options.command == "record" and not options.show:
            causes.setdefault(verdict.cause, []).append(None)
            continue
        cause = verdict.cause
        missing = re.search(r"unknown query \[\w+\]|Unknown aggregation type \[\w+\]|Unknown key for a \w+ in \[\w+\]|.* not supported.*",
                            verdict.actual.get("error", {}).get("reason", ""))
        if missing and verdict.expected["status"] == 200:
            causes.setdefault(f"not there: {missing.group()}", []).append((request, verdict))
            continue
        kept = causes.setdefault(cause, [])
        case = minimised(field, request, verdict) if len(kept) < SHOWN_BY_CAUSE else (request, verdict)
        # Beside a third fault the two may not have been found.
        if has_both_faults(field, *case):
            decided.setdefault(known.BOTH_FAULTS, []).append(case)
        else:
            kept.append(case)
    causes = {cause: cases for cause, cases in causes.items() if cases}
    if options.command != "record" or options.show:
        show(causes)
    if options.decided:
        show(decided)
    decided = {reason: len(cases) for reason, cases in decided.items()}
    print(f"\n{options.count} requests: {len(agreed)} agree, {sum(map(len, causes.values()))} disagree in {len(causes)} ways; by decision {decided}; "
          f"the engines differ from each other in {engines_differ}")
    if options.command == "record":
        size = recording.write(field.names, agreed)
        print(f"{len(agreed)} recorded in {size} bytes: {recording.FILE}")
    return not causes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["compare", "record", "ask"])
    parser.add_argument("what", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=3_000)
    parser.add_argument("--with", dest="added", action="append", default=[])
    parser.add_argument("--without", dest="removed", action="append", default=[])
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--inside", type=int, default=12, help="how many of a hundred requests are about fields inside objects")
    parser.add_argument("--show", action="store_true", help="with record: also print where they disagree")
    parser.add_argument("--decided", action="store_true", help="also print what differs by decision")
    for name in engine.NAMES:
        parser.add_argument(f"--{name}", metavar="URL", help="none: without it")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (directory / "platform").mkdir()
        world = World(stack.enter_context(Platform(directory / "platform")))
        engines = []
        for name in engine.NAMES:
            url = getattr(options, name)
            if url != "none":
                engines.append(engine.Engine(name, url) if url else stack.enter_context(engine.Node(name, directory / name)))
        for one in engines:
            world.load(one)
        field = Field(world, engines)
        if options.command == "ask":
            sensors, body = options.what
            request = Request(sensors.split(","), "_search", json.loads(body))
            for name, who in [("ours", world), *((one.name, one) for one in engines)]:
                print(f"{name}: {who.call('POST', request.target(field.names), request.body).text}")
            return 0
        return 0 if run(field, options) else 1


if __name__ == "__main__":
    sys.exit(main())
