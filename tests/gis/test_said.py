"""Sentences that know their code, and how they are kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from gis.errors import InvalidInput
from gis.said import Said, ahead, read, say, why_of

LOST = say("no_stream", "{step}: no stream at '{path}'", step="describe", path="/{x}")
WHY = {"code": "no_stream", "params": {"step": "describe", "path": "/{x}"}}


def test_it_is_its_text_and_knows_its_code() -> None:
    assert LOST == "describe: no stream at '/{x}'"
    assert why_of(LOST) == WHY and why_of("describe: no stream") is None


def test_it_comes_back_as_it_was_stored() -> None:
    text, why = json.loads(json.dumps([LOST, why_of(LOST)]))
    assert why_of(read(text, why)) == WHY and read(text, why) == LOST
    assert why_of(read("of an earlier version", None)) is None


def test_words_put_ahead_keep_the_code() -> None:
    sub = ahead("sub", LOST, stream="sub")
    assert sub == f"sub: {LOST}"
    assert isinstance(sub, Said) and sub.code == "no_stream" and sub.params["stream"] == "sub"
    assert why_of(ahead("sub", "plain")) is None


def test_it_goes_through_records_and_errors() -> None:
    @dataclass
    class Row:
        reason: str

    assert why_of(asdict(Row(LOST))["reason"]) == WHY
    assert why_of(InvalidInput(LOST, "url").said) == WHY
    assert InvalidInput("plain").said == "plain"
