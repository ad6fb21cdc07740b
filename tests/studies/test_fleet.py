"""How many workers a study is given."""

from __future__ import annotations

import pytest

from khovor.studies import Fleet, sweep


@pytest.mark.parametrize(("runs", "seconds", "workers"), [(10, 0.2, 1), (10, 60.0, 4), (2, 60.0, 2), (1, 900.0, 1)])
def test_workers_are_started_where_they_save_more_than_it_takes(
    monkeypatch: pytest.MonkeyPatch, runs: int, seconds: float, workers: int
) -> None:
    """Short runs stay in this process; long ones are shared out, no more than there are runs or cores."""
    monkeypatch.setattr(sweep, "cores", lambda: 4)
    assert Fleet().workers(runs, seconds) == workers


def test_who_asks_for_workers_is_given_them() -> None:
    """--jobs is obeyed whatever the runs take."""
    assert Fleet(jobs=3).workers(10, 0.1) == 3
