"""Why no plan exists: the least that must be given up, which cells ask for it, and which cells stand in its way.

Doing nothing always obeys the limits of a workbook; what makes it impossible are the rows that ask for something: hard
contracts, minimum loads of what stands, last stocks, overrides. Each gets a slack, and the least sum of slacks (as
shares of what is asked) is found with every integer kept: what still needs slack is asked too much. The prices of the
limits in that least sum say what stands in its way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from khovor.errors import Conflict, row_of
from khovor.formulation import Formulation, Subject
from khovor.formulation.objective import TARGET
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.highs import run, with_fixed_integers
from khovor.solve.progress import Limits, Stop
from khovor.units import SMALL, T_PER_KT

ASKS: Final[Mapping[str, str]] = {
    "contract_delivered": "min_t_y",
    "activity_above_minimum_load": "min_load",
    "stock_left_at_the_end": "final_min_t",
    "overrides_hold": "units",
    TARGET: "target_irr",
}
"""Rules that ask for something, and the column that does the asking."""

IMPOSSIBLE: Final = "No plan satisfies every rule of this workbook."

SECONDS = 60.0
NAMED = 4
"""Limits named in one sentence."""


@dataclass(frozen=True, slots=True)
class _Lack:
    """What a row lacks, in the unit of its subject; `when` is the period and future it is about, where it has one."""

    rule: str
    subject: Subject
    amount: float
    when: tuple[Any, ...]


def conflicts(formulation: Formulation, matrix: Matrix, limits: Limits, stop: Stop | None = None) -> list[Conflict]:
    """The cells that ask too much, each with what limits it; empty when that cannot be told within a minute."""
    asking = np.array([r for r, row in enumerate(matrix.rows) if row is not None and row[0] in ASKS], dtype=np.int64)
    short = replace(limits, gap=1e-6, time_limit_s=SECONDS)
    elastic = _elastic(matrix, asking)
    found = run(elastic, short, phase="why", stop=stop) if len(asking) else None
    if found is None or found.values is None:
        return []
    again = run(with_fixed_integers(elastic, found.values), short, phase="why", stop=stop)
    if again.values is None or again.duals is None:
        return []
    limiting = _limiting(formulation, matrix, again.duals)
    return [_told(formulation, lack, limiting) for lack in _lacks(formulation, matrix, asking, again.values)]


def _elastic(matrix: Matrix, asking: np.ndarray[Any, np.dtype[np.int64]]) -> Matrix:
    """The matrix with a slack up and a slack down in every row that asks, and their least sum as objective."""
    limits = np.vstack([matrix.row_lower[asking], matrix.row_upper[asking]])
    asked = np.abs(np.where(np.isfinite(limits), limits, 0.0)).max(axis=0)
    signs = np.tile([1.0, -1.0], len(asking))
    price = np.repeat(1.0 / np.where(asked > SMALL, asked, 1.0), 2)
    bare = replace(matrix, cost=np.zeros(matrix.shape[1]), offset=0.0, maximise=False)
    return bare.with_slacks(np.repeat(asking, 2), signs, price)


def _lacks(
    formulation: Formulation, matrix: Matrix, asking: np.ndarray[Any, np.dtype[np.int64]], values: Floats
) -> list[_Lack]:
    """The worst lack of every cell that asks too much."""
    slack = values[matrix.shape[1] :].reshape(-1, 2).max(axis=1)
    worst: dict[tuple[str, str], _Lack] = {}
    for r, amount in zip(asking, slack, strict=True):
        row = matrix.rows[r]
        if row is not None and amount > SMALL * T_PER_KT:
            subject, when = _about(formulation, row)
            lack = _Lack(row[0], subject, amount * _scale(subject), when)
            known = worst.get((lack.rule, subject.at))
            if known is None or lack.amount > known.amount:
                worst[lack.rule, subject.at] = lack
    return list(worst.values())


def _limiting(formulation: Formulation, matrix: Matrix, prices: Floats) -> list[tuple[Subject, tuple[Any, ...], float]]:
    """What stands in the way: limits with a price, dearest first."""
    found = []
    for r in np.flatnonzero(np.abs(prices) > SMALL).tolist():
        row = matrix.rows[r]
        if row is None or row[0] not in formulation.subjects or row[0] in ASKS:
            continue
        if not row[0].endswith(("_balance", "_supplied")):
            found.append((*_about(formulation, row), abs(float(prices[r]))))
    return sorted(found, key=lambda limit: -limit[2])


def _about(formulation: Formulation, row: Label) -> tuple[Subject, tuple[Any, ...]]:
    rule, index = row
    when = index[-2:] if len(index) > 1 and isinstance(index[-2], int) else ()
    return formulation.subjects[rule](*index), when


def _scale(subject: Subject) -> float:
    return 1.0 if subject.unit in ("unit", "MUSD") else T_PER_KT


def _told(formulation: Formulation, lack: _Lack, limiting: list[tuple[Subject, tuple[Any, ...], float]]) -> Conflict:
    """A lack in words: who asks, by how much too much, and what limits it in that period and future."""
    if lack.rule == TARGET:
        return unreached(formulation, f"{lack.amount:,.6g}")
    near = [subject for subject, when, _ in limiting if not lack.when or not when or when == lack.when]
    limits = list({subject.at: subject for subject in near if subject.at != lack.subject.at}.values())[:NAMED]
    period = f" in {formulation.case.horizon.periods[lack.when[0]].name}" if lack.when else ""
    future = f", future {lack.when[1]}," if lack.when and len(formulation.scenarios) > 1 else ""
    message = (
        f"{lack.subject.at}: {lack.subject.name} asks{period}{future} for {lack.amount:,.6g} {lack.subject.unit} more "
        "than any plan can give."
    )
    ways = "; or give more of " + ", ".join(f"{s.name} ({s.at})" for s in limits) if limits else ""
    repair = f"Lower {ASKS[lack.rule]} by {lack.amount:,.6g}{ways}."
    return Conflict((row_of(lack.subject.at), *(row_of(s.at) for s in limits)), message, repair)


def unreached(formulation: Formulation, lacking: str) -> Conflict:
    """The return that no support on offer brings, and how much value is `lacking` at it [MUSD]."""
    case = formulation.case
    rate = case.horizon.rate if case.terms.target_irr is None else case.terms.target_irr
    at = case.terms.target_at
    message = (
        f"{at}: no support on offer brings the investor {rate:.4g} a year: with all of it, expected net present value "
        f"at that rate is still {lacking} MUSD below 0."
    )
    offered = [row_of(instrument.at) for instrument in case.instruments]
    repair = "Lower target_irr, or offer more: larger shares and budgets, a higher floor, fewer conditions."
    return Conflict((row_of(at), *offered), message, repair)
