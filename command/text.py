"""What people typed, before it is kept."""

from __future__ import annotations

from gis.errors import InvalidInput


def clean(text: str, field: str) -> str:
    """``text`` without outer blanks.

    Raises :class:`InvalidInput` for what no text column and no log can hold: NUL and halves of a surrogate pair.
    """
    if "\x00" in text:
        raise InvalidInput("the text holds a NUL character: remove it", field)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"the text holds half a character at position {error.start}: type it again", field
        ) from error
    return text.strip()


def clean_required(text: str, field: str) -> str:
    """As :func:`clean`; blank text is refused."""
    kept = clean(text, field)
    if not kept:
        raise InvalidInput("write something: the text is blank", field)
    return kept
