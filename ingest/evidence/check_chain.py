"""Checks a camera's chain by its manifest alone: the links, their order, and that every second is accounted for."""

from __future__ import annotations

from datetime import datetime, timedelta

from ingest.evidence import manifest as m
from ingest.evidence.findings import Findings
from ingest.fmp4 import from_media_90k
from ingest.record import chain

UNTOLD_S = 2.0  # a shorter hole between two fragments needs no reason


def check_camera(camera: m.CameraEntry, manifest: m.Manifest, findings: Findings) -> None:
    """Adds what is wrong with the chain of ``camera`` and what of its footage was changed before the export."""
    link: bytes | None = None
    before: m.SegmentEntry | None = None
    for file in camera.files:
        for segment in file.segments:
            start = bytes.fromhex(segment.link_before)
            goes_on = start == link
            if goes_on != segment.continues:
                findings.error(
                    f"the chain does not go on in {segment.path} as the manifest says",
                    camera.code, file.name, segment.start_at,
                )  # fmt: skip
            if not goes_on and before is not None and segment.hashes == m.RECORDED:
                findings.note(
                    f"between {before.path} and {segment.path} something was recorded that is not in the package",
                    camera.code, file.name, segment.start_at,
                )  # fmt: skip
            link = _links(camera, file, segment, start, findings)
            before = segment
    _accounted(camera, manifest, findings)


def _links(
    camera: m.CameraEntry,
    file: m.FileEntry,
    segment: m.SegmentEntry,
    link: bytes,
    findings: Findings,
) -> bytes:
    if not 0 <= segment.first <= segment.of - len(segment.chained):
        findings.error(
            f"{segment.path} has {segment.of} fragments, the package more", camera.code, file.name
        )
    for number, fragment in enumerate(segment.chained, segment.first + 1):
        at = from_media_90k(fragment.decode_90k)
        sha, told = bytes.fromhex(fragment.chained_sha256), bytes.fromhex(fragment.link)
        link = chain.link(link, sha, fragment.decode_90k, fragment.duration_90k)
        if link != told:
            findings.error(
                f"fragment {number} of {segment.path} does not follow the one before it in the chain: a fragment was "
                "left out, changed or moved", camera.code, file.name, at,
            )  # fmt: skip
            link = told
        if fragment.recorded_sha256 is not None:
            findings.error(
                f"fragment {number} of {segment.path} had been changed or damaged before the export: it is not what "
                "was recorded", camera.code, file.name, at,
            )  # fmt: skip
    return link


def _accounted(camera: m.CameraEntry, manifest: m.Manifest, findings: Findings) -> None:
    """Notes stretches of the span asked for that are neither in the package nor explained."""
    spans: list[tuple[datetime, datetime]] = [
        (from_media_90k(x.decode_90k), from_media_90k(x.decode_90k + x.duration_90k))
        for f in camera.files
        for s in f.segments
        for x in s.chained
    ]
    spans += [(g.start_at, g.end_at) for g in (*camera.gaps, *camera.unavailable)]
    covered = manifest.from_at
    for start, end in [*sorted(spans), (manifest.to_at, manifest.to_at)]:
        if start - covered > timedelta(seconds=UNTOLD_S) and covered < manifest.to_at:
            findings.note(
                f"no footage until {min(start, manifest.to_at).isoformat()}, and no reason is given",
                camera.code, None, covered,
            )  # fmt: skip
        covered = max(covered, end)
