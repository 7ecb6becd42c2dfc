"""A mask cut into blobs, and pieces joined."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from analytics.blobs import blobs_of, join_fragments


def test_blobs_are_what_numbering_every_pixel_finds() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        mask = np.where(cv2.blur(rng.random((90, 160)), (7, 7)) > 0.53, 255, 0).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        wanted = {
            (tuple(stats[i, :4].tolist()), int(stats[i, 4]))
            for i in range(1, count)
            if stats[i, 4] >= 18
        }
        found = blobs_of(mask, (0, 0, 160, 90), 18)
        # One blob within a hole of another is counted into that one's pixels, no more.
        assert {blob.rect for blob in found} == {rect for rect, _ in wanted}
        areas = dict(wanted)
        for blob in found:
            x, y, w, h = blob.rect
            assert blob.part.shape == (h, w) and blob.area_px == np.count_nonzero(blob.part)
            assert blob.area_px == pytest.approx(areas[blob.rect], rel=0.2)
            assert (mask[y : y + h, x : x + w][blob.part] == 255).all()


def test_only_what_lies_within_the_rectangle_and_is_large_enough_counts() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[10:20, 10:20] = mask[40:50, 50:60] = 255
    mask[30:33, 30:33] = 255
    assert [b.rect for b in blobs_of(mask, (5, 5, 60, 30), 18)] == [(10, 10, 10, 10)]
    assert blobs_of(mask, (0, 0, 0, 0), 1) == []
    ring = np.zeros((60, 80), np.uint8)
    cv2.rectangle(ring, (10, 10), (50, 50), 255, 3)
    (blob,) = blobs_of(ring, (0, 0, 80, 60), 18)
    assert blob.area_px == np.count_nonzero(ring), "a hole is no part of it"


def test_pieces_over_each_other_become_one_and_those_beside_do_not() -> None:
    head, body, legs, other = (10, 10, 8, 8), (8, 20, 12, 20), (9, 42, 10, 20), (60, 20, 12, 20)
    boxes = np.array([head, other, body, legs], np.float32)
    joined, areas = join_fragments(boxes, np.array([50, 200, 220, 150], np.float32))
    assert sorted(map(tuple, joined.tolist())) == [(8, 10, 12, 52), (60, 20, 12, 20)]
    assert sorted(areas.tolist()) == [200, 420]
    apart = np.array([head, other], np.float32)
    same, _ = join_fragments(apart, np.array([50, 200], np.float32))
    assert same is apart
