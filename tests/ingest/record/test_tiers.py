"""Places for recordings: a folder and a bucket do the same, and say what is wrong."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gis.errors import InvalidInput, NotFound, StorageAway
from ingest.record.s3 import S3Place, check_address
from ingest.record.tiers import MARK, FolderPlace, Place
from tests.support.s3 import READER_KEY, READER_SECRET, TestStore

PATH = "gate/2026/01/02/030405-1.mp4"


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        (tmp_path / MARK).touch()
        return FolderPlace(tmp_path, marked=True)
    store: TestStore = request.getfixturevalue("s3")
    store.make_bucket("places")
    return S3Place(
        store.endpoint, "places", f"{tmp_path.name}/", None, store.access_key, store.secret
    )


def _pieces(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.mark.parametrize("size_bytes", [0, 5, 12_000_000])
def test_a_file_comes_back_whole_and_by_ranges(place: Place, size_bytes: int) -> None:
    content = os.urandom(size_bytes)
    place.write(PATH, _pieces(content, 1_000_003))
    with place.open(PATH) as reader:
        assert reader.size_bytes == size_bytes
        assert b"".join(reader.chunks()) == content
        assert b"".join(reader.chunks(3, 2_500_000)) == content[3:2_500_000]
        assert reader.read_at(1, 3) == content[1:4]
        assert reader.read_at(max(0, size_bytes - 2), 10) == content[-2:]
        assert reader.read_at(size_bytes, 10) == b""
        with io.BufferedReader(reader, 4096) as file:
            assert file.seek(-2, io.SEEK_END) == max(0, size_bytes - 2)
            assert file.read() == content[-2:]
            assert file.seek(1) == 1
            assert file.read(4) == content[1:5]
    place.write(PATH, iter([b"again"]))
    with place.open(PATH) as reader:
        assert b"".join(reader.chunks()) == b"again"
    place.remove(PATH)
    place.remove(PATH)
    with pytest.raises(NotFound, match=r"030405-1\.mp4"):
        place.open(PATH)


def test_what_is_interrupted_leaves_nothing(place: Place) -> None:
    def breaking() -> Iterator[bytes]:
        yield os.urandom(6_000_000)
        raise StorageAway("the source broke")

    with pytest.raises(StorageAway):
        place.write(PATH, breaking())
    with pytest.raises(NotFound):
        place.open(PATH)


def test_a_place_that_works_passes_its_check_and_keeps_nothing_of_it(
    place: Place, tmp_path: Path
) -> None:
    place.check()
    assert {p.name for p in tmp_path.iterdir()} <= {MARK}


def test_a_folder_whose_disk_is_not_mounted_is_neither_written_nor_missed(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "disk", marked=True)
    calls: list[Callable[[], object]] = [
        lambda: place.write(PATH, iter([b"x"])),
        lambda: place.open(PATH),
        lambda: place.remove(PATH),
        place.check,
    ]
    for call in calls:
        with pytest.raises(StorageAway, match=r"has no file '\.wanglou-tier': is its disk mounted"):
            call()
    with pytest.raises(StorageAway, match="there is no folder"):
        place.mark()
    (tmp_path / "disk").mkdir()
    place.mark()
    place.check()


def test_removing_the_last_file_removes_its_folders_but_not_the_root(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path, marked=False)
    other = "gate/2026/01/03/000000-1.mp4"
    for path in (PATH, other):
        place.write(path, iter([b"x"]))
    place.remove(PATH)
    assert [p.name for p in (tmp_path / "gate/2026/01").iterdir()] == ["03"]
    place.remove(other)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_had_begun_to_write_goes_with_the_file(tmp_path: Path) -> None:
    part = tmp_path / (PATH + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    place = FolderPlace(tmp_path, marked=False)
    with pytest.raises(NotFound):
        place.open(PATH)
    place.remove(PATH)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"access_key": "nobody"},
            "does not know the access key 'nobody': enter the keys anew",
        ),
        ({"secret": "wrong"}, "refuses the secret of the access key 'wanglou'"),
        ({"bucket": "not-there"}, "write in the bucket 'not-there': make the bucket, or give it"),
        ({"endpoint": "http://127.0.0.1:1"}, "http://127.0.0.1:1 does not answer: check"),
        (
            {"access_key": READER_KEY, "secret": READER_SECRET},
            "does not let the access key 'reader' write in the bucket 'messages': make the bucket, or give it the right",
        ),
    ],
)
def test_s3_says_what_is_wrong(s3: TestStore, changes: dict[str, str], says: str) -> None:
    s3.make_bucket("messages")
    facts: dict[str, str] = {
        "endpoint": s3.endpoint,
        "bucket": "messages",
        "access_key": s3.access_key,
        "secret": s3.secret,
    }
    place = S3Place(prefix="", region=None, **(facts | changes))
    with pytest.raises(StorageAway, match=says):
        place.check()


def test_a_bucket_that_is_gone_is_not_a_missing_recording(s3: TestStore) -> None:
    place = S3Place(s3.endpoint, "never-made", "", None, s3.access_key, s3.secret)
    with pytest.raises(StorageAway, match="there is no bucket 'never-made'"):
        place.open(PATH)


@pytest.mark.parametrize(
    ("endpoint", "bucket", "field"),
    [
        ("127.0.0.1:9000", "footage", "endpoint"),
        ("ftp://host", "footage", "endpoint"),
        ("http://", "footage", "endpoint"),
        ("http://host:99999", "footage", "endpoint"),
        ("http://user:pw@host", "footage", "endpoint"),
        ("http://host/bucket", "footage", "endpoint"),
        ("http://host", "Foo", "bucket"),
        ("http://host", "a", "bucket"),
        ("http://host", "a/b", "bucket"),
    ],
)
def test_addresses_that_are_none_are_refused(endpoint: str, bucket: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_address(endpoint, bucket)
    assert refused.value.field == field


def test_the_s3_library_is_loaded_only_where_there_is_such_a_tier() -> None:
    """It would cost every ingest process its memory."""
    code = "import sys, ingest.main, ingest.record.s3; sys.exit('obstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
