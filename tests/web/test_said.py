"""Every sentence with a code is worded on the screens in both languages, and says no more than the server sends."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
WORDS = ROOT / "web/ui/src/said/messages"
PACKAGES = ("gis", "ingest", "analytics", "command", "web")
_LINE = re.compile(r"^  (?:'([^']+)'|(\w+)):\s+'(.*)',$", re.MULTILINE)
_PLACE = re.compile(r"\{(\w+)\}")
OF_THE_SCREENS = {"in_stream", "stream.main", "stream.sub"}


class Sentence(NamedTuple):
    """A call of ``say``."""

    where: str
    code: str
    english: str
    names: frozenset[str]


def sentences() -> Iterator[Sentence]:
    """Every sentence in the source that has a code."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text())
            constants = {
                target.id: node.value.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(tree):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                    continue
                if node.func.id != "say":
                    continue
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                code, english = (
                    constants.get(a.id, a) if isinstance(a, ast.Name) else getattr(a, "value", a)
                    for a in node.args
                )
                assert isinstance(code, str) and isinstance(english, str), f"{where}: no constants"
                yield Sentence(where, code, english, frozenset(str(k.arg) for k in node.keywords))


def words(language: str) -> dict[str, str]:
    """What the screens say, by code."""
    text = (WORDS / f"{language}.ts").read_text()
    return {quoted or plain: said for quoted, plain, said in _LINE.findall(text)}


def test_every_code_is_worded_with_what_its_sentence_names() -> None:
    found = list(sentences())
    assert len(found) > 40
    for language in ("zh-CN", "en"):
        said = {c: w for c, w in words(language).items() if not c.startswith(("value.", "input."))}
        assert set(said) - OF_THE_SCREENS == {s.code for s in found}, language
        for sentence in found:
            places = set(_PLACE.findall(said[sentence.code]))
            more = {"folder"} if sentence.where.startswith("ingest/record/writer") else set()
            assert places <= sentence.names | more, (language, sentence)


def test_a_code_stands_for_one_sentence() -> None:
    english: dict[str, str] = {}
    for sentence in sentences():
        assert english.setdefault(sentence.code, sentence.english) == sentence.english, sentence
        assert set(_PLACE.findall(sentence.english)) == sentence.names, sentence
