"""``wanglou export``, ``wanglou verify`` and ``wanglou evidence key``."""

from __future__ import annotations

import argparse
import getpass
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gis.clock import SystemClock
from gis.errors import InvalidInput, NotFound, SetupError
from ingest.evidence import store
from ingest.evidence.export import Maker, Packed, write_package
from ingest.evidence.job import mask_from_json, mask_to_json
from ingest.evidence.model import CameraFootage, Mask, Order
from ingest.evidence.pack import expected_bytes, footage_bytes
from ingest.evidence.signature import signing_key
from ingest.evidence.verify import Verdict, verify
from ingest.record.storage import Storage
from web import audit_store
from web.cli.connection import open_database
from web.cli.output import print_json
from web.cli.times import parse_time
from web.environment import Environment, read_environment
from web.version import VERSION

_SHOWN = 50


def add(verbs: Any) -> None:
    export = verbs.add_parser(
        "export", help="pack footage as signed evidence; needs the database, not the console"
    )
    export.add_argument("file", type=Path, help="the package to write, a ZIP file")
    export.add_argument(
        "--camera",
        action="append",
        required=True,
        metavar="CODE",
        help="may be given several times",
    )
    export.add_argument(
        "--from", dest="from_at", required=True, metavar="TIME", help="2026-03-01T08:00:00+08:00"
    )
    export.add_argument("--to", dest="to_at", required=True, metavar="TIME")
    export.add_argument(
        "--reason", required=True, help="stands in the manifest and in the audit log"
    )
    export.add_argument(
        "--mask", action="append", default=[], metavar="WHAT",
        help="'people', or 'CODE:x,y;x,y;x,y', a polygon in thousandths of that camera's picture; re-encodes",
    )  # fmt: skip
    export.add_argument("--mask-style", choices=("pixelate", "blur"), default="pixelate")
    export.add_argument(
        "--mask-keep-sound", action="store_true", help="masked exports have no sound without this"
    )
    export.add_argument("--json", action="store_true")
    export.set_defaults(run=_export)
    check = verbs.add_parser(
        "verify", help="check an evidence package; needs neither network nor database"
    )
    check.add_argument(
        "file",
        type=Path,
        help="the package, its unpacked folder, or an MP4 with the manifest beside it",
    )
    check.add_argument(
        "--key", metavar="KEY", help="the system's public key (PEM file) or its fingerprint"
    )
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_verify)
    parser = verbs.add_parser("evidence", help="the key that evidence is signed with")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    key = actions.add_parser("key", help="print the public key and its fingerprint")
    key.add_argument("--json", action="store_true")
    key.set_defaults(run=_key)


def parse_mask(what: Sequence[str], style: str, sound: bool, codes: Sequence[str]) -> Mask | None:
    """The mask from its options; None without any. Raises :class:`InvalidInput`."""
    if not what:
        return None
    regions: dict[str, list[list[list[str]]]] = {}
    for item in what:
        if item == "people":
            continue
        code, colon, points = item.partition(":")
        if not colon or code not in codes:
            raise InvalidInput(
                f"--mask {item!r} is neither 'people' nor 'CODE:x,y;x,y;x,y' of an exported camera",
                "mask",
            )
        regions.setdefault(code, []).append([p.split(",") for p in points.split(";")])
    return mask_from_json(
        {"style": style, "people": "people" in what, "sound": sound, "regions": regions}
    )


def _export(options: argparse.Namespace) -> int:
    from_at, to_at = parse_time(options.from_at, "from"), parse_time(options.to_at, "to")
    if not from_at < to_at:
        raise InvalidInput(f"--from {options.from_at} is not before --to {options.to_at}", "from")
    reason = options.reason.strip()
    if not reason:
        raise InvalidInput("--reason is empty: say why the footage is exported", "reason")
    codes = list(dict.fromkeys(options.camera))
    mask = parse_mask(options.mask, options.mask_style, options.mask_keep_sound, codes)
    if options.file.exists():
        raise InvalidInput(f"there is a file '{options.file}' already", "file")
    environment = read_environment()
    order = Order(from_at, to_at, f"{getpass.getuser()} (command line)", reason, mask)
    make_filter = None
    if mask is not None:
        from analytics.mask import (
            make_mask,
        )  # takes a second to import, which 'verify' need not wait for

        make_filter = make_mask(mask)
    with open_database(environment) as database:
        ids = store.camera_ids_by_code(database, codes)
        cameras = store.footage(database, ids, from_at, to_at, store.gaps(database, SystemClock()))
        storage = Storage(
            database, environment.recordings_folder, environment.camera_key(), SystemClock()
        )
        opener = store.opener(storage)
        started_s = time.monotonic()

        def write(report: Callable[[int], None], draft: Path) -> Packed:
            maker = Maker(
                f"Wanglou {VERSION}", socket.gethostname(), signing_key(environment.var), SystemClock().now()
            )  # fmt: skip
            with draft.open("wb") as out:
                packed = write_package(out, order, cameras, opener, maker, report, make_filter)
                out.flush()
                os.fsync(out.fileno())
            return packed

        packed = _packed(options.file, order, cameras, write, quiet=options.json)
        size = options.file.stat().st_size
        detail = {
            "camera_ids": ids,
            "from": from_at.isoformat(),
            "to": to_at.isoformat(),
            "reason": reason,
            "mask": mask_to_json(mask) if mask is not None else None,
            "manifest_sha256": packed.manifest_sha256,
        }
        with database.transaction() as cursor:
            audit_store.add(
                cursor, order.made_by, "export", f"export:{options.file.name}", detail, ""
            )
    _tell(options, environment, packed, size, time.monotonic() - started_s)
    return 0


def _packed(
    target: Path,
    order: Order,
    cameras: Sequence[CameraFootage],
    write: Callable[[Callable[[int], None], Path], Packed],
    quiet: bool,
) -> Packed:
    """Writes beside ``target`` and puts it there when it is whole."""
    total = footage_bytes(cameras, order.from_at, order.to_at)
    if not total:
        raise NotFound(
            f"nothing was recorded of {', '.join(c.code for c in cameras)} from {order.from_at.isoformat()} to "
            f"{order.to_at.isoformat()}"
        )
    need = expected_bytes(cameras, order.from_at, order.to_at)
    draft = target.with_name(target.name + ".part")
    bar = _Bar(total, quiet or not sys.stderr.isatty())
    try:
        packed = write(bar.report, draft)
        draft.replace(target)
    except OSError as error:
        raise SetupError(
            f"'{target}' cannot be written ({error.strerror or error}): about {need / 1e6:.0f} MB are needed there"
        ) from error
    finally:
        bar.end()
        draft.unlink(missing_ok=True)
    return packed


class _Bar:
    """A line on the terminal that fills up."""

    def __init__(self, total: int, quiet: bool) -> None:
        self._total = total
        self._quiet = quiet
        self._shown = -1

    def report(self, done: int) -> None:
        percent = min(100, done * 100 // self._total)
        if self._quiet or percent == self._shown:
            return
        self._shown = percent
        filled = "█" * (percent // 4)
        print(
            f"\r{filled:<25} {percent:3d} %  {done / 1e6:.0f} MB",
            end="",
            file=sys.stderr,
            flush=True,
        )

    def end(self) -> None:
        if self._shown >= 0:
            print(file=sys.stderr)


def _tell(
    options: argparse.Namespace, environment: Environment, packed: Packed, size: int, took_s: float
) -> None:
    fingerprint = signing_key(environment.var).public.fingerprint
    footage_s = packed.footage_90k / 90_000
    if options.json:
        facts = {
            "file": str(options.file),
            "bytes": size,
            "footage_s": round(footage_s, 3),
            "took_s": round(took_s, 3),
        }
        print_json(facts | asdict(packed) | {"fingerprint": fingerprint})
        return
    print(
        f"{options.file}: {packed.fragments} fragments, {footage_s / 60:.1f} min of footage, {size / 1e6:.1f} MB "
        f"in {took_s:.1f} s ({footage_s / max(took_s, 1e-3):.0f}× real time)\nsigned with the key {fingerprint}"
    )
    if packed.altered:
        print(
            f"WARNING: {packed.altered} fragments are NOT what was recorded: they were changed or damaged on the "
            "disk. The manifest says which.",
            file=sys.stderr,
        )
    if packed.unavailable:
        print(
            f"note: {packed.unavailable} stretches were recorded but could not be read; see the manifest",
            file=sys.stderr,
        )


def _verify(options: argparse.Namespace) -> int:
    verdict = verify(options.file, options.key)
    if options.json:
        print_json(_facts(verdict))
    else:
        _say(verdict)
    return 0 if verdict.genuine else 1


def _facts(verdict: Verdict) -> dict[str, Any]:
    manifest = verdict.manifest
    facts: dict[str, Any] = {
        "genuine": verdict.genuine,
        "signed": verdict.signed,
        "fingerprint": verdict.fingerprint,
        "key_given": verdict.key_given,
        "fragments": verdict.fragments,
        "findings": [asdict(f) | {"text": str(f)} for f in verdict.findings],
    }
    if manifest is not None:
        facts["package"] = {
            "made_at": manifest.made_at,
            "made_by": manifest.made_by,
            "reason": manifest.reason,
            "from_at": manifest.from_at,
            "to_at": manifest.to_at,
            "masked": manifest.masking is not None,
            "cameras": [c.code for c in manifest.cameras],
            "statements": [asdict(s) for s in manifest.statements],
        }
    return facts


def _say(verdict: Verdict) -> None:
    manifest = verdict.manifest
    if manifest is not None:
        print(
            f"cameras {', '.join(c.code for c in manifest.cameras)}, {manifest.from_at.isoformat()} to "
            f"{manifest.to_at.isoformat()}\nexported by {manifest.made_by} at {manifest.made_at.isoformat()}: "
            f"{manifest.reason}"
        )
        for statement in manifest.statements:
            print(f"  {statement.zh}\n  {statement.en}")
    for finding in verdict.findings[:_SHOWN]:
        print(f"{'WRONG' if finding.grave else 'note '}  {finding}")
    if len(verdict.findings) > _SHOWN:
        print(f"… and {len(verdict.findings) - _SHOWN} more; --json gives all")
    if not verdict.genuine:
        print(
            "NOT GENUINE 不可信: something was changed, left out or moved, or another key signed it"
        )
        return
    print(f"GENUINE 真实完整: {verdict.fragments} fragments, every bit as it was packed and signed")
    print(f"signed with the key {verdict.fingerprint}")
    if not verdict.key_given:
        print(
            "Compare this fingerprint with the one that the system's owner gives you, or use --key."
        )


def _key(options: argparse.Namespace) -> int:
    public = signing_key(read_environment().var).public
    if options.json:
        print_json({"fingerprint": public.fingerprint, "pem": public.pem.decode()})
    else:
        print(f"{public.pem.decode()}fingerprint (SHA-256): {public.fingerprint}")
    return 0
