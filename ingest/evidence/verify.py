"""Checks an evidence package offline: every bit of it, its signature, and that nothing was left out or moved.

Takes the package itself (ZIP), the folder it was unpacked into, or one of its MP4 files with the manifest beside it.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from gis.errors import InvalidInput, NotFound
from ingest.evidence import manifest as m
from ingest.evidence.check_chain import check_camera
from ingest.evidence.check_mp4 import Mp4Check
from ingest.evidence.container import BrokenContainer, Member, check_structure, read_members
from ingest.evidence.findings import Finding, Findings
from ingest.evidence.signature import PublicKey, read_public

_READ_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. ``genuine``: signed by the key, complete, and every bit as it was recorded."""

    genuine: bool
    signed: bool
    fingerprint: str
    key_given: bool
    findings: tuple[Finding, ...]
    manifest: m.Manifest | None
    fragments: int


@dataclass(slots=True)
class _Package:
    """The files to check by name, wherever they lie."""

    whole: bool  # False: an MP4 alone, the other files may be elsewhere
    places: dict[str, tuple[Path, int, int]] = field(default_factory=dict)  # file, offset, size
    zip_file: Path | None = None
    members: Sequence[Member] = ()

    def read(self, name: str) -> bytes:
        path, offset, size = self.places[name]
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def blocks(self, name: str) -> Iterator[bytes]:
        path, offset, size = self.places[name]
        with path.open("rb") as file:
            file.seek(offset)
            while size and (data := file.read(min(size, _READ_BYTES))):
                size -= len(data)
                yield data


def verify(path: Path, key: str | None = None) -> Verdict:
    """Checks the package at ``path``. ``key``: a PEM file's path or a fingerprint; None: the package's own key.

    Raises :class:`NotFound` when there is nothing at ``path``, and :class:`InvalidInput` for an unusable ``key``.
    """
    findings = Findings()
    try:
        package = _open(path)
    except BrokenContainer as error:
        findings.error(f"the package is damaged: {error}")
        return Verdict(False, False, "", key is not None, findings.found, None, 0)
    public, fingerprint = _key(package, key, findings)
    signed, manifest = _manifest(package, public, findings)
    fragments = 0
    if manifest is not None:
        _members(package, manifest, public, findings)
        fragments = _contents(package, manifest, findings)
        for camera in manifest.cameras:
            check_camera(camera, manifest, findings)
    return Verdict(
        signed and manifest is not None and not findings.errors, signed, fingerprint, key is not None,
        findings.found, manifest, fragments,
    )  # fmt: skip


def _open(path: Path) -> _Package:
    if not path.exists():
        raise NotFound(f"there is no file '{path}'")
    if path.is_dir():
        return _Package(
            True, {p.name: (p, 0, p.stat().st_size) for p in path.iterdir() if p.is_file()}
        )
    with path.open("rb") as file:
        if file.read(4) == b"PK\x03\x04":
            members = read_members(file)
            places = {x.name: (path, x.content_at, x.size) for x in members}
            return _Package(True, places, path, members)
    names = (path.name, m.NAME, m.SIGNATURE_NAME, m.KEY_NAME)
    beside = [path.parent / n for n in names]
    if not (path.parent / m.NAME).is_file():
        raise BrokenContainer(
            f"'{path.name}' is no evidence package, and no {m.NAME} lies beside it"
        )
    return _Package(False, {p.name: (p, 0, p.stat().st_size) for p in beside if p.is_file()})


def _key(package: _Package, key: str | None, findings: Findings) -> tuple[PublicKey | None, str]:
    """The key to check with and its fingerprint; one given by hand wins over the package's own."""
    own: PublicKey | None = None
    if m.KEY_NAME in package.places:
        try:
            own = read_public(package.read(m.KEY_NAME))
        except InvalidInput as error:
            findings.error(f"{m.KEY_NAME} was changed: {error}")
    if key is None:
        return own, own.fingerprint if own else ""
    wanted = key.replace(":", "").lower()
    if len(wanted) == 64 and all(c in "0123456789abcdef" for c in wanted):
        if own is None or own.fingerprint != wanted:
            findings.error(
                f"the package was signed with another key: its fingerprint is "
                f"{own.fingerprint if own else 'unknown'}, expected {wanted}"
            )
            return None, wanted
        return own, wanted
    try:
        given = read_public(Path(key).read_bytes())
    except OSError as error:
        raise InvalidInput(
            f"key {key!r} is neither a fingerprint (64 hexadecimal digits) nor a file that can be read "
            f"({error.strerror})", "key",
        ) from error  # fmt: skip
    return given, given.fingerprint


def _manifest(
    package: _Package, public: PublicKey | None, findings: Findings
) -> tuple[bool, m.Manifest | None]:
    for name in (m.NAME, m.SIGNATURE_NAME):
        if name not in package.places:
            findings.error(f"{name} is missing")
            return False, None
    data = package.read(m.NAME)
    signed = public is not None and public.signed(data, package.read(m.SIGNATURE_NAME))
    if not signed:
        findings.error(
            f"the signature does not fit: {m.NAME} or {m.SIGNATURE_NAME} was changed, or another key signed it"
        )
    try:
        manifest = m.from_bytes(data)
    except (m.BadManifest, RecursionError) as error:
        findings.error(f"{m.NAME} cannot be read: {error}")
        return signed, None
    if public is not None and manifest.key_fingerprint != public.fingerprint:
        findings.error(
            f"the manifest names another key ({manifest.key_fingerprint}) than the one it was checked with"
        )
    return signed, manifest


def _members(
    package: _Package, manifest: m.Manifest, public: PublicKey | None, findings: Findings
) -> None:
    """That all files are there, no other ones, and in the package's own order."""
    expected = [x.name for x in manifest.members] + [m.NAME, m.SIGNATURE_NAME]
    if package.zip_file is not None:
        names = [x.name for x in package.members]
        if names != expected and sorted(names) == sorted(expected):
            findings.error("the files stand in another order in the package than they were written")
    if not package.whole:
        return
    for name in sorted(set(expected) - set(package.places)):
        findings.error("the file is missing", file=name)
    if package.zip_file is not None:
        for name in sorted(set(package.places) - set(expected)):
            findings.error("the file was added: the manifest does not know it", file=name)
        if len(package.members) != len(package.places):
            findings.error("a file stands in the package twice")


def _contents(package: _Package, manifest: m.Manifest, findings: Findings) -> int:
    """Reads every file once: its hash, its fragments' hashes, its tables."""
    films: Mapping[str, tuple[m.CameraEntry, m.FileEntry]] = {
        f.name: (c, f) for c in manifest.cameras for f in c.files
    }
    fragments = 0
    crcs: dict[str, int] = {}
    known = {x.name: x for x in manifest.members}
    for name in package.places:
        if name not in known and name not in (m.NAME, m.SIGNATURE_NAME):
            if package.zip_file is not None:
                crcs[name] = _crc(package, name)
            continue
        film = films.get(name)
        check = Mp4Check(*film, findings) if film else None
        sha, crc, size = hashlib.sha256(), 0, 0
        for block in package.blocks(name):
            sha.update(block)
            crc = zlib.crc32(block, crc) if package.zip_file is not None else 0
            size += len(block)
            if check is not None:
                check.feed(block)
        crcs[name] = crc
        before = len(findings.errors)
        if check is not None:
            check.finish()
            fragments += check.checked
        entry = known.get(name)
        if entry is None:
            continue
        if size != entry.size:
            findings.error(f"it has {size} bytes, the manifest says {entry.size}", file=name)
        elif (
            sha.hexdigest() != entry.sha256
            and len(findings.errors) == before
            and not (check is not None and check.wrong)
        ):
            what = (
                "the file was changed outside the footage: its tables or the recordings' heads"
                if check is not None
                else "the file was changed: its SHA-256 is not what the manifest says"
            )
            findings.error(what, file=name)
    for name, (camera, _) in films.items():
        if name not in known:
            findings.error("the manifest gives no hash of it", camera=camera.code, file=name)
    if package.zip_file is not None:
        with package.zip_file.open("rb") as file:
            _structure(file, package, manifest.made_at, crcs, findings)
    return fragments


def _crc(package: _Package, name: str) -> int:
    crc = 0
    for block in package.blocks(name):
        crc = zlib.crc32(block, crc)
    return crc


def _structure(
    file: BinaryIO,
    package: _Package,
    made_at: datetime,
    crcs: Mapping[str, int],
    findings: Findings,
) -> None:
    true = [crcs.get(x.name, x.crc) for x in package.members]
    for what in check_structure(file, package.members, made_at, true):
        findings.error(what)
