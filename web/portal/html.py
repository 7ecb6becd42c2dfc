"""A very small HTML builder: everything is escaped unless it was built here."""

from __future__ import annotations

from html import escape

_VOID = frozenset({"meta", "link", "img"})
_SVG_EMPTY = frozenset(
    {"circle", "image", "path", "rect"}
)  # in SVG an element without an end holds what follows


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = Html | str | int | None


def tag(name: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Html:
    """``<name attributes>children</name>``.

    A trailing underscore of an attribute's name is dropped (``class_``) and others become hyphens; None and
    False leave the attribute out, True gives it without a value. Strings are escaped, None children left out.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        parts.append(
            attribute if value is True else f'{attribute}="{escape(str(value), quote=True)}"'
        )
    if name in _SVG_EMPTY:
        return Html(f"<{' '.join(parts)}/>")
    opening = f"<{' '.join(parts)}>"
    if name in _VOID:
        return Html(opening)
    return Html(f"{opening}{join(*children)}</{name}>")


def join(*children: Child) -> Html:
    """The children one after another, escaped where they are plain text."""
    return Html(
        "".join(
            c if isinstance(c, Html) else escape(str(c), quote=True)
            for c in children
            if c is not None
        )
    )
