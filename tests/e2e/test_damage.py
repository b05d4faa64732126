"""Damaged files: found, named, never served; what is whole is kept."""

import contextlib
import os
import sqlite3

import pytest

from support.api import Api, make_thing
from support.disk import find_bytes, flip_bit
from support.ingest import Gateway
from support.program import Platform, StartFailed, run
from support.query import Queries

TEXTS = 30


def text(n):
    """Something to look for in the log's files."""
    return f"needle {n:04d} " + f"{n * 7919 % 10007:05d}" * 16


def values(platform, thing):
    return [document["value"] for document in Queries(platform, thing.consumer_token).all(thing.index("text"), by_value=False)]


@pytest.fixture
def written(tmp_path):
    """A platform that was killed after TEXTS single readings, and where each lies in the log: [(file, offset)]."""
    with Platform(tmp_path) as platform:
        thing = make_thing(Api.signed_in(platform), {"text": "text"})
        gateway = Gateway(platform, thing.token)
        for n in range(TEXTS):
            gateway.store({"sensor_id": thing.sensors["text"], "timestamp": 1_600_000_000 + n, "value": text(n)})
        platform.kill()
        places = [find_bytes(platform.data_dir / "log", text(n).encode()) for n in range(TEXTS)]
        assert all(len(place) == 1 for place in places), "each text was to lie in the log once"
        yield platform, thing, [place[0] for place in places]


def test_damage_before_the_end_of_the_log_stops_the_start_with_a_remedy(written):
    platform, _, places = written
    file, offset = places[TEXTS // 2]
    flip_bit(file, offset + 40)
    failed = platform.fail_to_start()
    assert file.name in failed.output
    assert "verify --repair" in failed.output, "the remedy is the command as it is to be typed"


def test_verify_names_the_damage_and_repair_keeps_what_is_whole(written):
    platform, thing, places = written
    damaged = TEXTS // 2
    file, offset = places[damaged]
    assert run("verify", "--data-dir", platform.data_dir).returncode == 0
    flip_bit(file, offset + 40)

    found = run("verify", "--data-dir", platform.data_dir)
    assert found.returncode > 0
    assert file.name in found.stdout + found.stderr

    repaired = run("verify", "--repair", "--data-dir", platform.data_dir)
    assert repaired.returncode == 0, repaired.stderr
    assert "lost" in (repaired.stdout + repaired.stderr).lower()
    assert run("verify", "--data-dir", platform.data_dir).returncode == 0

    platform.start()
    assert values(platform, thing) == [text(n) for n in range(TEXTS) if n != damaged]
    Gateway(platform, thing.token).store({"sensor_id": thing.sensors["text"], "timestamp": 1_600_000_000 + damaged,
                                          "value": text(damaged)})
    platform.kill()
    platform.start()
    assert values(platform, thing) == [text(n) for n in range(TEXTS)]


def test_verify_changes_nothing_by_itself(written):
    platform, _, places = written
    file, offset = places[3]
    flip_bit(file, offset + 40)
    before = {path: path.read_bytes() for path in (platform.data_dir / "log").rglob("*") if path.is_file()}
    run("verify", "--data-dir", platform.data_dir)
    assert {path: path.read_bytes() for path in (platform.data_dir / "log").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("whole", [0, 1, TEXTS // 2, TEXTS - 1])
def test_a_torn_tail_is_cut(written, whole):
    """The file ends in the middle of a record, as after a power cut: what lies before is there, and writing goes on."""
    platform, thing, places = written
    file, offset = places[whole]
    os.truncate(file, offset + 40)
    platform.start()
    assert values(platform, thing) == [text(n) for n in range(whole)]
    Gateway(platform, thing.token).store({"sensor_id": thing.sensors["text"], "timestamp": 1_700_000_000, "value": "after"})
    platform.kill()
    platform.start()
    assert values(platform, thing) == [*[text(n) for n in range(whole)], "after"]


def test_a_damaged_store_is_found_and_not_served(tmp_path):
    """A flipped bit in a file of sealed readings: verify names the file, and no other value comes out."""
    readings = 200_000
    with Platform(tmp_path) as platform:
        thing = make_thing(Api.signed_in(platform), {"a": "double"})
        gateway = Gateway(platform, thing.token)
        for begin in range(0, readings, 10_000):
            gateway.store([{"sensor_id": thing.sensors["a"], "timestamp": 1_600_000_000 + n, "value": n * 37 % 1009 / 7}
                           for n in range(begin, begin + 10_000)])
        assert platform.stop() == 0
        tables = sorted(platform.data_dir.rglob("*.sst"), key=lambda file: file.stat().st_size)
        assert tables, "a clean stop was to leave sealed readings behind"
        flip_bit(tables[-1], tables[-1].stat().st_size // 2)
        found = run("verify", "--data-dir", platform.data_dir)
        assert found.returncode > 0
        assert tables[-1].name in found.stdout + found.stderr or "chunk" in (found.stdout + found.stderr).lower()
        try:
            platform.start()
        except StartFailed as failed:
            assert "verify" in failed.output
            return
        response = Queries(platform, thing.consumer_token).call(
            "POST", f"/api/consumers/consume/{thing.sensors['a']}/_search",
            {"size": 0, "track_total_hits": True, "aggs": {"all": {"percentiles": {"field": "value"}}}})
        assert response.status >= 500 or response.json["_shards"]["failed"] > 0, response


def test_a_database_from_the_future_is_refused_and_left_alone(tmp_path):
    with Platform(tmp_path) as platform:
        Api.signed_in(platform)
        assert platform.stop() == 0
        database = next(file for file in platform.data_dir.iterdir() if file.suffix == ".db")
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            table, column = next(
                (name, row[1]) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                if "schema" in name or "migration" in name for row in connection.execute(f"PRAGMA table_info({name})"))
            newest = connection.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]
            connection.execute(f"UPDATE {table} SET {column} = 999999 WHERE {column} = ?", [newest])
        failed = platform.fail_to_start()
        assert "newer" in failed.output
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = 999999", [newest])
        platform.start()
        Api.signed_in(platform)
