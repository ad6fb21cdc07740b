"""A large program of which some rows tie every year and every future to every other: the same without them, at prices.

What earns a return, and losses carried on, tie all to all, and nothing falls apart any more. So these rows are priced:
what is left is a case before income tax, or one that need not reach a return, with other costs, and falls apart as
ever. By weak duality its bound is one of the whole program, whatever the prices. Operation that futures share stands
once in it: it is right where the prices of the futures go by their odds (A. Geoffrion, 1974, Lagrangean relaxation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from khovor.case import UNTAXED, Case
from khovor.formulation import DECIDED_ONCE, Formulation, build
from khovor.formulation.objective import TARGET
from khovor.network import derive
from khovor.solve.arrays import Floats, Label, Matrix, Places
from khovor.solve.stamp import compile_model

TAX = (
    "result_of_a_year",
    "dividends_of_a_year",
    "losses_carried",
    "losses_used_once",
    "losses_offset_a_share",
)
"""Rows that only the tax has."""

GAIN = 1e5
"""More than a year can gain [MUSD]: by so much of what rounding leaves of a price is the bound widened."""

ROUNDING = 1e-12
"""MUSD per unit that a difference of prices leaves where there is nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """The program without the rows, at prices: its objective is that of the whole divided by `scale`, in its sense."""

    matrix: Matrix
    scale: float
    widened: float

    def bound(self, found: float, whole: Matrix) -> float:
        """What a bound of this program says of the whole."""
        turned = 1.0 if self.matrix.maximise == whole.maximise else -1.0
        return turned * self.scale * found + (self.widened if whole.maximise else -self.widened)


@dataclass(frozen=True, slots=True)
class Apart:
    """`loose` is the case without what ties, `plain` its program; `stands` the column of it for each of the whole.

    `ties` are the rows of the whole that it lacks, by place.
    """

    whole: Matrix
    loose: Formulation
    plain: Matrix
    stands: Places
    ties: dict[int, Label]

    @classmethod
    def of(cls, formulation: Formulation, whole: Matrix) -> Apart:
        """The program of a formulation, without what ties it."""
        case = untied(formulation.case)
        network = formulation.network
        loose = build(case, derive(case, contract=network.contract) if formulation.case.fiscal.ties else network)
        plain = compile_model(loose)
        places, speaker = plain.places, loose.speaker

        def standing(label: Label | None) -> int:
            if label is None:
                return -1
            name, index = label
            if name not in DECIDED_ONCE and len(index) > 1:
                *rest, t, w = index
                label = name, (*rest, t, speaker.get((t, w), w))
            return places.get(label, -1)

        stands = np.array([standing(label) for label in whole.columns], dtype=np.int64)
        names = (TARGET, *TAX) if formulation.case.fiscal.ties else (TARGET,)
        ties = {r: row for r, row in enumerate(whole.rows) if row is not None and row[0] in names}
        return cls(whole, loose, plain, stands, ties)

    def at(self, prices: Floats, scale: float = 1.0) -> Told:
        """The program at prices of the rows, in the sense of the whole; those with a sign that proves nothing are 0."""
        m, sign = self.whole, 1.0 if self.whole.maximise else -1.0
        y = m.proving(sign * prices)
        left = sign * m.cost - m.sparse.T @ y
        gone = self.stands < 0
        gained = float(np.maximum(left[gone], 0.0).sum())
        told = np.bincount(self.stands[~gone], weights=left[~gone], minlength=self.plain.shape[1]) / scale
        told = np.where(np.abs(told) < ROUNDING, 0.0, told)
        offset = (sign * m.offset + float(y @ m.priced(y))) / scale
        turned = 1.0 if self.plain.maximise else -1.0
        priced = replace(self.plain, cost=turned * told, offset=turned * offset, terms=None)
        return Told(priced, scale, GAIN * gained)

    def spread(self, values: Floats) -> Floats:
        """A plan of the loose program in the columns of the whole; NaN where only the whole has one."""
        return np.where(self.stands < 0, np.nan, values[self.stands])


def untied(case: Case) -> Case:
    """The case before income tax, where that ties years; under `support` one that asks for value at the return."""
    fiscal, terms, horizon = case.fiscal, case.terms, case.horizon
    if fiscal.ties:
        fiscal = replace(UNTAXED, rates=fiscal.rates, steps=fiscal.steps, paid=fiscal.paid)
    if terms.objective == "support":
        horizon = replace(horizon, rate=horizon.rate if terms.target_irr is None else terms.target_irr)
        terms = replace(terms, objective="npv", risk_weight=0.0)
        case = replace(case, ambiguity=None)
    return replace(case, fiscal=fiscal, terms=terms, horizon=horizon)
