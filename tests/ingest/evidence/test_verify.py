"""Every change to a package is found, wherever it is made, and named where it can be."""

from __future__ import annotations

import json
import random
import subprocess
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput, NotFound
from ingest.evidence import manifest as m
from ingest.evidence.container import (
    BrokenContainer,
    ContainerWriter,
    directory,
    read_members,
)
from ingest.evidence.export import Maker, write_package
from ingest.evidence.model import Order
from ingest.evidence.signature import SigningKey, signing_key
from ingest.evidence.verify import Verdict, verify
from tests.ingest.evidence.footage import MADE_AT, after, camera, opener, write_segment
from tests.ingest.streams import START


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cameras, three recording files, in one signed package."""
    root = tmp_path_factory.mktemp("evidence")
    small = {"width_px": 64, "height_px": 48}
    one, link = write_segment(root, **small)
    two, _ = write_segment(root, after(one), link=link, number=2, **small)
    yard, _ = write_segment(root, code="yard", number=3, **small)
    target = root / "package.zip"
    order = Order(START, after(two), "rita", "a fight at the gate")
    maker = Maker("0.2.0", "test", signing_key(root / "keys"), MADE_AT)
    with target.open("wb") as out:
        cameras = [camera(one, two), camera(yard, number=2, code="yard")]
        write_package(out, order, cameras, opener(root), maker, lambda _done: None)
    return target


@pytest.fixture
def copy(package: Path, tmp_path: Path) -> Path:
    return Path(copyfile(package, tmp_path / "copy.zip"))


def words(verdict: Verdict) -> str:
    return "\n".join(str(f) for f in verdict.findings)


def test_an_untouched_package_is_genuine_with_every_kind_of_key(package: Path) -> None:
    fingerprint = signing_key(package.parent / "keys").public.fingerprint
    pem = package.parent / "public.pem"
    pem.write_bytes(signing_key(package.parent / "keys").public.pem)
    spaced = ":".join(fingerprint[i : i + 2].upper() for i in range(0, 64, 2))
    for key in (None, fingerprint, spaced, str(pem)):
        verdict = verify(package, key)
        assert verdict.genuine and verdict.signed, words(verdict)
        assert (verdict.fingerprint, verdict.fragments) == (fingerprint, 15)
        assert [f for f in verdict.findings if f.grave] == []


def test_any_flipped_bit_is_found(package: Path, copy: Path) -> None:
    data = package.read_bytes()
    with zipfile.ZipFile(package) as z, package.open("rb") as file:
        members = read_members(file)
        assert [x.name for x in members] == z.namelist()
    last = members[-1].content_at + members[-1].size
    structural = {n for x in members for n in range(x.at, x.content_at)} | set(
        range(last, len(data))
    )
    chance = random.Random(4)
    places = sorted(structural)[:: max(1, len(structural) // 500)]
    places += [chance.randrange(len(data)) for _ in range(300)]
    for x in members:  # the beginning and the end of each content, and of each box of the films
        places += [x.content_at, x.content_at + x.size - 1]
        if x.name.endswith(".mp4"):
            at = x.content_at
            while at < x.content_at + x.size:
                places += [at, at + 3, at + 7]
                at += int.from_bytes(data[at : at + 4], "big")
    missed = []
    with copy.open("r+b") as file:
        for place in places:
            flipped = data[place] ^ (1 << chance.randrange(8))
            file.seek(place)
            file.write(bytes([flipped]))
            file.flush()
            if verify(copy).genuine:
                missed.append(place)
            file.seek(place)
            file.write(data[place : place + 1])
            file.flush()
    assert missed == []
    assert verify(copy).genuine


def test_every_bit_of_the_structure_matters() -> None:
    """Each byte of headers and directory of a tiny container, each bit."""
    import io

    out = io.BytesIO()
    container = ContainerWriter(out, MADE_AT)
    container.put("a", b"x")
    with container.member("b", 1 << 33) as write:
        write(b"yz")
    container.finish()
    data = bytearray(out.getvalue())
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        assert (z.read("a"), z.read("b")) == (b"x", b"yz")
    import zlib

    from ingest.evidence.container import check_structure

    def sound(content: bytes) -> bool:
        file = io.BytesIO(content)
        try:
            members = read_members(file)
        except BrokenContainer:
            return False
        crcs = []
        for x in members:
            file.seek(x.content_at)
            crcs.append(zlib.crc32(file.read(x.size)))
        names = [x.name for x in members]
        return names == ["a", "b"] and not check_structure(file, members, MADE_AT, crcs)

    assert sound(bytes(data))
    inside = {
        31,
        data.index(b"yz"),
        data.index(b"yz") + 1,
    }  # contents: the manifest's hashes guard them
    for place in set(range(len(data))) - inside:
        for bit in range(8):
            data[place] ^= 1 << bit
            assert not sound(bytes(data)), f"bit {bit} of byte {place}"
            data[place] ^= 1 << bit


def test_large_packages_get_wide_fields() -> None:
    from ingest.evidence.container import Member

    tail = directory(
        [Member("big.mp4", 5 << 32, 1, 0, True), Member("m", 4, 2, 6 << 32, False)],
        7 << 32,
        MADE_AT_TIME,
    )
    assert tail.count(b"PK\x06\x06") == tail.count(b"PK\x06\x07") == 1


MADE_AT_TIME = 0x5C624800


def rebuilt(
    package: Path,
    target: Path,
    change: Callable[[dict[str, bytes]], None],
    key: SigningKey | None = None,
) -> Path:
    """A package with other contents, its container and checksums made anew; signed by ``key`` if one is given."""
    with zipfile.ZipFile(package) as z:
        contents = {name: z.read(name) for name in z.namelist()}
    change(contents)
    if key is not None:
        contents[m.SIGNATURE_NAME] = key.sign(contents[m.NAME])
    with target.open("wb") as out:
        container = ContainerWriter(out, MADE_AT)
        for name, content in contents.items():
            container.put(name, content)
        container.finish()
    return target


def fragment_at(contents: dict[str, bytes], index: int, file: int = 0) -> m.FragmentEntry:
    manifest = m.from_bytes(contents[m.NAME])
    fragments = [f for s in manifest.cameras[0].files[file].segments for f in s.fragments]
    return fragments[index]


def test_a_changed_picture_is_named(package: Path, copy: Path) -> None:
    def change(contents: dict[str, bytes]) -> None:
        film = bytearray(contents["01-gate.mp4"])
        film[fragment_at(contents, 7).at + 700] ^= 0x10
        contents["01-gate.mp4"] = bytes(film)

    verdict = verify(rebuilt(package, copy, change))
    at = (START + timedelta(seconds=7)).isoformat(timespec="milliseconds")
    assert not verdict.genuine and verdict.signed
    assert [str(f) for f in verdict.findings if f.grave] == [
        f"camera gate, 01-gate.mp4, {at}: fragment 3 of gate/2026/03/01/080005-1.mp4 was changed: its SHA-256 is not "
        "what the manifest says"
    ]


def test_swapped_fragments_are_named(package: Path, copy: Path) -> None:
    def change(contents: dict[str, bytes]) -> None:
        a, b = fragment_at(contents, 1), fragment_at(contents, 2)
        film = contents["01-gate.mp4"]
        contents["01-gate.mp4"] = (
            film[: a.at] + film[b.at : b.at + b.size] + film[a.at + a.size : b.at] + film[a.at : a.at + a.size]
            + film[b.at + b.size :]
        )  # fmt: skip

    found = words(verify(rebuilt(package, copy, change)))
    assert "fragment 2 of gate/2026/03/01/080000-1.mp4 was changed" in found
    assert "fragment 3 of gate/2026/03/01/080000-1.mp4 was changed" in found


@pytest.mark.parametrize("whole", [True, False], ids=["with its entry", "alone"])
def test_a_dropped_fragment_is_found(package: Path, copy: Path, whole: bool) -> None:
    """Also by one who holds the key and forgets nothing but the chain."""

    def change(contents: dict[str, bytes]) -> None:
        gone = fragment_at(contents, 2)
        film = contents["01-gate.mp4"]
        if whole:
            plain = json.loads(contents[m.NAME])
            del plain["cameras"][0]["files"][0]["segments"][0]["fragments"][2]
            contents[m.NAME] = json.dumps(
                plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
            ).encode()
        else:
            contents["01-gate.mp4"] = film[: gone.at] + film[gone.at + gone.size :]

    key = signing_key(package.parent / "keys")
    verdict = verify(rebuilt(package, copy, change, key if whole else None))
    assert not verdict.genuine
    assert ("does not follow the one before it in the chain" if whole else "was changed") in words(
        verdict
    )


def test_a_cut_end_is_found(package: Path, copy: Path) -> None:
    data = package.read_bytes()
    for length in (len(data) - 1, len(data) - 30, len(data) // 2, 100, 4):
        copy.write_bytes(data[:length])
        assert not verify(copy).genuine
    copy.write_bytes(data + b"\0")
    assert "the directory at the end of the package was changed" in words(verify(copy))

    def shorten(contents: dict[str, bytes]) -> None:
        contents["01-gate.mp4"] = contents["01-gate.mp4"][: fragment_at(contents, 8).at + 9]

    found = words(verify(rebuilt(package, copy, shorten)))
    assert "fragment 4 of gate/2026/03/01/080005-1.mp4 is missing: the file ends before it" in found


def test_another_signature_and_an_edited_manifest_are_found(
    package: Path, copy: Path, tmp_path: Path
) -> None:
    stranger = signing_key(tmp_path / "stranger")
    mine = signing_key(package.parent / "keys").public.fingerprint

    def edit(contents: dict[str, bytes]) -> None:
        contents[m.NAME] = contents[m.NAME].replace(b"rita", b"rosa")

    assert "the signature does not fit" in words(verify(rebuilt(package, copy, edit)))

    def nothing(contents: dict[str, bytes]) -> None:
        pass

    assert "the signature does not fit" in words(verify(rebuilt(package, copy, nothing, stranger)))

    def resign(contents: dict[str, bytes]) -> None:
        """A forger with a key of his own, who puts it everywhere."""
        edit(contents)
        contents[m.KEY_NAME] = stranger.public.pem
        plain = json.loads(contents[m.NAME])
        plain["key_fingerprint"] = stranger.public.fingerprint
        import hashlib

        for entry in plain["members"]:
            if entry["name"] == m.KEY_NAME:
                entry["sha256"] = hashlib.sha256(stranger.public.pem).hexdigest()
        contents[m.NAME] = json.dumps(
            plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    forged = rebuilt(package, copy, resign, stranger)
    assert verify(
        forged
    ).genuine  # by itself it is consistent: that is why the fingerprint must be compared
    found = verify(forged, mine)
    assert not found.genuine and "signed with another key" in words(found)


def test_added_missing_and_moved_files_are_found(package: Path, copy: Path) -> None:
    def add(contents: dict[str, bytes]) -> None:
        contents["99-more.mp4"] = b"x"

    assert "the file was added" in words(verify(rebuilt(package, copy, add)))

    def remove(contents: dict[str, bytes]) -> None:
        del contents["02-yard.mp4"]

    assert "02-yard.mp4: the file is missing" in words(verify(rebuilt(package, copy, remove)))

    def move(contents: dict[str, bytes]) -> None:
        contents["01-gate.mp4"] = contents.pop("01-gate.mp4")

    assert "another order" in words(verify(rebuilt(package, copy, move)))

    def subtitle(contents: dict[str, bytes]) -> None:
        contents["01-gate.vtt"] = contents["01-gate.vtt"].replace(b"08:00", b"09:00")

    assert "01-gate.vtt: the file was changed" in words(verify(rebuilt(package, copy, subtitle)))


def test_tables_that_hide_a_picture_are_found(package: Path, copy: Path) -> None:
    def hide(contents: dict[str, bytes]) -> None:
        film = bytearray(contents["01-gate.mp4"])
        at = film.rindex(b"co64") + 8 + 8  # the second chunk points where the first does
        film[at + 8 : at + 16] = film[at : at + 8]
        contents["01-gate.mp4"] = bytes(film)

    assert "its tables do not show every recorded picture" in words(
        verify(rebuilt(package, copy, hide))
    )


def test_the_unpacked_folder_and_a_film_alone_are_checked_too(
    package: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(package) as z:
        z.extractall(tmp_path)
    assert verify(tmp_path).genuine
    alone = tmp_path / "alone"
    alone.mkdir()
    for name in ("02-yard.mp4", m.NAME, m.SIGNATURE_NAME, m.KEY_NAME):
        copyfile(tmp_path / name, alone / name)
    verdict = verify(alone / "02-yard.mp4")
    assert verdict.genuine and verdict.fragments == 5
    film = bytearray((alone / "02-yard.mp4").read_bytes())
    film[2000] ^= 1
    (alone / "02-yard.mp4").write_bytes(film)
    assert not verify(alone / "02-yard.mp4").genuine
    (tmp_path / "01-gate.mp4").unlink()
    assert "01-gate.mp4: the file is missing" in words(verify(tmp_path))


def test_what_is_no_package_is_said(tmp_path: Path, package: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        verify(tmp_path / "nothing.zip")
    (tmp_path / "x.mp4").write_bytes(b"something else")
    assert "is no evidence package" in words(verify(tmp_path / "x.mp4"))
    with pytest.raises(InvalidInput, match="neither a fingerprint"):
        verify(package, str(tmp_path / "no.pem"))


def test_the_signature_is_checked_by_openssl_too(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as z:
        z.extractall(tmp_path)
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", m.KEY_NAME, "-rawin", "-in", m.NAME, "-sigfile", m.SIGNATURE_NAME],
        cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", m.KEY_NAME, "-outform", "DER"],
        cwd=tmp_path, capture_output=True, timeout=30, check=True,
    )  # fmt: skip
    import hashlib

    assert hashlib.sha256(der.stdout).hexdigest() == verify(package).fingerprint


@given(st.binary(max_size=400))
def test_garbage_never_breaks_the_check(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("garbage")
    (folder / "p.zip").write_bytes(b"PK\x03\x04" + data)
    assert not verify(folder / "p.zip").genuine
    (folder / m.NAME).write_bytes(data)
    (folder / m.SIGNATURE_NAME).write_bytes(data)
    assert not verify(folder).genuine


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    from gis.errors import SetupError

    first = signing_key(tmp_path / "keys")
    assert signing_key(tmp_path / "keys").public.fingerprint == first.public.fingerprint
    path = tmp_path / "keys" / "evidence-key.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    path.chmod(0o640)
    with pytest.raises(SetupError, match="can be read by others"):
        signing_key(tmp_path / "keys")
    path.chmod(0o600)
    path.write_text("no key")
    with pytest.raises(SetupError, match="cannot be read"):
        signing_key(tmp_path / "keys")
