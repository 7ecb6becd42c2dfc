"""One camera's packets to the frames worth analysing: the gate and the decoder at work together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analytics.decode import Arrival, Decoder, KeyDecoders
from analytics.gate import Gate, Step
from analytics.model import Effort, Frame
from ingest.model import Packet


class Intake:
    """``fps`` frames a second are handed out at most; ``economy`` False decodes everything for them."""

    def __init__(
        self,
        width_px: int,
        fps: float,
        keys: KeyDecoders | None = None,
        economy: bool = True,
    ) -> None:
        self.gate = Gate()
        self.decoder = Decoder(width_px, fps, keys=keys or KeyDecoders())
        self.most_fps = fps
        self._wanted_fps = fps
        self._economy = economy
        self._offered: tuple[Packet, Step] | None = None

    def offer(self, packet: Packet, arrived_s: float, effort: Effort, holding: bool) -> Step:
        """What is to be done with ``packet``; where it is not :attr:`Step.PARK`, :meth:`frames` does it.

        Asking again about the packet asked about last gives the same answer and changes nothing. ``holding``: things
        stand in the picture, which must be seen every so often.
        """
        if self._offered is not None and self._offered[0] is packet:
            return self._offered[1]
        step = self._offer(packet, arrived_s, effort, holding)
        self._offered = (packet, step)
        return step

    def frames(
        self,
        packet: Packet,
        arrived_s: float,
        effort: Effort,
        holding: bool,
        is_quiet: Callable[[Frame, bool], bool],
    ) -> Iterator[tuple[Frame, bool]]:
        """The frames to analyse now, in order of time, each with whether it is one of the few of a quiet camera.

        ``is_quiet`` says whether a picture is as it was at the last frame; its second argument, whether that is only
        asked to find out since when it is not. Between frames :meth:`saw` must be told.
        """
        step = self.offer(packet, arrived_s, effort, holding)
        self._offered = None
        if step is Step.PARK:
            return
        if step is Step.LOOK:
            at_s = packet.capture_at.timestamp()
            frame = self.decoder.look(packet, arrived_s)
            shed = effort is Effort.KEYS
            went_on = self.gate.joined
            if not self.gate.looked(shed or (frame is not None and is_quiet(frame, False)), at_s):
                if went_on:
                    # The pictures that the long way had decoded are of no use any more.
                    self.decoder.close()
                if frame is not None:
                    self.decoder.seen(at_s)
                    yield frame, True
                return
        unseen = self.gate.unseen_key()
        if unseen is not None:
            earlier = self.decoder.look(*unseen)
            if earlier is not None and is_quiet(earlier, True):
                self.gate.begin_at(unseen)
        if not self.gate.joined:
            self.decoder.rewind()
        for parked, parked_s in self.gate.take():
            found = self.decoder.decode_next(parked, parked_s, self._rate(effort), self._economy)
            yield from ((frame, False) for frame in found)

    def saw(self, frame: Frame, stirs: bool, followed: bool, fps: float) -> None:
        """One frame was analysed: whether anything stirs in it, whether a thing is being followed, and how many frames
        a second that asks for."""
        self.gate.saw(frame.at.timestamp(), stirs, followed)
        self._wanted_fps = fps

    def settle(self) -> bool:
        """Call after the last frame of :meth:`frames`. True when it falls asleep after having been awake in vain."""
        return self._economy and self.gate.settle()

    def _offer(self, packet: Packet, arrived_s: float, effort: Effort, holding: bool) -> Step:
        arrival = self.decoder.admit(packet)
        if arrival is Arrival.REPEATED:
            return Step.PARK
        if arrival is Arrival.NEW:
            self.gate.restart()
        if effort is Effort.KEYS:
            return self.gate.skim(packet, arrived_s)
        if not self._economy:
            return self.gate.pass_on(packet, arrived_s)
        return self.gate.offer(packet, arrived_s, holding)

    def _rate(self, effort: Effort) -> float:
        most_fps = self.most_fps / 2 if effort is Effort.HALF else self.most_fps
        if not self._economy:
            return most_fps
        return min(most_fps, self._wanted_fps)
