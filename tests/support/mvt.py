"""A small reader of Mapbox Vector Tiles, so that tests see what a browser would."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its id, properties, geometry type (1 point, 2 line, 3 polygon) and number of commands."""

    id: int | None
    props: dict[str, Any]
    type: int
    geometry: list[int]


def read(data: bytes) -> dict[str, list[Feature]]:
    """Features by layer name."""
    layers: dict[str, list[Feature]] = {}
    for number, value in _fields(data):
        assert number == 3
        name, features = _layer(value)
        layers[name] = features
    return layers


def _layer(data: bytes) -> tuple[str, list[Feature]]:
    name, keys, values, raw = "", [], [], []
    for number, value in _fields(data):
        if number == 1:
            name = value.decode()
        elif number == 2:
            raw.append(value)
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            values.append(_value(value))
    return name, [_feature(r, keys, values) for r in raw]


def _feature(data: bytes, keys: list[str], values: list[Any]) -> Feature:
    id_: int | None = None
    kind, props, geometry = 0, {}, []
    for number, value in _fields(data):
        if number == 1:
            id_ = value
        elif number == 2:
            tags = _varints(value)
            props = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
        elif number == 3:
            kind = value
        elif number == 4:
            geometry = _varints(value)
    return Feature(id_, props, kind, geometry)


def _value(data: bytes) -> Any:
    ((number, value),) = _fields(data)
    if number == 1:
        return value.decode()
    if number == 2:
        return struct.unpack("<f", value)[0]
    if number == 3:
        return struct.unpack("<d", value)[0]
    if number == 6:
        return (value >> 1) ^ -(value & 1)
    return value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return result, at


def _varints(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _fields(data: bytes) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = []
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        wire = tag & 7
        value: Any
        if wire == 0:
            value, at = _varint(data, at)
        else:
            if wire == 2:
                length, at = _varint(data, at)
            else:
                length = {1: 8, 5: 4}[wire]
            value = data[at : at + length]
            at += length
        found.append((tag >> 3, value))
    return found
