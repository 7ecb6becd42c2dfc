"""A camera that comes up is not lost."""

from __future__ import annotations

from ingest.settling import Pulled, Settling


def test_a_start_gives_every_camera_time_to_come_up() -> None:
    settling = Settling(90.0)
    silent = [Pulled(number, object(), False) for number in range(300)]
    assert settling.settled(silent, 5.0) == []
    assert settling.settled(silent, 94.9) == []
    assert settling.settled(silent, 95.0) == list(range(300)), "who does not come at all is lost"


def test_a_camera_that_sent_once_has_no_more_time() -> None:
    settling, stream = Settling(90.0), object()
    assert settling.settled([Pulled(1, stream, False)], 0.0) == []
    assert settling.settled([Pulled(1, stream, True)], 3.0) == [1]


def test_each_camera_has_its_own_time_from_when_it_is_added_or_switched_on() -> None:
    settling, first, second = Settling(90.0), object(), object()
    settling.settled([Pulled(1, first, False)], 0.0)
    both = [Pulled(1, first, False), Pulled(2, second, False)]
    assert settling.settled(both, 60.0) == []
    assert settling.settled(both, 100.0) == [1]
    assert settling.settled([Pulled(2, second, False)], 120.0) == []  # the first is switched off
    again = [Pulled(1, object(), False), Pulled(2, second, False)]
    assert settling.settled(again, 150.0) == [2]
    assert settling.settled(again, 240.0) == [1, 2]


def test_another_address_is_another_wait() -> None:
    settling = Settling(90.0)
    assert settling.settled([Pulled(1, object(), True)], 0.0) == [1]
    moved = Pulled(1, object(), False)
    assert settling.settled([moved], 200.0) == []
    assert settling.settled([moved], 290.0) == [1]
