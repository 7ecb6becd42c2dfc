"""Identities on real footage with known truth: better kept than a plain SORT keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.sequences import tud_campus
from bench.sort_baseline import Sort
from bench.tracking import identities


def test_people_on_a_campus_keep_their_names(shared_data: Path) -> None:
    campus = tud_campus()
    assert campus is not None
    figures = {(f.case, f.metric): f for f in identities([campus])}
    for case in ("tud_campus, live", "tud_campus, stored"):
        idf1, switches = figures[case, "IDF1"], figures[case, "switches"]
        assert idf1.baseline is not None and idf1.value > idf1.baseline
        assert switches.baseline is not None and switches.value <= 0.5 * switches.baseline
    assert figures["tud_campus, live", "MOTA"].value > 0.6, "people are told of when first seen"
    stored = figures["tud_campus, stored", "MOTA"]
    assert stored.baseline is not None and stored.value > stored.baseline > 0.5


def test_the_baseline_is_a_sort_that_works() -> None:
    sort, names = Sort(), set()
    for i in range(20):
        boxes = np.array([[10.0 + 4 * i, 50, 30, 80], [300.0 - 3 * i, 60, 30, 80]])
        names |= {(number, box[0] > 200) for number, box in sort.update(boxes)}
    assert len({number for number, _ in names}) == 2
