"""``wanglou camera discover|onvif|ptz``, and the addresses of ``wanglou camera add --onvif``."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from gis.clock import SystemClock
from gis.errors import InvalidInput, WrongState
from ingest.onvif.discovery import discover
from ingest.onvif.model import Description, Preset, Vector
from web import audit_store, cli_store
from web.cli.connection import open_database
from web.cli.output import print_json, table
from web.environment import read_environment
from web.ptz import store

if TYPE_CHECKING:
    from ingest.onvif.turn import Turning

_DIRECTIONS = {
    "left": Vector(pan=-1.0),
    "right": Vector(pan=1.0),
    "up": Vector(tilt=1.0),
    "down": Vector(tilt=-1.0),
    "in": Vector(zoom=1.0),
    "out": Vector(zoom=-1.0),
}
ACTIONS = (*_DIRECTIONS, "stop", "presets", "preset")


def add(actions: Any) -> None:
    """The verbs under ``wanglou camera``."""
    finding = actions.add_parser(
        "discover", help="the ONVIF devices that answer on this machine's networks"
    )
    finding.add_argument("--timeout", type=float, default=3.0, metavar="S")
    finding.add_argument("--json", action="store_true")
    finding.set_defaults(run=_discover)
    describing = actions.add_parser(
        "onvif", help="what an ONVIF device is, its media profiles and their addresses"
    )
    describing.add_argument(
        "device", metavar="URL", help="http://host/onvif/device_service, or the host"
    )
    describing.add_argument("--user", help="user name for ONVIF on the device")
    describing.add_argument("--json", action="store_true")
    describing.set_defaults(run=_describe)
    turning = actions.add_parser(
        "ptz", help="turn a camera; refused while somebody turns it in the console"
    )
    turning.add_argument("code")
    turning.add_argument("do", choices=ACTIONS)
    turning.add_argument("preset", nargs="?", help="a preset's name, or its number in the list")
    turning.add_argument("--seconds", type=float, default=1.0, help="how long to move (default: 1)")
    turning.add_argument("--speed", type=float, default=0.5, help="0 to 1 (default: 0.5)")
    turning.add_argument("--json", action="store_true")
    turning.set_defaults(run=_ptz)


def addresses(url: str, user: str | None, password: str | None) -> dict[str, Any]:
    """A new camera's columns as its device tells them. Raises :class:`DeviceFailed` and :class:`InvalidInput`."""
    found = _ask(url, user, password)
    main, sub = found.profile(found.main), found.profile(found.sub)
    if main is None:
        raise InvalidInput(
            f"'{url}' offers no stream in H.264, H.265 or Motion JPEG; see wanglou camera onvif",
            "onvif",
        )
    return {
        "url": main.stream_url,
        "sub_url": sub.stream_url if sub else None,
        "onvif_url": found.url,
        "onvif_profile": found.ptz_profile or found.main,
        "ptz": found.ptz_profile is not None,
    }


def _ask(url: str, user: str | None, password: str | None) -> Description:
    from ingest.onvif.device import describe  # heavy: see ingest.onvif

    return asyncio.run(describe(url, user, password))


def _discover(options: argparse.Namespace) -> int:
    if not 0.5 <= options.timeout <= 60:
        raise InvalidInput(f"--timeout {options.timeout:g} is not within 0.5 to 60 s", "timeout")
    found = asyncio.run(discover(options.timeout))
    if options.json:
        print_json(
            [
                {
                    "url": device.url,
                    "address": device.address,
                    "name": device.name,
                    "hardware": device.hardware,
                    "locations": device.locations,
                    "said": device.said,
                }
                for device in found
            ]
        )
    elif found:
        rows = [
            (device.address, device.name, device.hardware, " ".join(device.locations), device.url)
            for device in found
        ]
        print(table(rows, ("address", "name", "hardware", "location", "url")))
    else:
        print(
            "no device answered: they must be on a network of this machine, with ONVIF and discovery switched on"
        )
    return 0


def _describe(options: argparse.Namespace) -> int:
    from web.cli.cameras import ask_camera_password

    found = _ask(options.device, options.user, ask_camera_password(options.user))
    info = found.info
    facts = {
        "url": found.url,
        "maker": info.maker,
        "model": info.model,
        "firmware": info.firmware,
        "serial": info.serial,
        "clock_ahead_s": found.clock_ahead_s,
        "main": found.main,
        "sub": found.sub,
        "ptz_profile": found.ptz_profile,
    }
    if options.json:
        profiles = [
            {name: getattr(profile, name) for name in profile.__dataclass_fields__}
            for profile in found.profiles
        ]
        print_json(facts | {"notes": found.notes, "profiles": profiles})
        return 0
    print("\n".join(f"{key}: {value}" for key, value in facts.items() if value is not None))
    print("\n".join(f"note: {note}" for note in found.notes))
    rows = [
        (
            profile.token,
            profile.name,
            profile.codec,
            f"{profile.width_px}x{profile.height_px}" if profile.width_px else "",
            profile.fps,
            profile.bitrate_bps,
            "yes" if profile.ptz else "no",
            profile.stream_url,
        )
        for profile in found.profiles
    ]
    print(table(rows, ("profile", "name", "codec", "size", "fps", "bit/s", "ptz", "stream")))
    return 0


def _ptz(options: argparse.Namespace) -> int:
    if not 0 < options.speed <= 1 or not 0.2 <= options.seconds <= 10:
        raise InvalidInput("--speed is above 0 up to 1, --seconds 0.2 to 10", "speed")
    if options.do == "preset" and options.preset is None:
        raise InvalidInput("say which preset: its name, or its number in the list", "preset")
    environment = read_environment()
    with open_database(environment) as database:
        key, now = environment.camera_key(), SystemClock().now()
        row = cli_store.camera_by_code(database, options.code)
        camera = store.camera(database, row.id, key)
        if not camera.ptz or camera.onvif_url is None:
            raise WrongState(
                f"camera {camera.code} has no ONVIF address, or is not set to be turned"
            )
        shown = store.shown(database, camera.id, now)
        if shown.hold is not None:
            raise WrongState(
                f"{shown.holder} turns camera {camera.code} until {shown.hold.until:%H:%M:%S} UTC"
            )
        if options.do != "presets":
            with database.transaction() as cursor:
                store.note_moved(cursor, camera.id, now)
                detail = {"do": options.do, "preset": options.preset}
                audit_store.add(
                    cursor, "command line", "ptz_move", f"camera:{camera.id}", detail, ""
                )
    presets = asyncio.run(_turn(camera, options))
    if options.json:
        print_json([{"token": preset.token, "name": preset.name} for preset in presets])
    elif options.do == "presets":
        rows = [(n, preset.token, preset.name) for n, preset in enumerate(presets, start=1)]
        print(table(rows, ("number", "token", "name")))
    else:
        print(f"camera {camera.code}: {options.do} done")
    return 0


async def _turn(camera: store.Turnable, options: argparse.Namespace) -> list[Preset]:
    from ingest.onvif.device import open_device
    from ingest.onvif.turn import Turning

    assert camera.onvif_url is not None
    async with open_device(camera.onvif_url, camera.username, camera.password) as device:
        turning = await Turning.of(device, camera.onvif_profile)
        if options.do in ("presets", "preset"):
            presets = await turning.presets()
            if options.do == "preset":
                await turning.goto(_chosen(presets, options.preset, camera.code))
            return presets
        await _move(turning, options)
        return []


async def _move(turning: Turning, options: argparse.Namespace) -> None:
    if options.do == "stop":
        await turning.stop()
        return
    of = _DIRECTIONS[options.do]
    scaled = [None if axis is None else axis * options.speed for axis in (of.pan, of.tilt, of.zoom)]
    try:
        await turning.move(Vector(*scaled), options.seconds)
        await asyncio.sleep(options.seconds)
    finally:
        await turning.stop()


def _chosen(presets: list[Preset], said: str, code: str) -> str:
    for preset in presets:
        if said in (preset.name, preset.token):
            return preset.token
    if said.isdecimal() and 1 <= int(said) <= len(presets):
        return presets[int(said) - 1].token
    raise InvalidInput(
        f"camera {code} has no preset {said!r}; see wanglou camera ptz {code} presets", "preset"
    )
