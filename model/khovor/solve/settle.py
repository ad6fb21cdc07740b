"""The tax of the law for the plan that was found: losses used as soon as they may be, the oldest first.

A program finds the least tax. Where that is reached in several ways (no discounting, a future that has no weight in the
objective), or where signs were left out of a large program, what it tells need not be the tax of the law: it is told
here anew, future by future, from the result of each year, and the plan is worth what it is worth then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from khovor.case import Fiscal
from khovor.formulation import Formulation
from khovor.formulation.fiscal import FISCAL
from khovor.solve.arrays import Floats, Matrix
from khovor.solve.highs import held, run
from khovor.solve.progress import Limits
from khovor.solve.risk import RISK

NOISE = 1e-9
"""MUSD by which a tax may differ from the law's and count as told right."""


class Year(NamedTuple):
    """The law's account of a year [MUSD]: losses used by the year they are of, losses left after it."""

    gain: float
    loss: float
    used: Mapping[int, float]
    left: float


def law(fiscal: Fiscal, results: Mapping[int, float]) -> dict[int, Year]:
    """The account of every year from its result, a profit or (negative) a loss."""
    kept: dict[int, float] = {}
    found = {}
    for year in sorted(results):
        gain, loss = max(results[year], 0.0), max(-results[year], 0.0)
        young = fiscal.loss_years
        kept = {v: left for v, left in kept.items() if left > 0 and (young is None or year - v <= young)}
        room, used = fiscal.loss_share * gain, {}
        for v in sorted(kept):
            used[v] = min(room, kept[v])
            room -= used[v]
            kept[v] -= used[v]
        if loss and fiscal.ties:
            kept[year] = loss
        found[year] = Year(gain, loss, {v: amount for v, amount in used.items() if amount}, sum(kept.values()))
    return found


def settled(f: Formulation, matrix: Matrix, values: Floats, limits: Limits) -> tuple[Floats, float]:
    """The columns of a plan with the tax of the law, and its objective then [MUSD]."""
    if not f.case.fiscal.yearly:
        return values, _objective(matrix, values)
    told = values.copy()
    places: dict[str, dict[tuple[object, ...], int]] = defaultdict(dict)
    for j, label in enumerate(matrix.columns):
        if label is not None and label[0] in FISCAL:
            *index, w = label[1]
            places[str(w)][(label[0], *index)] = j
    for mine in places.values():
        _settle(f, mine, values, told)
    if np.abs(told - values).max() <= NOISE:
        return values, _objective(matrix, values)
    free = [label is not None and label[0] in RISK for label in matrix.columns]
    if any(free):
        answer = run(held(matrix, np.where(free, np.nan, told)), limits, phase="polish")
        if answer.values is not None:
            told = np.where(free, answer.values, told)
    return told, _objective(matrix, told)


def by_law(f: Formulation, places: Mapping[tuple[object, ...], int], values: Floats) -> Floats:
    """The columns of one future with the tax of the law; `places` are those of all columns, by name and index."""
    told = values.copy()
    _settle(f, {key: j for key, j in places.items() if key[0] in FISCAL}, values, told)
    return told


def _settle(f: Formulation, mine: Mapping[tuple[object, ...], int], values: Floats, told: Floats) -> None:
    """The columns of one future."""
    years: Sequence[tuple[int, int]] = sorted(key[1:] for key in mine if key[0] in ("gain", "dividend"))  # type: ignore[misc]
    fiscal = f.case.fiscal

    def at(values: Floats, *key: object) -> float:
        return float(values[mine[key]]) if key in mine else 0.0

    results = {y: at(values, "gain", y, t) - at(values, "loss", y, t) for y, t in years}
    accounts = law(fiscal, results)
    uses: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, j in mine.items():
        if key[0] == "used":
            uses[key[2]].append((key[1], j))  # type: ignore[index, arg-type]
    for y, t in dict.fromkeys(years):
        account = accounts[y]
        amounts = {"gain": account.gain, "loss": account.loss, "pool": account.left, "sign": float(account.gain > 0)}
        before, offset = at(values, "gain", y, t) - sum(values[j] for _, j in uses[y]), sum(account.used.values())
        for v, j in uses[y]:
            told[j] = account.used.get(v, 0.0) if v else offset
        tax = fiscal.income_tax * (account.gain - offset - before)
        cash = at(values, "dividend", y, t) - at(values, "deficit", y, t) - tax
        amounts |= {"dividend": max(cash, 0.0), "deficit": max(-cash, 0.0)}
        for name, amount in amounts.items():
            if (name, y, t) in mine:
                told[mine[name, y, t]] = amount


def _objective(matrix: Matrix, values: Floats) -> float:
    return float(matrix.cost @ values + matrix.offset)
