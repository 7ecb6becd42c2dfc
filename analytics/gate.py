"""Which of a camera's packets are decoded, and when: key frames while it is quiet, everything while something moves.

A quiet camera's packets are parked, still compressed. A key frame is looked at; the sizes of the frames between are
held against what is usual for this camera (a thing that moves costs the encoder bytes). When a look differs from
what was there, or the sizes change, all that was parked since the last look is decoded, so that what came and went
between two key frames is followed from its first picture. No packet is decoded twice but the key frame itself.
Pure: time is the packets' capture time, in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from analytics.framekind import frame_kind
from analytics.sizes import Sizes
from ingest.model import Packet

LOOK_EVERY_S = 1.9
"""Of a camera that sends key frames faster than this, the others are parked as well."""
CLOSE_LOOK_EVERY_S = 0.9
"""The same while things stand in the picture, and of a camera that sends nothing but key frames."""
SKIPPED_S = 2.1
"""No longer after the last look a key frame may go by that is as large as usual; the one after it is looked at."""
CHECK_EVERY_S = 4.2
"""With no key frame for so long, the parked packets are decoded to look at the last ones."""
TRUSTED_CHECK_S = 64.0
"""The same where the sizes are steady enough to tell of a small thing."""
LOOK_BACK_S = 0.9
"""So long before it woke, and after the last look, a key frame is worth a look: it may spare all before it."""
KEEP_BYTES = 4 << 20
"""A camera's parked packets; with more than this they are decoded, whatever the time."""
QUIET_S = 1.2
"""So long must nothing have moved before it is quiet. What moves then is found by the next look, and followed from its
first picture all the same."""
FALSE_ALARM_S = 1.0
"""The same when sizes alone woke it and nothing was found."""
CHECK_PATIENCE_S = -1.0
"""After a check it is quiet at once, though the last frames may still be in the decoder."""
CLUTTER_S = 6.0
"""So long may something change without a thing being followed before that is taken for leaves and water."""

Parked = tuple[Packet, float]
"""A packet, and when it arrived on the monotonic clock, seconds."""


class Step(Enum):
    """What to do with a packet."""

    PARK = "park"  # nothing now
    LOOK = "look"  # decode this key frame alone and compare
    RUN = "run"  # decode what :meth:`Gate.take` gives


@dataclass(slots=True)
class GateCounts:
    """Why packets were decoded, and what was spared."""

    looks: int = 0  # key frames looked at while quiet
    woken_by_look: int = 0
    woken_by_size: int = 0
    checks: int = 0  # parked packets decoded because no key frame came, or too many bytes waited
    spared: int = 0  # packets never decoded, because nothing moved
    shed: int = 0  # packets never decoded, because there was no time


class Gate:
    """One camera's packets, in decoding order. It begins awake: nothing is known of the scene yet."""

    def __init__(self, keep_bytes: int = KEEP_BYTES) -> None:
        self.counts = GateCounts()
        self.keep_bytes = keep_bytes
        self._sizes = Sizes()
        self._awake = True
        self._joined = True  # the decoder stands right before the first parked packet
        self._parked: list[Parked] = []
        self._parked_bytes = 0
        self._looked_s = 0.0
        self._stirred_s: float | None = None
        self._followed_s: float | None = None
        self._woken_by_size = False
        self._in_vain = True
        self._patience_s = QUIET_S

    @property
    def awake(self) -> bool:
        """Whether every packet is decoded now."""
        return self._awake

    @property
    def parked_bytes(self) -> int:
        """What is kept of this camera, bytes of compressed packets."""
        return self._parked_bytes

    @property
    def joined(self) -> bool:
        """Whether the decoder can go on with what :meth:`take` gives; else it begins afresh at its key frame."""
        return self._joined

    def restart(self) -> None:
        """A new stream: nothing of the old one is of use."""
        self._drop_parked()
        self._sizes.clear()
        self._awake = True
        self._patience_s = QUIET_S
        self._joined = True
        self._stirred_s = self._followed_s = None
        self._in_vain = True

    def offer(self, packet: Packet, arrived_s: float, holding: bool = False) -> Step:
        """What to do with ``packet``. ``holding``: things stand in the picture, which must be seen every so often.

        After :attr:`Step.LOOK` call :meth:`looked`; after :attr:`Step.RUN` decode what :meth:`take` gives and tell
        :meth:`saw` of each frame, then call :meth:`settle`.
        """
        at_s = packet.capture_at.timestamp()
        kind = frame_kind(packet.codec, packet.data)
        changed = self._sizes.add(
            kind.name, len(packet.data), packet.key, learn=not self._moving(at_s)
        )
        if self._awake:
            self._park(packet, arrived_s)
            return Step.RUN
        # Where every frame is a key frame, sizes tell little.
        closer = holding or self._sizes.keys_alone
        look_every_s = CLOSE_LOOK_EVERY_S if closer else LOOK_EVERY_S
        unseen_s = at_s - self._looked_s
        skipped = self._sizes.key_as_usual and not closer and unseen_s <= SKIPPED_S
        if packet.key and (changed or (unseen_s >= look_every_s and not skipped)):
            self._park(packet, arrived_s)
            self.counts.looks += 1
            return Step.LOOK
        self._park(packet, arrived_s)
        if changed:
            self.counts.woken_by_size += 1
            self._woken_by_size = True
            self._wake(at_s, FALSE_ALARM_S)
            return Step.RUN
        trusted = self._sizes.trusted and not holding
        if self._parked_bytes > self.keep_bytes and self._forget_to_a_key():
            return Step.PARK
        if (
            unseen_s >= (TRUSTED_CHECK_S if trusted else CHECK_EVERY_S)
            or self._parked_bytes > self.keep_bytes
        ):
            self.counts.checks += 1
            self._wake(at_s, CHECK_PATIENCE_S)
            return Step.RUN
        return Step.PARK

    def pass_on(self, packet: Packet, arrived_s: float) -> Step:
        """Lets ``packet`` through, whatever moves."""
        self._park(packet, arrived_s)
        return Step.RUN

    def skim(self, packet: Packet, arrived_s: float) -> Step:
        """Key frames alone, whatever moves: there is no time for more."""
        self.counts.shed += len(self._parked) - (not self._joined and len(self._parked) > 0)
        self._parked, self._parked_bytes = [], 0
        self._awake = self._joined = False
        at_s = packet.capture_at.timestamp()
        if packet.key and at_s - self._looked_s >= LOOK_EVERY_S:
            self._park(packet, arrived_s)
            self.counts.looks += 1
            return Step.LOOK
        self.counts.shed += 1
        return Step.PARK

    def looked(self, quiet: bool, at_s: float) -> bool:
        """What a look showed. True: wake, and decode what :meth:`take` gives.

        After a quiet look only its own key frame stays parked.
        """
        if quiet:
            last = self._parked[-1]
            self.counts.spared += len(self._parked) - 1
            if not self._joined:
                self.counts.spared -= 1  # the key frame at its head was looked at
            self._parked = [last]
            self._parked_bytes = len(last[0].data)
            self._joined = False
            self._looked_s = at_s
            self._sizes.relax()
            return False
        self.counts.woken_by_look += 1
        self._wake(at_s, QUIET_S)
        return True

    def unseen_key(self) -> Parked | None:
        """Of what :meth:`take` would give, the last key frame that nobody has looked at, if it is worth a look: where it
        is quiet, :meth:`begin_at` it."""
        last_s = self._parked[-1][0].capture_at.timestamp()
        for parked in reversed(self._parked[1:-1]):
            if parked[0].key:
                at_s = parked[0].capture_at.timestamp()
                worth = last_s - at_s >= LOOK_BACK_S and at_s - self._looked_s >= LOOK_BACK_S
                return parked if worth else None
        return None

    def begin_at(self, parked: Parked) -> None:
        """A parked key frame was looked at and was quiet: what was parked before it is let go of."""
        found = next(i for i, each in enumerate(self._parked) if each is parked)
        self.counts.looks += 1
        self.counts.spared += found - (not self._joined)
        self._parked_bytes -= sum(len(each.data) for each, _ in self._parked[:found])
        del self._parked[:found]
        self._joined = False

    def take(self) -> list[Parked]:
        """The packets to decode now, oldest first. They are parked no longer."""
        taken, self._parked = self._parked, []
        self._parked_bytes = 0
        self._joined = True
        return taken

    def saw(self, at_s: float, stirs: bool, followed: bool) -> None:
        """One analysed frame: whether anything stirs in it, and whether a thing is being followed."""
        if self._stirred_s is None or stirs:
            self._stirred_s = max(at_s, self._stirred_s or at_s)
        if self._followed_s is None or followed:
            self._followed_s = max(at_s, self._followed_s or at_s)
        if stirs:
            self._patience_s = QUIET_S
        if followed:
            self._in_vain = False
            self._sizes.found()
        self._looked_s = at_s

    def settle(self) -> bool:
        """Falls asleep when nothing has stirred for long enough, or nothing but leaves.

        True when it does so after having been awake in vain: nothing was ever followed.
        """
        if not self._awake or self._stirred_s is None or self._followed_s is None:
            return False
        calm = self._looked_s - self._stirred_s >= self._patience_s
        clutter = self._looked_s - self._followed_s >= CLUTTER_S
        if not calm and not clutter:
            return False
        if self._woken_by_size and self._in_vain:
            self._sizes.mistaken()
        self._woken_by_size = False
        self._awake = False
        self._sizes.rest()
        return self._in_vain and clutter

    def _moving(self, at_s: float) -> bool:
        return self._awake and (self._stirred_s is None or at_s - self._stirred_s < 0.5)

    def _wake(self, at_s: float, patience_s: float) -> None:
        self._awake = True
        self._patience_s = patience_s
        self._stirred_s = self._followed_s = at_s
        self._in_vain = True

    def _forget_to_a_key(self) -> bool:
        """Lets go of the older half, up to a key frame; False where there is none but the one at the head."""
        left = self._parked_bytes
        found = 0
        for index, (packet, _) in enumerate(self._parked):
            if index and packet.key:
                found = index
                if left <= self.keep_bytes / 2:
                    break
            left -= len(packet.data)
        if not found:
            return False
        self.counts.spared += found
        del self._parked[:found]
        self._parked_bytes = sum(len(packet.data) for packet, _ in self._parked)
        self._joined = False
        return True

    def _park(self, packet: Packet, arrived_s: float) -> None:
        self._parked.append((packet, arrived_s))
        self._parked_bytes += len(packet.data)

    def _drop_parked(self) -> None:
        self.counts.spared += len(self._parked)
        self._parked = []
        self._parked_bytes = 0
