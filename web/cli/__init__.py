"""The ``wanglou`` command line. Every verb has ``--help``, and ``--json`` where it prints facts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from gis.errors import WanglouError
from web.cli import (
    cameras,
    coverage,
    doctor,
    evidence,
    imports,
    models,
    people,
    processes,
    start,
    storage,
)

VERBS = (start, cameras, imports, models, people, coverage, evidence, storage, doctor, processes)


def build_parser() -> argparse.ArgumentParser:
    """The parser with every verb; the document check reads it too."""
    parser = argparse.ArgumentParser(
        prog="wanglou", description="Wanglou 望楼: city video surveillance and emergency command."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for module in VERBS:
        module.add(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb; a known error is one sentence on stderr and status 1."""
    options = build_parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        return status
    except WanglouError as error:
        print(f"wanglou: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
