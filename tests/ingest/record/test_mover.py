"""Footage moves on to further tiers; whatever breaks, every row names a whole file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from gis.clock import ManualClock
from gis.db import Database
from ingest import footage_store, store
from ingest.record import mover
from ingest.record.mover import FIRST_WAIT_S, Mover, Stopped
from ingest.record.storage import Storage, open_segment
from ingest.record.tiers import MARK, FolderPlace, Tier
from ingest.secret import encrypt
from tests.ingest.record.footage import keep
from tests.ingest.record.recordings import add_camera
from tests.ingest.streams import START
from tests.support.s3 import TestStore

KEY = Fernet.generate_key()
DAY_S = 86400.0


class Kill(BaseException):
    """The process dies here."""


class City:
    """Two folders, a database, and a mover that tells what it says."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.local, self.other = folder / "local", folder / "other"
        for one in (self.local, self.other):
            one.mkdir()
        (self.other / MARK).touch()
        self.clock = ManualClock(START)
        self.storage = Storage(database, self.local, KEY, self.clock)
        self.told: list[str] = []
        self.waited_s: list[float] = []
        self.used_percent = 50.0
        self.stopped = False
        self.mover = self.new_mover()

    def new_mover(self) -> Mover:
        return Mover(
            self.storage, self.database, self.clock, lambda: self.used_percent, self._wait,
            lambda tier, why: self.told.append(f"{tier.name}: {why}"),
        )  # fmt: skip

    def _wait(self, seconds: float) -> bool:
        self.waited_s.append(seconds)
        return self.stopped

    def tier(self, number: int = 1, **values: Any) -> None:
        columns = {
            "id": number, "position": number, "name": f"tier {number}", "kind": "path", "path": str(self.other),
        } | values  # fmt: skip
        names = ", ".join(columns)
        marks = ", ".join(f"%({name})s" for name in columns)
        self.database.run(f"INSERT INTO storage_tier ({names}) VALUES ({marks})", columns)

    def places(self) -> dict[str, int]:
        return {r.path: r.tier for r in self.database.rows("SELECT path, tier FROM segment")}

    def problem(self, number: int = 1) -> str | None:
        found: str | None = self.database.rows(
            "SELECT problem FROM storage_tier WHERE id = %s", (number,)
        )[0].problem
        return found

    def readable(self) -> dict[str, bytes]:
        """Every recording read through the storage."""
        found = {}
        for row in self.database.rows("SELECT id, path FROM segment"):
            with open_segment(self.storage, row.id) as reader:
                found[row.path] = b"".join(reader.chunks())
        return found


@pytest.fixture
def city(database: Database, tmp_path: Path) -> City:
    return City(database, tmp_path)


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*.mp4*")}


def test_what_is_old_enough_moves_oldest_first(city: City) -> None:
    camera = add_camera(city.database)
    rows = keep(city.database, city.local, camera, START, 4)
    contents = {r.path: (city.local / r.path).read_bytes() for r in rows}
    city.tier(after_days=1, rate_bytes_s=1000)
    assert not city.mover.step()  # nothing is a day old
    city.clock.advance(DAY_S + 601)  # the first two are
    assert city.mover.step()
    assert city.places() == {rows[0].path: 1} | {r.path: 0 for r in rows[1:]}
    assert city.mover.step() and not city.mover.step()
    assert files(city.other) == {rows[0].path, rows[1].path}
    assert files(city.local) == {rows[2].path, rows[3].path}
    assert city.readable() == contents
    assert sum(city.waited_s) == pytest.approx(2 * 3268 / 1000)  # at the tier's rate
    assert city.mover.counts.moved_bytes == 2 * 3268
    totals = {(t.tier, t.size_bytes) for t in footage_store.totals(city.database)}
    assert totals == {(0, 2 * 3268), (1, 2 * 3268)}


def test_a_full_local_disk_sends_its_oldest_on_whatever_their_class(city: City) -> None:
    camera = add_camera(city.database)
    rows = keep(city.database, city.local, camera, START, 2)
    city.database.run("UPDATE segment SET class = 'event' WHERE path = %s", (rows[0].path,))
    city.tier(above_percent=80)
    city.clock.advance(DAY_S)
    assert not city.mover.step()
    city.used_percent = 81
    assert city.mover.step()
    assert city.places() == {rows[0].path: 1, rows[1].path: 0}
    city.used_percent = 80
    assert not city.mover.step()


def test_held_footage_moves_too_and_stays_held(city: City) -> None:
    camera = add_camera(city.database)
    (row,) = keep(city.database, city.local, camera, START)
    store.hold(
        city.database, camera.id, START, START + timedelta(minutes=1), "r", "incident:1", "x"
    )
    city.tier(after_days=0)
    city.clock.advance(DAY_S)
    assert city.mover.step()
    assert city.places() == {row.path: 1}
    assert footage_store.delete_expired(city.database, START + timedelta(days=999), 9) == []


def test_through_three_tiers(city: City, tmp_path: Path) -> None:
    third = tmp_path / "third"
    third.mkdir()
    (third / MARK).touch()
    rows = keep(city.database, city.local, add_camera(city.database), START, 2)
    contents = city.readable()
    city.tier(1, after_days=1)
    city.tier(2, after_days=5, path=str(third))
    city.clock.advance(DAY_S + 700)
    while city.mover.step():
        pass
    assert set(city.places().values()) == {1}
    city.clock.advance(5 * DAY_S)
    while city.mover.step():
        pass
    assert city.places() == {r.path: 2 for r in rows}
    assert city.readable() == contents
    assert files(city.local) == files(city.other) == set()


STEPS = (
    "begin_copy", "source.open", "to.write", "to.written", "to.open", "finish_copy", "after finish_copy",
    "source.remove", "forget_leftovers",
)  # fmt: skip


def kill_at(step: str, city: City, patch: pytest.MonkeyPatch) -> None:
    """Lets the process die just at one step of a move."""
    source, to = city.storage.place(0), city.storage.place(1)

    def dies(*_: object, **__: object) -> None:
        raise Kill

    def dies_after(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any) -> None:
            real(*values)
            raise Kill

        return call

    def half(path: str, pieces: Iterator[bytes]) -> None:
        def some() -> Iterator[bytes]:
            yield next(pieces)
            raise Kill

        real_write(path, some())

    real_write = to.write
    match step:
        case "begin_copy" | "finish_copy" | "forget_leftovers":
            patch.setattr(mover.footage_store, step, dies)
        case "after finish_copy":
            patch.setattr(mover.footage_store, "finish_copy", dies_after(footage_store.finish_copy))
        case "to.write":
            patch.setattr(to, "write", half)
        case "to.written":
            patch.setattr(to, "write", dies_after(to.write))
        case _:
            place, name = step.split(".")
            patch.setattr(source if place == "source" else to, name, dies)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("again", [True, False], ids=["tried again", "deleted instead"])
def test_killed_at_any_step_every_row_names_a_whole_file_and_nothing_stays_behind(
    city: City, step: str, again: bool
) -> None:
    camera = add_camera(city.database)
    (row,) = keep(city.database, city.local, camera, START)
    content = (city.local / row.path).read_bytes()
    city.tier(after_days=0)
    city.clock.advance(DAY_S)
    with pytest.MonkeyPatch.context() as patch:
        kill_at(step, city, patch)
        with pytest.raises(Kill):
            city.mover.step()
    assert city.readable() == {row.path: content}
    city.database.run("UPDATE footage_leftover SET due_at = now()")  # an hour later
    city.mover = city.new_mover()
    if again:
        while city.mover.step():
            pass
        city.mover.sweep()
        footage_store_sweep_local(city)
        assert city.readable() == {row.path: content}
        assert (files(city.local), files(city.other)) == (set(), {row.path})
    else:
        footage_store.delete_expired(city.database, START + timedelta(days=99), 9)
        city.mover.sweep()
        footage_store_sweep_local(city)
        assert (files(city.local), files(city.other)) == (set(), set())
    assert city.database.rows("SELECT * FROM footage_leftover") == []


def footage_store_sweep_local(city: City) -> None:
    mover.sweep(city.database, city.storage.local, 0)


def test_a_leftover_never_takes_a_recording_with_it(city: City) -> None:
    (row,) = keep(city.database, city.local, add_camera(city.database), START)
    city.database.run(
        "INSERT INTO footage_leftover (tier, path, bytes) VALUES (0, %s, 1)", (row.path,)
    )
    footage_store_sweep_local(city)
    assert files(city.local) == {row.path}


def test_what_is_damaged_or_gone_stays_and_the_others_move(city: City) -> None:
    rows = keep(city.database, city.local, add_camera(city.database), START, 4)
    damaged, short, gone, good = rows
    path = city.local / damaged.path
    content = bytearray(path.read_bytes())
    content[1300] ^= 1
    path.write_bytes(content)
    with (city.local / short.path).open("r+b") as file:
        file.truncate(2000)
    (city.local / gone.path).unlink()
    city.tier(after_days=0)
    city.clock.advance(DAY_S)
    while city.mover.step():
        pass
    assert city.places() == {damaged.path: 0, short.path: 0, gone.path: 0, good.path: 1}
    assert city.mover.counts.damaged == 3
    assert path.read_bytes() == bytes(content)
    assert city.problem() is None  # it is not the tier's fault
    assert files(city.other) == {good.path}


def test_a_deletion_during_the_copy_wins(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(city.database, city.local, add_camera(city.database), START)
    city.tier(after_days=0)
    city.clock.advance(DAY_S)
    real = footage_store.finish_copy

    def late(*values: Any) -> bool:
        assert len(footage_store.delete_expired(city.database, START + timedelta(days=99), 9)) == 1
        return real(*values)

    monkeypatch.setattr(mover.footage_store, "finish_copy", late)
    city.mover.step()
    city.mover.sweep()
    footage_store_sweep_local(city)
    assert (files(city.local), files(city.other)) == (set(), set())
    assert city.mover.counts.moved == 0


def test_stopping_abandons_the_copy(city: City) -> None:
    (row,) = keep(city.database, city.local, add_camera(city.database), START)
    city.tier(after_days=0)
    city.clock.advance(DAY_S)
    city.stopped = True
    with pytest.raises(Stopped):
        city.mover.step()
    assert city.places() == {row.path: 0}
    assert files(city.other) == set()


def test_a_tier_that_fails_rests_is_told_of_once_and_comes_back(city: City) -> None:
    keep(city.database, city.local, add_camera(city.database), START, 2)
    city.tier(after_days=0)
    (city.other / MARK).unlink()
    city.clock.advance(DAY_S)
    assert city.mover.step()
    assert len(city.told) == 1 and "is its disk mounted" in city.told[0]
    assert city.problem() == city.told[0].removeprefix("tier 1: ")
    (tier,) = city.database.rows("SELECT why FROM storage_tier WHERE id = 1")
    assert tier.why == {
        "code": "folder_unmarked",
        "params": {"folder": str(city.other), "mark": MARK},
    }
    assert not city.mover.step()  # it rests
    city.clock.advance(FIRST_WAIT_S)
    assert city.mover.step() and not city.mover.step()
    city.clock.advance(FIRST_WAIT_S)
    assert not city.mover.step()  # twice as long now
    city.clock.advance(FIRST_WAIT_S)
    (city.other / MARK).touch()
    while city.mover.step():
        pass
    assert set(city.places().values()) == {1}
    assert city.problem() is None and len(city.told) == 1


def test_a_copy_that_comes_back_changed_is_no_copy(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = keep(city.database, city.local, add_camera(city.database), START)
    city.tier(after_days=0)
    city.clock.advance(DAY_S)
    to = city.storage.place(1)
    assert isinstance(to, FolderPlace)
    real = to.write

    def lies(path: str, pieces: Iterator[bytes]) -> None:
        real(path, iter([b"".join(pieces)[:-1] + b"?"]))

    monkeypatch.setattr(to, "write", lies)
    city.mover.step()
    assert city.places() == {row.path: 0}
    assert "came back changed" in str(city.problem())
    assert files(city.local) == {row.path}


# --- S3 ---------------------------------------------------------------------------------------------------------


def bucket_tier(city: City, s3: TestStore, bucket: str, **changes: Any) -> None:
    values = {
        "kind": "s3", "path": None, "endpoint": s3.endpoint, "bucket": bucket, "prefix": "city/",
        "access_key": s3.access_key, "secret_enc": encrypt(KEY, s3.secret), "after_days": 0,
    } | changes  # fmt: skip
    city.tier(**values)


def test_to_a_bucket_and_read_from_there(city: City, s3: TestStore) -> None:
    s3.make_bucket("moves")
    rows = keep(
        city.database, city.local, add_camera(city.database), START, 3, fragment_bytes=3_000_000
    )
    contents = city.readable()
    bucket_tier(city, s3, "moves")
    city.clock.advance(DAY_S)
    while city.mover.step():
        pass
    assert city.places() == {r.path: 1 for r in rows}
    assert s3.names("moves") == {"city/" + r.path for r in rows}
    assert files(city.local) == set()
    assert city.readable() == contents
    assert len(footage_store.delete_expired(city.database, START + timedelta(days=99), 9)) == 3
    city.mover.sweep()
    assert s3.names("moves") == set()


@pytest.mark.parametrize("cut_bytes", [0, 4_000, 6_000_000])
def test_a_wire_cut_at_any_byte_loses_nothing(city: City, s3: TestStore, cut_bytes: int) -> None:
    s3.make_bucket(f"wire-{cut_bytes}")
    (row,) = keep(
        city.database, city.local, add_camera(city.database), START, fragment_bytes=4_000_000
    )
    content = (city.local / row.path).read_bytes()
    with s3.wire() as wire:
        bucket_tier(city, s3, f"wire-{cut_bytes}", endpoint=wire.endpoint)
        city.clock.advance(DAY_S)
        wire.cut_after(cut_bytes)
        city.mover.step()
        assert city.places() == {row.path: 0}
        assert "does not answer" in str(city.problem())
        assert (city.local / row.path).read_bytes() == content
        wire.mend()
        city.clock.advance(FIRST_WAIT_S)
        city.mover.step()
        assert city.places() == {row.path: 1}
        assert city.readable() == {row.path: content}
        assert city.problem() is None


def test_a_bucket_that_goes_away_is_named_and_nothing_moves(city: City, s3: TestStore) -> None:
    s3.make_bucket("goes")
    rows = keep(city.database, city.local, add_camera(city.database), START, 2)
    bucket_tier(city, s3, "goes", secret_enc=encrypt(KEY, "wrong"))
    city.clock.advance(DAY_S)
    city.mover.step()
    assert "refuses the secret" in str(city.problem())
    city.database.run(
        "UPDATE storage_tier SET secret_enc = %s WHERE id = 1", (encrypt(KEY, s3.secret),)
    )
    city.clock.advance(FIRST_WAIT_S)
    assert city.mover.step()
    s3.drop_bucket("goes")
    city.mover.step()
    assert "make the bucket" in str(city.problem())
    assert city.places() == {rows[0].path: 1, rows[1].path: 0}
    assert files(city.local) == {rows[1].path}


def test_an_unreadable_secret_is_said(city: City, s3: TestStore) -> None:
    keep(city.database, city.local, add_camera(city.database), START)
    bucket_tier(city, s3, "any", secret_enc=encrypt(Fernet.generate_key(), s3.secret))
    city.clock.advance(DAY_S)
    city.mover.step()
    assert "refuses the secret" in str(city.problem())
    tiers: list[Tier] = footage_store.tiers(city.database, KEY)
    assert tiers[1].secret is None
