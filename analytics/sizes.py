"""How large a quiet camera's compressed frames usually are, and when that changes: a hint of motion that costs nothing.

An encoder spends bytes on what changes, and saves them where a smooth thing covers a noisy ground. For each kind of
frame the median and the spread of the last sizes are kept while nothing moves; what departs from them is summed up (a
CUSUM: Page, Biometrika 41, 1954), so that a large thing is told of within two frames and a small one within half a
second. Pure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

SAMPLES = 256
FEW = 24
"""With fewer sizes of a kind nothing is said about it."""
MANY = 64
REFRESH_EVERY = 16
MAD_SIGMA = 1.4826  # of a normal distribution
HIGH_SIGMAS = 1.645  # above the median, 95 % of a normal distribution lie below
LEAST_SHARE = 0.03
LEAST_BYTES = 16.0
SLACK = 1.3
"""The mean of what departs is 0.8 where sizes are normally spread."""
MOST_Z = 5.0
CHANGED = 7.0
UNSETTLED = 3
"""So many frames after a key frame are as the encoder likes; the key frame itself has just been looked at."""
DOUBT_STEP = 1.7
DOUBT_MOST = 10.0
DOUBT_FADES = 0.998
"""Per quiet look: a camera whose sizes woke it in vain is believed again after some minutes to half an hour."""
SMALL_SHARE = 0.004
"""Sizes are trusted when they would tell of a thing on so much of the picture, by the key frame's bytes."""
SEEN_Z = 1.5
KEYS, FEW_KEYS = 16, 6
"""So many key frames' sizes are kept, and so many must be known."""
KEY_Z = 3.0
LEAST_KEY_SHARE = 0.0003


@dataclass(slots=True)
class _Usual:
    """One kind of frame."""

    sizes: deque[int] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    new: int = 0
    median: float = 0.0
    scale: float = 0.0

    def add(self, size: int) -> None:
        self.sizes.append(size)
        self.new += 1
        if len(self.sizes) >= FEW and (self.new >= REFRESH_EVERY or not self.scale):
            self.new = 0
            ordered = sorted(self.sizes)
            self.median = ordered[len(ordered) // 2]
            deviations = sorted(abs(size - self.median) for size in ordered)
            spread = MAD_SIGMA * deviations[len(deviations) // 2]
            # Where the large ones lie far out, as of an encoder that holds its rate, that is usual too.
            high = (ordered[int(0.95 * len(ordered))] - self.median) / HIGH_SIGMAS
            self.scale = max(spread, high, LEAST_SHARE * self.median, LEAST_BYTES)


class Sizes:
    """One camera's frames. Sizes are bytes."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Usual] = {}
        self._key_bytes = 0.0
        self._keys: deque[int] = deque(maxlen=KEYS)
        self._key_as_usual = False
        self._since_key = 1
        self._alone = False
        self._sum = 0.0
        self._doubt = 1.0

    def clear(self) -> None:
        """A new stream may be encoded otherwise."""
        self._kinds.clear()
        self._keys.clear()
        self._key_as_usual = False
        self._key_bytes = self._sum = 0.0
        self._since_key = 1
        self._doubt = 1.0

    def add(self, kind: str, size: int, key: bool, learn: bool) -> bool:
        """Takes one frame's size; ``learn`` where nothing moves. True when the sizes have changed."""
        if key:
            self._key_bytes = 0.75 * self._key_bytes + 0.25 * size if self._key_bytes else size
            self._key_as_usual = self._is_usual(size)
            if learn:
                self._keys.append(size)
            self._alone = self._since_key == 0
            self._since_key = 0
            if not self._alone:
                return False
        else:
            self._since_key += 1
            if self._since_key <= UNSETTLED:
                return False
        usual = self._kinds.get(kind)
        if usual is None:
            usual = self._kinds[kind] = _Usual()
        changed = False
        if usual.scale:
            z = abs(size - usual.median) / (usual.scale * self._doubt)
            self._sum = max(0.0, self._sum + min(z, MOST_Z) - SLACK)
            if self._sum >= CHANGED:
                self._sum = 0.0
                changed = True
        if learn:
            usual.add(size)
        return changed

    @property
    def key_as_usual(self) -> bool:
        """Whether the last key frame was as large as they usually are, where that would tell of a small thing."""
        return self._key_as_usual

    @property
    def keys_alone(self) -> bool:
        """Whether all frames are key frames, as of MJPEG."""
        return self._alone

    @property
    def trusted(self) -> bool:
        """Whether the frames between key frames are steady enough that a small thing would show in them."""
        least = SMALL_SHARE * self._key_bytes
        return bool(self._kinds) and all(
            len(usual.sizes) >= MANY and SEEN_Z * usual.scale * self._doubt <= least
            for usual in self._kinds.values()
        )

    def _is_usual(self, size: int) -> bool:
        if len(self._keys) < FEW_KEYS:
            return False
        ordered = sorted(self._keys)
        median = ordered[len(ordered) // 2]
        deviations = sorted(abs(each - median) for each in ordered)
        scale = max(MAD_SIGMA * deviations[len(deviations) // 2], LEAST_KEY_SHARE * median)
        return abs(size - median) <= KEY_Z * scale <= SMALL_SHARE * median

    def rest(self) -> None:
        """The camera has become quiet: what was summed up belongs to what moved."""
        self._sum = 0.0

    def mistaken(self) -> None:
        """They had changed, and nothing was there."""
        self._doubt = min(DOUBT_MOST, self._doubt * DOUBT_STEP)

    def found(self) -> None:
        """A thing is followed."""
        self._doubt = max(1.0, self._doubt / 1.02)

    def relax(self) -> None:
        """A look showed nothing."""
        self._doubt = max(1.0, self._doubt * DOUBT_FADES)
