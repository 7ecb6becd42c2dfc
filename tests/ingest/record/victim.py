"""A process that records as fast as it can and is killed: ``python -m tests.ingest.record.victim ROOT``.

It makes its streams once. For every line on standard input it forks a child, which records into ROOT and writes a line
to standard output for every row it was told of: path, number of fragments, bytes, and the chain's link.
The line ``pid N`` comes first. At the end of the input it ends.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from gis.clock import SystemClock
from ingest.record.model import SegmentRow
from ingest.record.recorder import Recorder
from ingest.unit import AudioUnit
from tests.ingest.record.recordings import make_camera
from tests.ingest.streams import START, mixed, sound, units


def child(root: Path, number: int, out: int) -> None:
    """Records until it is killed."""

    def told(row: SegmentRow) -> None:
        link = row.chain_after.hex() if row.chain_after else ""
        os.write(out, f"{row.path} {len(row.fragments)} {row.size_bytes} {link}\n".encode())

    start = START + timedelta(minutes=10 * number)
    stream = mixed(
        units(session=number, start=start, repeat=40), sound("pcma", session=number, start=start)
    )
    recorder = Recorder(root, 3, SystemClock(), told)
    os.write(out, f"pid {os.getpid()}\n".encode())
    recorder.start()
    for unit in stream:
        if isinstance(unit, AudioUnit):
            recorder.audio(make_camera(), unit)
        else:
            recorder.unit(make_camera(), unit)
    recorder.stop(60)


def main() -> None:
    root = Path(sys.argv[1])
    units(repeat=1), sound("pcma")  # made before the first fork
    for number, _ in enumerate(sys.stdin, start=1):
        made = os.fork()
        if made == 0:
            child(root, number, 1)
            os._exit(0)
        os.waitpid(made, 0)
        os.write(1, b"end\n")


if __name__ == "__main__":
    main()
