"""What H.264 and H.265 payloads have in common: NAL units in one packet, in several, or several in one. Pure.

An access unit ends with the marker, and with a change of the timestamp. Cameras lie about both: those that set
the marker on every slice are found by a slice that goes on with the same picture, and from then on only the
timestamp counts; those that never set it are delayed by one picture.
"""

from __future__ import annotations

from ingest.rtsp.rtp import Bytes, Frame

MAX_UNIT_BYTES = 16 << 20  # a picture larger than this is no picture
_NOTHING: list[Bytes] = []


class NalAssembler:
    """Collects NAL units to access units; the payload formats build on it."""

    def __init__(self) -> None:
        self._units: list[bytes] = []
        self._pictures = 0  # slices among them
        self._timestamp = -1  # of the open access unit, or of the one handed on last
        self._parts: list[Bytes] | None = None  # the fragments of a NAL unit that is not whole yet
        self._size = 0
        self._damaged = False
        self._after_loss = False
        self._gap = False  # packets are missing before the next one
        self._marker_lies = False
        self._ended = False  # the last access unit was ended by its marker
        self.unreadable = 0

    def lost(self) -> None:
        """Packets are missing before the next one."""
        if self._units or self._parts is not None:
            self._damaged = True
        self._parts = None
        self._gap = self._after_loss = True

    def open_fragments(self) -> tuple[list[Bytes], int]:
        """The fragments so far of the unit that is not whole yet, and its time; -1 where nothing simply goes on."""
        parts = self._parts
        return (_NOTHING, -1) if parts is None or self._gap else (parts, self._timestamp)

    def grew(self, size_bytes: int) -> None:
        """So much was added to :meth:`open_fragments`."""
        self._size += size_bytes
        if self._size > MAX_UNIT_BYTES:
            self._drop()

    # --- for the payload formats ---------------------------------------------------------------------------

    def _begin(self, timestamp: int, out: list[Frame]) -> None:
        """Called where the time of a packet is not the one before, or packets are missing."""
        if timestamp != self._timestamp:
            if self._units or self._parts is not None:
                self._finish(out)
            self._timestamp = timestamp
            self._ended = False
        if self._gap:
            self._after_loss = True
            if self._pictures:
                self._gap = False

    def _add(self, unit: bytes, picture: bool, first_slice: bool, out: list[Frame]) -> None:
        """A whole NAL unit. ``picture``: it is a slice; ``first_slice``: it begins a picture."""
        if picture:
            if first_slice:
                if self._pictures and not self._marker_lies:
                    self._finish(out)  # two pictures of one time, without a marker between them
            elif self._ended:
                # The picture handed on at the marker was not whole.
                self._marker_lies = True
                self._damaged = self._after_loss = True
            elif self._gap:
                self._damaged = True  # the slices in front are among what is missing
            self._gap = False
            self._pictures += 1
        self._ended = False
        self._size += len(unit)
        if self._size > MAX_UNIT_BYTES:
            self._drop()
            return
        self._units.append(unit)

    def _begin_unit(self, header: bytes, piece: Bytes) -> None:
        """The first piece of a NAL unit, and the header it will have."""
        if self._parts is not None:
            self._damaged = True  # the one before never ended
        self._parts = [header, piece]

    def _go_on(self, piece: Bytes) -> None:
        """A further piece of it."""
        if self._parts is None:
            self._damaged = True
            return
        self._parts.append(piece)
        self.grew(len(piece))

    def _whole(self) -> bytes | None:
        """The NAL unit whose last fragment came; None when its beginning is missing."""
        parts, self._parts = self._parts, None
        if parts is None:
            return None
        unit = b"".join(parts)
        grown = len(unit) - len(parts[0]) - len(parts[1])
        self._size = self._size - grown if grown < self._size else 0
        return unit

    def _end(self, out: list[Frame]) -> None:
        """The marker: the access unit ends here, unless it shows nothing yet or the camera's markers mean nothing."""
        if self._pictures and not self._marker_lies:
            self._finish(out)
            self._ended = True

    def _finish(self, out: list[Frame]) -> None:
        if self._parts is not None:
            self._parts = None
            self._damaged = True
        if self._units:
            out.append(Frame(self._units, self._timestamp, self._damaged, self._after_loss))
            self._units = []
            self._after_loss = False
        elif self._damaged:
            self._after_loss = True  # all of it is missing
        self._damaged = False
        self._pictures = 0
        self._size = 0

    def _drop(self) -> None:
        self._units, self._parts, self._size, self._pictures = [], None, 0, 0
        self._damaged = self._after_loss = True

    def _unreadable(self) -> None:
        self.unreadable += 1
        self._damaged = True
