"""Looks that tell one from another, and colours told by day and not by night."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.appearance import Light, alike, colour_of, colour_votes, look_of

DAY = Light((0.0, 0.0), True, True)


def _street(*, cast: tuple[float, float, float] = (1, 1, 1), gray: bool = False) -> Any:
    """A gray street with a green strip and a blue sign, ``(180, 320, 3)`` BGR."""
    rng = np.random.default_rng(1)
    picture = rng.integers(95, 130, (180, 320, 1)).repeat(3, 2).astype(np.float64)
    picture[:40] = (60, 110, 70)
    picture[60:80, 200:230] = (180, 90, 30)
    if gray:
        picture[:] = picture.mean(axis=2, keepdims=True)
    return np.clip(picture * np.array(cast), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("bgr", "colour"),
    [
        ((40, 40, 200), "red"),
        ((30, 25, 110), "red"),
        ((30, 120, 230), "orange"),
        ((40, 210, 230), "yellow"),
        ((60, 140, 50), "green"),
        ((190, 90, 40), "blue"),
        ((90, 45, 30), "blue"),
        ((150, 60, 130), "purple"),
        ((45, 70, 110), "brown"),
        ((235, 235, 240), "white"),
        ((120, 122, 120), "gray"),
        ((25, 24, 26), "black"),
    ],
)
def test_colours_have_their_names(bgr: tuple[int, int, int], colour: str) -> None:
    crop = np.full((60, 30, 3), bgr, np.uint8)
    assert colour_of(colour_votes(crop, "person", DAY)) == colour


def test_a_person_is_called_after_the_upper_body_a_car_after_its_sides() -> None:
    person = np.full((100, 40, 3), (130, 130, 130), np.uint8)
    person[18:50] = (40, 40, 200)
    person[50:] = (90, 45, 30)
    assert colour_of(colour_votes(person, "person", DAY)) == "red"
    car = np.full((60, 140, 3), (180, 80, 30), np.uint8)
    car[8:28, 20:120] = (30, 30, 30)  # windows
    car[46:] = (20, 20, 20)  # wheels and shade
    assert colour_of(colour_votes(car, "vehicle", DAY)) == "blue"


def test_the_light_s_own_colour_is_taken_out() -> None:
    sodium = (0.55, 0.85, 1.25)
    light = Light.of(_street(cast=sodium))
    white = np.clip(np.full((60, 30, 3), 200.0) * np.array(sodium), 0, 255).astype(np.uint8)
    assert colour_of(colour_votes(white, "person", DAY)) != "white"
    assert colour_of(colour_votes(white, "person", light)) in ("white", "gray")


def test_a_picture_without_colour_tells_none() -> None:
    night = Light.of(_street(gray=True))
    assert not night.coloured and Light.of(_street()).coloured
    red = np.full((60, 30, 3), (40, 40, 200), np.uint8)
    assert colour_of(colour_votes(red, "person", night)) is None


def test_in_the_dark_black_and_gray_say_nothing_but_red_does() -> None:
    dark = Light.of((_street() * 0.2).astype(np.uint8))
    assert not dark.bright
    votes = colour_votes(np.full((60, 30, 3), 18, np.uint8), "person", dark)
    assert colour_of(votes) is None
    lit = np.full((60, 30, 3), (30, 30, 150), np.uint8)
    assert colour_of(colour_votes(lit, "person", Light((0, 0), True, False))) == "red"


def test_looks_tell_people_apart_and_stay_over_size_and_place() -> None:
    gray = np.full((180, 320), 120, np.uint8)

    def person(
        x: int, y: int, tall: int, body: int, legs: int
    ) -> tuple[float, float, float, float]:
        wide = tall // 3
        gray[y : y + tall // 2, x : x + wide] = body
        gray[y + tall // 2 : y + tall, x : x + wide] = legs
        return (x * 2.0, y * 2.0, wide * 2.0, tall * 2.0)

    one = look_of(gray, person(20, 40, 60, 40, 200), 2.0)
    again = look_of(gray, person(120, 50, 44, 44, 205), 2.0)
    other = look_of(gray, person(220, 40, 60, 210, 30), 2.0)
    assert one is not None and again is not None and other is not None
    assert alike(one, again) > 0.9 > 0.4 > alike(one, other)
    assert look_of(gray, (4.0, 4.0, 2.0, 3.0), 2.0) is None
