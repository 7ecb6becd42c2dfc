"""Figures stay until their own part is measured again, and the document is what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import accuracy, accuracy_text, analytics
from bench.accuracy import Taken
from bench.accuracy_text import Section, document
from bench.bars import bars
from bench.report import Figure

PIXELS = Section("pixels", "Moving pixels", "How many.", "clip", "the other")
SEARCH = Section("search", "Search", "How fast.", "search")


def _figure(
    case: str, metric: str, value: float, unit: str = "", baseline: float | None = None
) -> Figure:
    ratio = value / baseline if baseline else None
    return Figure("analytics", case, metric, value, unit, baseline, ratio)  # fmt: skip


OLD = Taken("2026-01-02", 2, 0.5, (_figure("pixels: motorway", "F1", 0.75, "", 0.5),))
SLOW = Taken("2026-03-04", 8, 3.0, (_figure("search: all", "p95", 20.0, "ms"),))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "accuracy.json"
    assert accuracy.read(path) == {}
    accuracy.write({"pixels": OLD, "search": SLOW}, path)
    assert accuracy.read(path) == {"pixels": OLD, "search": SLOW}


def test_a_part_measured_again_replaces_its_own_figures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = [_figure("pixels: motorway", "F1", 0.8)]
    parts = tuple(analytics.Part(section, lambda: new) for section in (PIXELS, SEARCH))
    monkeypatch.setattr(analytics, "PARTS", parts)
    monkeypatch.setattr(accuracy.read, "__defaults__", (tmp_path / "a.json",))
    monkeypatch.setattr(accuracy.write, "__defaults__", (tmp_path / "a.json",))
    monkeypatch.setattr(accuracy_text, "DOCUMENT", tmp_path / "a.md")
    accuracy.write({"pixels": OLD, "search": SLOW})
    assert analytics.measure_parts(["pixels"]) == new
    there = accuracy.read()
    assert there["pixels"].figures == tuple(new)
    assert there["search"] == SLOW
    assert "Taken on 8 cores, load 3, 2026-03-04." in (tmp_path / "a.md").read_text()


def test_a_part_that_found_nothing_to_measure_leaves_what_was_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analytics, "PARTS", (analytics.Part(PIXELS, list),))
    monkeypatch.setattr(accuracy.read, "__defaults__", (tmp_path / "a.json",))
    accuracy.write({"pixels": OLD}, tmp_path / "a.json")
    assert analytics.measure_parts(["pixels"]) == []
    assert accuracy.read()["pixels"] == OLD


def test_each_section_says_when_and_on_what_it_was_taken_and_an_empty_one_is_left_out() -> None:
    text = document([PIXELS, SEARCH], {"pixels": OLD})
    assert "## Moving pixels" in text
    assert "Taken on 2 cores, load 0.5, 2026-01-02." in text
    assert "| clip | F1 | the other | ratio |" in text
    assert "| motorway | 0.75 | 0.5 | 1.5 |" in text
    assert "## Search" not in text


def test_a_row_is_a_case_and_a_case_with_other_metrics_begins_a_new_table() -> None:
    rows = (
        _figure("search: near", "p95", 20.0, "ms"),
        _figure("search: near", "found", 3, "of 4"),
        _figure("search: far", "p95", 2000.0, "ms"),
        _figure("search: rows", "tracks", 7, "tracks"),
    )
    text = document([SEARCH], {"search": Taken("2026-01-02", 2, 0.5, rows)})
    assert (
        "| search | p95, ms | found |\n|---|---|---|\n| near | 20 | 3 of 4 |\n| far | 2000 |  |\n"
        in text
    )
    assert "| search | tracks |\n|---|---|\n| rows | 7 |\n" in text  # fmt: skip


def test_aims_stand_first_with_whether_they_are_reached() -> None:
    text = document([PIXELS, SEARCH], {"search": SLOW})
    aims = text.index("## What was aimed at")
    assert aims < text.index("## Search")
    assert "| searches of a camera-month in 1 s | 20 ms, the slowest's 95th of 100 | yes |" in text


def test_an_aim_that_is_missed_is_said_to_be_missed() -> None:
    found = (
        _figure("rules: loitering", "found", 2, "of 3"),
        _figure("rules: intrusion", "found", 6, "of 6"),
    )
    assert [(b.measured, b.reached) for b in bars("rules", found)] == [("8 of 9", False)]
    ellipse = _figure("ground: all", "95 % ellipse holds the truth", 99.0, "%")
    assert [b.reached for b in bars("ground", (ellipse,))] == [False]


def test_the_document_of_the_project_is_the_one_that_its_figures_make() -> None:
    sections = [part.section for part in analytics.PARTS]
    text = document(sections, accuracy.read())
    assert text == accuracy_text.DOCUMENT.read_text("utf-8"), (
        "python -m bench.analytics --document writes it anew"
    )
