"""Imports named places from CSV: ``name,name_en,kind,lon,lat,datum`` in UTF-8, with or without a BOM.

A column ``ref`` may give each place's own key; without it the key is made of kind and name, numbered where they
repeat. ``datum`` is wgs84, gcj02 or bd09; empty means wgs84.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from gis import datum, import_store
from gis.db import Database
from gis.errors import InvalidInput
from gis.import_store import PlaceRow
from gis.imports import ImportSummary, Refusals, check_source, digest

COLUMNS = ("name", "name_en", "kind", "lon", "lat", "datum")
_NEEDED = ("name", "kind", "lon", "lat")


def import_places(database: Database, path: Path, source: str) -> ImportSummary:
    """Replaces the named places of ``source`` by those of a file; bad rows are refused with their line.

    Raises :class:`InvalidInput` when the file cannot be read, lacks a column, or has no good row.
    """
    check_source(source)
    stamp = digest(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [c for c in _NEEDED if c not in (reader.fieldnames or ())]
            if lacking:
                raise InvalidInput(
                    f"{path} lacks the column {lacking[0]!r}: the first line must name {', '.join(COLUMNS)}",
                    "path",
                )
            # Where a quoted field runs over several lines, line_num is the row's last one.
            places, refused = read((reader.line_num, row) for row in reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path} is not CSV in UTF-8: {error}", "path") from error
    if not places:
        first = f", first {refused.found[0]}" if refused.found else ""
        raise InvalidInput(f"{path} holds no place that could be taken{first}", "path")
    return import_store.replace_places(database, source, places, stamp, refused.found)


def read(rows: Iterable[tuple[int, Mapping[str, str | None]]]) -> tuple[list[PlaceRow], Refusals]:
    """Rows with their line numbers → places and refusals."""
    refused = Refusals()
    places: list[PlaceRow] = []
    seen: set[str] = set()
    times: Counter[str] = Counter()
    for line, row in rows:
        where = f"line {line}"
        cells = {key: (row.get(key) or "").strip() for key in (*COLUMNS, "ref")}
        if not any(cells.values()):
            continue
        empty = next((c for c in _NEEDED if not cells[c]), None)
        if empty is not None:
            refused.add(where, f"{empty} is empty")
            continue
        try:
            at = datum.place(_datum(cells["datum"]), _number(cells, "lon"), _number(cells, "lat"))
        except InvalidInput as error:
            refused.add(where, str(error))
            continue
        ref = cells["ref"]
        if not ref:
            base = f"{cells['kind']}:{cells['name']}"
            times[base] += 1
            ref = base if times[base] == 1 else f"{base}#{times[base]}"
        if ref in seen:
            refused.add(where, f"ref {ref!r} stands twice")
            continue
        seen.add(ref)
        places.append(
            PlaceRow(
                ref=ref,
                kind=cells["kind"],
                name=cells["name"],
                name_en=cells["name_en"] or None,
                props={},
                lon=round(at.lon, 7),
                lat=round(at.lat, 7),
            )
        )
    return places, refused


def _datum(text: str) -> datum.Datum:
    known: dict[str, datum.Datum] = {
        "": "wgs84", "wgs84": "wgs84", "wgs-84": "wgs84", "cgcs2000": "wgs84",
        "gcj02": "gcj02", "gcj-02": "gcj02", "bd09": "bd09", "bd-09": "bd09",
    }  # fmt: skip
    found = known.get(text.lower())
    if found is None:
        raise InvalidInput(f"datum {text!r} is not known: give wgs84, gcj02 or bd09", "datum")
    return found


def _number(cells: Mapping[str, str], key: str) -> float:
    try:
        return float(cells[key])
    except ValueError:
        raise InvalidInput(f"{key} {cells[key]!r} is not a number", key) from None
