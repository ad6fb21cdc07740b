"""A large program with income tax, searched as the same program without it, at what the tax takes of each year.

Losses carried on tie every year of a future to every other, and nothing falls apart any more. So the rows that say what
a year leaves are priced: what is left is the case before income tax, with other costs, and falls apart as ever. By weak
duality its bound is one of the program with the tax, whatever the prices; its plan, valued with tax, tells the next.
At no price at all it says that income tax never gives. One price serves all futures, as what operation they share
stands once: the mean of prices that are right for each is right for all, weighed by their odds (A. Geoffrion, 1974).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from khovor.case import UNTAXED
from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.formulation.fiscal import FISCAL
from khovor.network import derive
from khovor.solve.arrays import Floats, Label, Matrix
from khovor.solve.highs import Answer, held
from khovor.solve.progress import Limits, Listener
from khovor.solve.search import Search, search
from khovor.solve.stamp import compile_model
from khovor.solve.start import Start

YEARLY = ("result_of_a_year", "dividends_of_a_year")
"""Rows that say what a year leaves: they are priced."""

GAIN = 1e5
"""More than a year can gain [MUSD]: by so much of what rounding leaves of a price is the bound widened."""

SLOPPY = 1e-3
"""Widening, as a share, at which prices prove nothing."""

ROUNDING = 1e-12
"""MUSD per unit that a difference of prices leaves where there is nothing."""

ROUNDS = 4


def search_taxed(
    formulation: Formulation,
    matrix: Matrix,
    limits: Limits,
    listener: Listener | None,
    stop: threading.Event | None,
    start: Start | None = None,
) -> Search:
    """As `search`, of a program whose income tax ties years together."""
    s = Search(formulation, matrix, matrix, limits, listener, stop)
    fiscal = formulation.case.fiscal
    case = replace(formulation.case, fiscal=replace(UNTAXED, rates=fiscal.rates, steps=fiscal.steps, paid=fiscal.paid))
    before = build(case, derive(case))
    plain = compile_model(before)
    priced, widened = plain, 0.0
    for turn in range(ROUNDS):
        if s.over:
            break
        share = limits.time_limit_s - s.spent if turn else limits.time_limit_s / 2.0
        found = search(before, priced, replace(limits, time_limit_s=max(share, 1.0)), s.heard(""), stop, start)
        s.notes += [f"before income tax: {note}" for note in found.notes]
        if found.bound is not None:
            s.tighten(found.bound + (widened if matrix.maximise else -widened), "before income tax")
        if found.plan is None:
            break
        plan = {label: value for label, value in zip(plain.columns, found.plan.tolist(), strict=True) if label}
        start = Start(plan, found.handed_on)
        valued = _valued(s, plan)
        s.offer(valued, "valued with income tax")
        prices = None if valued.duals is None else _prices(formulation, matrix, valued.duals)
        if prices is None:
            break
        priced, widened = _at(formulation, matrix, before, plain, prices)
        if widened > SLOPPY * abs(s.value or 1.0):
            break
    return s


def _valued(s: Search, decided: Mapping[Label, float]) -> Answer:
    """A plan's decisions, bookings and support among them, at their best with the tax: each future by itself."""
    m = s.matrix
    chosen = [decided.get(x, 0.0) if x is not None and x[0] in DECIDED_ONCE else np.nan for x in m.columns]
    left = max(s.limits.time_limit_s - s.spent, 30.0)
    return s.operate(held(m, np.array(chosen)), left, "proof", says="silence")


def _prices(f: Formulation, matrix: Matrix, duals: Floats) -> Floats | None:
    """Prices of all rows of the tax: of each future its share, by its odds, of what all of them say together."""
    odds = {s.name: s.probability for s in f.case.scenarios}
    tax = np.flatnonzero(_tax_rows(matrix)).tolist()
    sums: dict[tuple[object, ...], float] = defaultdict(float)
    for r in tax:
        name, index = matrix.rows[r]  # type: ignore[misc]
        sums[name, *index[:-1]] += float(duals[r])
    if not sums:
        return None
    prices = np.zeros(len(duals))
    for r in tax:
        name, index = matrix.rows[r]  # type: ignore[misc]
        prices[r] = odds[str(index[-1])] * sums[name, *index[:-1]]
    return prices


def _tax_rows(matrix: Matrix) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows that only the tax has."""
    names = (*YEARLY, "losses_carried", "losses_used_once", "losses_offset_a_share")
    return np.array([row is not None and row[0] in names for row in matrix.rows])


def _at(f: Formulation, matrix: Matrix, before: Formulation, plain: Matrix, prices: Floats) -> tuple[Matrix, float]:
    """The program before tax at these prices, and by how much its bound is to be widened [MUSD]."""
    left = matrix.cost - matrix.sparse.T @ prices
    speaker = before.speaker
    cost: dict[Label, float] = defaultdict(float)
    gained = 0.0
    for label, amount in zip(matrix.columns, left.tolist(), strict=True):
        if label is None:
            continue
        name, index = label
        if name in FISCAL:
            gained += max(amount if matrix.maximise else -amount, 0.0)
        elif name in DECIDED_ONCE:
            cost[label] += amount
        else:
            *rest, t, w = index
            cost[name, (*rest, t, speaker[t, w])] += amount
    told = np.array([cost[label] for label in plain.columns if label is not None])
    told = np.where(np.abs(told) < ROUNDING, 0.0, told)
    offset = matrix.offset + float(prices @ np.where(np.isfinite(matrix.row_upper), matrix.row_upper, 0.0))
    return replace(plain, cost=told, offset=offset), GAIN * gained
