"""The sound of recordings by itself: AAC and Opus as they are, G.711 made into AAC, which browsers play."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from gis.errors import NotFound, StorageAway
from ingest.fmp4 import AUDIO_TRACK, TIMESCALE, Sample, fragment, init_segment
from ingest.fmp4_reader import NotARecording
from ingest.fmp4_table import Run, one_track, read_runs, read_tracks
from ingest.record.played import Played
from ingest.record.storage import Storage
from ingest.unit import AudioFormat, StreamFormat

BROWSER_SOUNDS = ("mp4a", "opus")
_G711 = {b"alaw": "pcm_alaw", b"ulaw": "pcm_mulaw"}
_FRAME = 1024  # samples of an AAC packet
_PACKETS = 16  # in a fragment
_SLACK_S = 0.1  # sound this near to where it belongs simply goes on
_NO_PICTURE = StreamFormat("mjpeg", (), 16, 16, "mp4v.6C", 0)


def sound_codec(recorded: str) -> str:
    """The codec (RFC 6381) that :func:`sound` gives for a recorded one."""
    return recorded if recorded.startswith(BROWSER_SOUNDS) else "mp4a.40.2"


def sound(storage: Storage, files: Sequence[tuple[Played, slice]]) -> Iterator[bytes]:
    """An fMP4 stream of the files' sound. Times are the recording's; the init comes again where the format changes.

    Files without sound, and those that cannot be read, are passed over.
    """
    sent = b""
    maker: _AacMaker | None = None
    for file, part in files:
        if file.head.audio is None:
            continue
        try:
            with storage.open_segment(file.head.id) as reader:
                head = reader.read_at(0, file.head.init_bytes)
                track = next(t for t in read_tracks(head) if t.kind == b"soun")
                coded = track.stsd[20:24] in _G711
                init = one_track(head, b"soun")
                if coded:
                    channels, rate = _shape(track.stsd)
                    wanted = (_G711[track.stsd[20:24]], rate, channels)
                    if maker is None or maker.shape != wanted:
                        maker = _AacMaker(*wanted)
                    init = maker.init
                if init != sent:
                    sent = init
                    yield init
                f = file.fragments
                for n in range(part.start, part.stop):
                    begin, end = (
                        int(f.offset[n] + f.video_length[n]),
                        int(f.offset[n] + f.length[n]),
                    )
                    if begin == end:
                        continue
                    data = reader.read_at(begin, end - begin)
                    if maker is not None and coded:
                        yield from maker.take(data)
                    else:
                        yield data
        except (NotFound, StorageAway, NotARecording):
            continue
    if maker is not None:
        yield from maker.flush()


def _shape(stsd: bytes) -> tuple[int, int]:
    """Channels and samples a second of the first entry of an audio track's sample descriptions."""
    channels, rate = struct.unpack_from(">H6xI", stsd, 40)
    return channels, rate >> 16


class _AacMaker:
    """Makes G.711 into AAC, at the rate it has."""

    def __init__(self, codec: str, rate_hz: int, channels: int) -> None:
        self.shape = (codec, rate_hz, channels)
        self._rate_hz = rate_hz
        self._layout = "mono" if channels == 1 else "stereo"
        self._channels = channels
        self._encoder = self._open()
        form = AudioFormat("aac", rate_hz, channels, bytes(self._encoder.extradata or b""))
        self.init = one_track(init_segment(_NO_PICTURE, form), b"soun")
        self._waiting = np.empty(0, np.int16)  # interleaved
        self._begin_90k: int | None = None  # of the encoder's first sample
        self._given = 0  # samples given to the encoder
        self._packets: list[tuple[int, bytes]] = []
        self._sequence = 0

    def _open(self) -> AudioCodecContext:
        encoder = av.CodecContext.create("aac", "w")
        assert isinstance(encoder, AudioCodecContext)
        encoder.sample_rate, encoder.layout, encoder.format = self._rate_hz, self._layout, "fltp"
        encoder.time_base = Fraction(1, self._rate_hz)
        encoder.bit_rate = 32_000 * self._channels
        encoder.open()
        return encoder

    def take(self, data: bytes) -> Iterator[bytes]:
        """Sound of a recorded fragment; gives fragments as they become ready."""
        for run in read_runs(data):
            if run.track_id != AUDIO_TRACK:
                continue
            yield from self._jump(run)
            samples = self._decode(data[run.at : run.end])
            self._waiting = np.concatenate((self._waiting, samples))
            size = _FRAME * self._channels
            while len(self._waiting) >= size:
                self._encode(self._waiting[:size])
                self._waiting = self._waiting[size:]
            while len(self._packets) >= _PACKETS:
                yield self._fragment(_PACKETS)

    def _jump(self, run: Run) -> Iterator[bytes]:
        """Begins anew where the sound does not simply go on."""
        if self._begin_90k is not None:
            held = self._given + len(self._waiting) // self._channels
            expected = self._begin_90k + held * TIMESCALE // self._rate_hz
            if abs(run.decode - expected) <= _SLACK_S * TIMESCALE:
                return
            yield from self.flush()
        self._begin_90k, self._given = run.decode, 0

    def _decode(self, data: bytes) -> NDArray[np.int16]:
        decoder = av.CodecContext.create(self.shape[0], "r")
        assert isinstance(decoder, AudioCodecContext)
        decoder.sample_rate, decoder.layout = self._rate_hz, self._layout
        try:
            frames = decoder.decode(av.Packet(data))
        except av.FFmpegError as error:
            raise NotARecording(f"the sound cannot be decoded: {error}") from error
        parts = [np.asarray(frame.to_ndarray(), np.int16).reshape(-1) for frame in frames]
        return np.concatenate(parts) if parts else np.empty(0, np.int16)

    def _encode(self, samples: NDArray[np.int16]) -> None:
        planes = (samples.reshape(-1, self._channels).T / 32768).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(planes), format="fltp", layout=self._layout
        )
        frame.sample_rate, frame.pts = self._rate_hz, self._given
        frame.time_base = Fraction(1, self._rate_hz)
        self._given += planes.shape[1]
        self._note(self._encoder.encode(frame))

    def _note(self, packets: Sequence[av.Packet[Any]]) -> None:
        for packet in packets:
            # The first packet, from before the beginning, only fills the coder up.
            if packet.pts is not None and packet.pts >= 0 and self._begin_90k is not None:
                at = self._begin_90k + packet.pts * TIMESCALE // self._rate_hz
                self._packets.append((at, bytes(packet)))

    def _fragment(self, count: int) -> bytes:
        now, self._packets = self._packets[:count], self._packets[count:]
        lasts = _FRAME * TIMESCALE // self._rate_hz
        starts = [at for at, _ in now]
        ends = [*starts[1:], self._packets[0][0] if self._packets else starts[-1] + lasts]
        self._sequence += 1
        samples = [
            Sample(data, max(1, end - at), 0, True)
            for (at, data), end in zip(now, ends, strict=True)
        ]
        return fragment(self._sequence, starts[0], samples, AUDIO_TRACK)

    def flush(self) -> Iterator[bytes]:
        """All that waits; the next sound begins anew."""
        if self._begin_90k is None:
            return
        if len(self._waiting):
            size = _FRAME * self._channels
            self._encode(np.pad(self._waiting, (0, size - len(self._waiting))))
            self._waiting = self._waiting[:0]
        self._note(self._encoder.encode(None))
        while self._packets:
            yield self._fragment(min(_PACKETS, len(self._packets)))
        self._encoder = self._open()
        self._begin_90k = None
