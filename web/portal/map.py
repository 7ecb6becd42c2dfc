"""The map of views: a drawn base that browsers keep, and dots that are links, without a script."""

from __future__ import annotations

import math
from collections.abc import Sequence

from web.portal.html import Html, join, tag
from web.portal.store import Box, Shape, View
from web.portal.words import Words

WIDTH = 800
HEIGHT = 520
_MARGIN_M = 350.0
_M_PER_DEG = 111_320.0
_ROAD_WIDTH = {"motorway": 6, "trunk": 6, "primary": 5, "secondary": 4, "tertiary": 3}
_AREA_FILL = {"water": "#bcd7ea", "park": "#d5e8cf"}


def frame(views: Sequence[View]) -> Box | None:
    """The stretch of map that shows every view with some room around, in the drawing's proportions."""
    if not views:
        return None
    west, east = min(v.lon for v in views), max(v.lon for v in views)
    south, north = min(v.lat for v in views), max(v.lat for v in views)
    lon, lat = (west + east) / 2, (south + north) / 2
    shrink = math.cos(math.radians(lat))
    width_m = (east - west) * _M_PER_DEG * shrink + 2 * _MARGIN_M
    height_m = (north - south) * _M_PER_DEG + 2 * _MARGIN_M
    m_per_unit = max(width_m / WIDTH, height_m / HEIGHT)
    x_per_deg, y_per_deg = _M_PER_DEG * shrink / m_per_unit, _M_PER_DEG / m_per_unit
    half_lon, half_lat = WIDTH / 2 / x_per_deg, HEIGHT / 2 / y_per_deg
    return Box(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat, x_per_deg, y_per_deg)


def base(shapes: Sequence[Shape]) -> str:
    """The base map as an SVG document of its own."""
    drawn: list[Html] = []
    for shape in shapes:
        fill = _AREA_FILL.get(shape.kind)
        if fill is not None:
            drawn.append(tag("path", d=shape.path, fill=fill))
        else:
            width = _ROAD_WIDTH.get(shape.kind, 1.5)
            colour = "#ffffff" if width >= 3 else "#fbfbfb"
            drawn.append(tag("path", d=shape.path, fill="none", stroke=colour, stroke_width=width))
    body = join(*drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'stroke-linecap="round" stroke-linejoin="round">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#eceff2"/>{body}</svg>'
    )


def inline(
    box: Box, views: Sequence[View], words: Words, chosen: str | None, href: str, query: str
) -> Html:
    """The map in the page: the base as a picture from ``href``, and a link for every view."""
    dots: list[Html] = []
    for view in views:
        x = (view.lon - box.west) * box.x_per_deg
        y = (box.north - view.lat) * box.y_per_deg
        name = label(view, words)
        state = words.live if view.online else words.offline
        kind = "dot" + (" chosen" if view.code == chosen else "") + ("" if view.online else " off")
        dots.append(
            tag(
                "a",
                tag("title", f"{name} · {state}"),
                tag("circle", class_="hit", cx=f"{x:.1f}", cy=f"{y:.1f}", r=22),
                tag("circle", class_=kind, cx=f"{x:.1f}", cy=f"{y:.1f}", r=9),
                tag("text", name, x=f"{x:.1f}", y=f"{y - 16:.1f}", class_="name"),
                href=f"/view/{view.code}{query}",
                aria_label=f"{name}, {state}",
            )
        )
    return tag(
        "svg",
        tag("image", href=href, x=0, y=0, width=WIDTH, height=HEIGHT),
        *dots,
        class_="map",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="group",
        aria_label=words.map_title,
    )


def label(view: View, words: Words) -> str:
    """The view's name in the visitor's language."""
    return (view.name_en or view.name) if words.code == "en" else view.name
