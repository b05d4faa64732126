"""Requests with the engines' answers, in one compressed file: a line for what the data was, then one for each request."""

import json

import zstandard

from support.program import ROOT

FILE = ROOT / "tests" / "differential" / "answers.jsonl.zst"


def _without_reason(answer):
    """An error is its types; engines word their reasons differently."""
    return {**answer, "error": {"type": answer["error"].get("type"), "root": answer["error"].get("root")}} if "error" in answer else answer


def write(indices, entries, file=FILE):
    """`entries` are (Request, canonical answer, spread)."""
    lines = [json.dumps({"indices": indices})]
    lines += [json.dumps([*request.as_list(), _without_reason(answer), spread], separators=(",", ":")) for request, answer, spread in entries]
    data = zstandard.ZstdCompressor(level=19).compress(("\n".join(lines) + "\n").encode())
    file.write_bytes(data)
    return len(data)


def read(file=FILE):
    """(indices, [[sensors, endpoint, body, parameters, canonical answer, spread]])."""
    with open(file, "rb") as opened:
        lines = zstandard.ZstdDecompressor().stream_reader(opened).read().decode().splitlines()
    return json.loads(lines[0])["indices"], [json.loads(line) for line in lines[1:]]
