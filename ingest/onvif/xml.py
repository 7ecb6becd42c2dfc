"""XML from devices that nobody vouches for: no entities, no network, a bounded size, and the odd Chinese encoding."""

from __future__ import annotations

import re

from lxml import etree

MAX_BYTES = 4 << 20
_DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)[\"'][^>]*\?>")


def to_utf8(content: bytes) -> bytes:
    """``content`` as UTF-8 without a declaration.

    Devices send GB 18030 with and without saying so, and say ``gb2312`` of what is more than that; what is not
    valid in its own encoding is read as GB 18030, and what remains becomes U+FFFD.
    """
    declared = _DECLARED.match(content.lstrip())
    body = content[content.find(b"?>") + 2 :] if declared else content
    name = declared[1].decode().lower() if declared else "utf-8"
    if name in ("gb2312", "gbk", "x-gbk"):
        name = "gb18030"
    for encoding in (name, "gb18030"):
        try:
            return body.decode(encoding).lstrip("\ufeff").encode()
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", "replace").encode()


def parse(content: bytes) -> etree._Element:
    """The root element. Raises :class:`ValueError` for what is no XML, is too large, or brings a document type."""
    if len(content) > MAX_BYTES:
        raise ValueError(f"{len(content)} bytes of XML are more than the {MAX_BYTES} allowed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(to_utf8(content), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("XML with a document type is not read")
    return root
