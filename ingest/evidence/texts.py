"""What a package says to people: the leaflet, its statements, and subtitles with the wall time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ingest.evidence import manifest as m
from ingest.evidence.model import Mask, Order
from ingest.evidence.mp4 import Piece
from ingest.fmp4 import TIMESCALE, from_media_90k


def subtitles(pieces: Sequence[Piece], skip_90k: int) -> str:
    """WebVTT with the UTC time of each second shown; ``skip_90k`` is the media time of the first picture."""
    lines = ["WEBVTT", ""]
    for piece in pieces:
        end = piece.media_90k + piece.duration_90k
        at = piece.media_90k
        while at < end:
            wall_90k = piece.decode_90k + at - piece.media_90k
            until = min(end, at + TIMESCALE - wall_90k % TIMESCALE)
            if until > skip_90k:
                shown = f"{_vtt(max(0, at - skip_90k))} --> {_vtt(until - skip_90k)}"
                lines += [shown, f"{from_media_90k(wall_90k):%Y-%m-%d %H:%M:%S} UTC", ""]
            at = until
    return "\n".join(lines)


def _vtt(ticks: int) -> str:
    ms = ticks // 90
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def mask_note(mask: Mask) -> m.StatementEntry:
    """What was done to the pictures."""
    zh = [*(["移动的人"] if mask.people else []), *(["指定区域"] if mask.regions else [])]
    en = [
        *(["moving people"] if mask.people else []),
        *(["marked regions"] if mask.regions else []),
    ]
    how_zh, how_en = ("马赛克", "pixelated") if mask.style == "pixelate" else ("模糊", "blurred")
    sound_zh, sound_en = (
        ("保留声音", "the sound is kept") if mask.sound else ("不含声音", "the sound is left out")
    )
    return m.StatementEntry(
        f"画面经过处理并重新编码：{'、'.join(zh)}已{how_zh}处理；{sound_zh}。原始录像的哈希列在清单的 sources 中。",
        f"The pictures were changed and encoded anew: {' and '.join(en)} {how_en}; {sound_en}. "
        "The originals' hashes stand in the manifest under sources.",
    )


def statements(cameras: Sequence[m.CameraEntry], order: Order) -> tuple[m.StatementEntry, ...]:
    """What whoever reads the package must know, in the order of weight."""
    out: list[m.StatementEntry] = []
    for camera in cameras:
        segments = [s for f in camera.files for s in f.segments]
        altered = [x for s in segments for x in s.chained if x.recorded_sha256 is not None]
        if altered:
            first = from_media_90k(altered[0].decode_90k).isoformat()
            out.append(
                m.StatementEntry(
                    f"警告：摄像头 {camera.code} 有 {len(altered)} 个片段与录制时的哈希不符（首个：{first}），导出前已被改动或损坏。",
                    f"WARNING: {len(altered)} fragments of camera {camera.code} are not what was recorded (the first at "
                    f"{first}): they were changed or damaged before this export.",
                )
            )
        late = sum(len(s.chained) for s in segments if s.hashes == m.AT_EXPORT)
        if late:
            out.append(
                m.StatementEntry(
                    f"摄像头 {camera.code} 的 {late} 个片段录制时未计算哈希（0.1.0 版录制），哈希在导出时生成，只能证明导出之后的情况。",
                    f"{late} fragments of camera {camera.code} were not hashed while recording (version 0.1.0): their hashes "
                    "were made at the export and prove nothing about the time before.",
                )
            )
        if camera.unavailable:
            out.append(
                m.StatementEntry(
                    f"摄像头 {camera.code} 有 {len(camera.unavailable)} 段录像在导出时无法读取，见 unavailable。",
                    f"{len(camera.unavailable)} stretches of camera {camera.code} were recorded but could not be read at the "
                    "export: see unavailable.",
                )
            )
        if not camera.files:
            out.append(
                m.StatementEntry(
                    f"摄像头 {camera.code} 在此时段没有可导出的录像。",
                    f"Camera {camera.code} has no footage of this time in the package.",
                )
            )
    if order.mask is not None:
        out.append(mask_note(order.mask))
    return tuple(out)


def readme(manifest: m.Manifest) -> str:
    """The leaflet, Chinese and then English."""
    files = [(c, f) for c in manifest.cameras for f in c.files]
    span = f"{_utc(manifest.from_at)} – {_utc(manifest.to_at)}"
    pieces: list[str] = []
    for camera, file in files:
        pieces.append(
            f"{file.name}  {camera.name}{f' / {camera.name_en}' if camera.name_en else ''}"
        )
        for p in file.pieces:
            begin = _vtt(p.media_90k)
            end = p.start_at + timedelta(seconds=p.duration_90k / TIMESCALE)
            pieces.append(f"    {begin} = {_utc(p.start_at)} … {_utc(end)}")
    listing = "\n".join(pieces)
    gaps = [
        f"    {c.code}  {_utc(g.start_at)} – {_utc(g.end_at)}  {g.reason}  {g.detail}".rstrip()
        for c in manifest.cameras
        for g in (*c.gaps, *c.unavailable)
    ]
    said_zh = "".join(f"\n* {s.zh}" for s in manifest.statements)
    said_en = "".join(f"\n* {s.en}" for s in manifest.statements)
    gap_text = "\n".join(gaps) or "    –"
    return f"""望楼 录像证据包 / Wanglou evidence package

一、内容
时段：{span}
导出人：{manifest.made_by}    导出时间：{_utc(manifest.made_at)}
事由：{manifest.reason}
签名公钥指纹（SHA-256）：{manifest.key_fingerprint}
{said_zh}

MP4 文件可用普通播放器打开；同名 .vtt 字幕显示每一秒的世界时。录像中断处，画面接着播放下一段：
{listing}

没有录像的时段及原因：
{gap_text}

二、如何核验
wanglou verify 包文件（不需要网络和数据库），或按 docs/evidence.md 用 openssl 和 sha256sum 手工核验。
请向系统的运营单位索取公钥指纹，与上面的指纹核对。任何一位被改动、删减或调换次序，核验都会指出。

English

1. Contents
Time: {span}
Exported by {manifest.made_by} at {_utc(manifest.made_at)}
Reason: {manifest.reason}
Fingerprint of the signing key (SHA-256): {manifest.key_fingerprint}
{said_en}

Ordinary players open the MP4 files; the .vtt subtitles of the same name show the time (UTC) of every second. Where footage
is missing, the picture goes on with the next piece: see the list above. Gaps and their reasons: see above as well.

2. How to check it
wanglou verify PACKAGE (needs neither network nor database), or by hand with openssl and sha256sum as docs/evidence.md says:
    openssl pkeyutl -verify -pubin -inkey {m.KEY_NAME} -rawin -in {m.NAME} -sigfile {m.SIGNATURE_NAME}
Ask whoever runs the system for the fingerprint of its key and compare it with the one above. Any bit changed, anything left
out or moved is found.
"""


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
