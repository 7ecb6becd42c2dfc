"""How long a guesser must wait: a pure rule over counts of recent failures."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 900.0
MAX_WAIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed logins within :data:`WINDOW_S`, and how long ago the newest of each kind was."""

    pair: int  # this name from this address
    pair_age_s: float
    name: int  # this name from anywhere
    name_age_s: float
    address: int  # this address with any name
    address_age_s: float


def wait_s(failures: Failures) -> float:
    """Seconds until the next try is looked at; 0 when it may go ahead.

    The fifth failure of one name from one address costs 2 s, each further one twice as much. A name that is
    attacked from many addresses waits little (its owner must still get in); an address that tries many
    names waits like a single guesser.
    """
    waits = (
        _left(failures.pair, 5, 2.0, MAX_WAIT_S, failures.pair_age_s),
        _left(failures.name, 30, 2.0, 10.0, failures.name_age_s),
        _left(failures.address, 20, 2.0, MAX_WAIT_S, failures.address_age_s),
    )
    return max(waits)


def _left(count: int, free: int, first_s: float, most_s: float, age_s: float) -> float:
    if count < free:
        return 0.0
    wanted = min(most_s, first_s * 2.0 ** min(count - free, 30))
    return max(0.0, wanted - age_s)
