"""Sentences for people that know their code: the server words them in English, the screens in the reader's language. Pure.

A sentence goes where text goes; what stores or sends it keeps :func:`why_of` beside it. The screens word every code in
``web/ui/src/said/messages`` and fall back to the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self


class Said(str):
    """A sentence, with its ``code`` and what it names. Equal to its text."""

    __slots__ = ("code", "params")
    code: str
    params: Mapping[str, str]

    def __new__(cls, text: str, code: str, params: Mapping[str, str]) -> Self:
        self = super().__new__(cls, text)
        self.code = code
        self.params = dict(params)
        return self

    def __getnewargs__(self) -> tuple[str, str, Mapping[str, str]]:  # type: ignore[override]
        return str(self), self.code, self.params


def say(code: str, english: str, /, **named: object) -> Said:
    """The sentence ``english`` with what it names filled in: ``say("no_stream", "no stream at '{path}'", path="/1")``."""
    params = {name: str(value) for name, value in named.items()}
    return Said(english.format(**params), code, params)


def ahead(words: str, sentence: str, /, **named: object) -> str:
    """``words: sentence``; the sentence keeps its code, and names more."""
    text = f"{words}: {sentence}"
    if not isinstance(sentence, Said):
        return text
    more = {name: str(value) for name, value in named.items()}
    return Said(text, sentence.code, {**sentence.params, **more})


def said_by(error: Exception) -> str:
    """What an error says, with its code where it was raised with one."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, Said) else str(error)


def why_of(sentence: str) -> dict[str, Any] | None:
    """``{"code", "params"}`` as stored and sent; None for plain text."""
    if not isinstance(sentence, Said):
        return None
    return {"code": sentence.code, "params": dict(sentence.params)}


def read(text: str, why: Mapping[str, Any] | None) -> str:
    """A stored sentence; plain text where no code stands beside it, as in rows of earlier versions."""
    if why is None:
        return text
    return Said(text, str(why["code"]), {k: str(v) for k, v in why["params"].items()})
