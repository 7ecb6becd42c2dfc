"""Camera passwords and addresses."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from gis.errors import InvalidInput
from ingest.address import parse_address
from ingest.secret import decrypt, encrypt


def test_password_survives_with_its_key_only() -> None:
    key = Fernet.generate_key()
    token = encrypt(key, "渔火 p@ss:/")
    assert b"p@ss" not in token
    assert decrypt(key, token) == "渔火 p@ss:/"
    for other, text in ((Fernet.generate_key(), token), (key, token[:-2] + b"xx")):
        with pytest.raises(InvalidInput, match="another key"):
            decrypt(other, text)


def test_addresses() -> None:
    assert parse_address("rtsp://cam/x").port == 554
    assert parse_address("rtsps://cam/x").port == 322
    assert parse_address("rtsp://[fe80::1]:99").url == "rtsp://[fe80::1]:99/"
    for bad in (
        "http://cam/x",
        "rtsp://",
        "rtsp://u:p@cam/x",
        "rtsp://cam:99999/x",
        "rtsp://[x/y",
        "cam",
    ):
        with pytest.raises(InvalidInput):
            parse_address(bad)
