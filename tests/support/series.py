"""The real series: 321,206 measurements in 47 series of the Numenta Anomaly Benchmark."""

import collections
import csv
import gzip
import os
import pathlib

import pytest

from support.program import ROOT

FILE = pathlib.Path(os.environ.get("IOT_REAL_SERIES", ROOT.parent / "shared" / "data" / "real-series.csv.gz"))


def real_series():
    """{series: [(second, text of the value)]}, in the order of the file, with what it holds twice."""
    if not FILE.exists():
        pytest.skip(f"{FILE} is not there; IOT_REAL_SERIES names it elsewhere")
    series = collections.defaultdict(list)
    with gzip.open(FILE, "rt", newline="") as file:
        for row in csv.DictReader(file):
            series[row["series"]].append((int(row["timestamp"]), row["value"]))
    return dict(series)


def distinct(readings):
    """[(second, value)] in order of time and value, each once: what the platform must hold."""
    return sorted({(second, float(text)) for second, text in readings})
