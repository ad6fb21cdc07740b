"""The worst futures in the objective: rows that say what each future is worth, and how far it is below the tail.

A plan is worth Σ_w p[w] · (value[w] - par[w]) under weights p that are the worst for it, of those that add up to 1 with
sure[w] ≤ p[w] ≤ sure[w] + more[w]. By duality, with free = 1 - Σ_w sure[w]:

    maximise Σ_w sure[w] · (value[w] - par[w]) + free · level - Σ_w more[w] · tail[w]
    tail[w] ≥ level - (value[w] - par[w]),   tail[w] ≥ 0,   value[w] = spent + Σ_t worth[t, w]

With λ of the objective on the worst α of the futures, sure = (1 - λ) · probability and more = λ/α · probability, which
is (1 - λ) · expected value + λ · CVaR. R. Rockafellar and S. Uryasev (2000), Optimization of conditional value-at-risk.
With any weights and the best of each future as par it is the least of the greatest regret. Under `cost`, value is minus
cost. All in MUSD.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from khovor.case import Case
from khovor.formulation import Formulation
from khovor.formulation.objective import counts
from khovor.solve.arrays import INFINITY, Floats, Label, Matrix, Terms

RISK = ("level", "spent", "tail", "worth")
"""Columns that say what futures are worth: they follow from a plan and decide nothing."""


class Weights(NamedTuple):
    """How futures weigh in an objective of the worst: for sure, by how much more at most, and their pars [MUSD].

    In the order of the futures; `sure` and the weight that is `free` to go to the worst futures add up to 1.
    """

    sure: Floats
    more: Floats
    par: Floats

    @property
    def free(self) -> float:
        """The weight that goes where values are least."""
        return 1.0 - float(self.sure.sum())

    @property
    def fair(self) -> Floats:
        """Weights of all futures when what is free goes to each as much as may."""
        return self.sure + self.free * self.more / (self.more.sum() or 1.0)


def weights_of(case: Case) -> Weights | None:
    """The weights of the futures of a case; None where only their probabilities count."""
    terms, odds = case.terms, np.array([s.probability for s in case.scenarios])
    if len(odds) < 2:
        return None
    if case.ambiguity is not None:
        low, high, par = (
            np.array([by_future[s.name] for s in case.scenarios])
            for by_future in (case.ambiguity.low, case.ambiguity.high, case.ambiguity.par)
        )
        return Weights(low, high - low, par)
    if not terms.risk_weight:
        return None
    return Weights((1.0 - terms.risk_weight) * odds, terms.risk_weight * odds / terms.risk_tail, np.zeros(len(odds)))


def with_risk(f: Formulation, matrix: Matrix, weights: Weights) -> Matrix:
    """The program with what is free of the weights on the futures of least value."""
    terms = _terms(matrix)
    told = [(t, w) for t in f.periods for w in f.told_apart[t]]
    columns: list[Label] = [("level", ()), ("spent", ()), *(("tail", (w,)) for w in f.scenarios)]
    columns += [("worth", key) for key in told]
    first, n_futures = matrix.shape[1], len(f.scenarios)
    sums, constants = _sums(f, terms, [("", None), *((w, t) for t, w in told)])
    places = {key: n_futures + 2 + k for k, key in enumerate(told)}
    counted = sp.hstack([-sums, _counting(len(told), n_futures)])
    valued = np.zeros((n_futures, len(columns)))
    valued[:, 0], valued[:, 1] = 1.0, -1.0
    for k, w in enumerate(f.scenarios):
        valued[k, 2 + k] = -1.0
        for t in f.periods:
            valued[k, places[t, f.speaker[t, w]]] = -1.0
    below = sp.vstack([counted, sp.hstack([sp.csr_matrix((n_futures, first)), sp.csr_matrix(valued)])])
    above = sp.hstack([matrix.sparse, sp.csc_matrix((matrix.shape[0], len(columns)))])
    sign = 1.0 if matrix.maximise else -1.0
    cost = np.zeros(len(columns))
    cost[0], cost[2 : 2 + n_futures] = sign * weights.free, -sign * weights.more
    sure = _sure(f, terms, weights)
    free = np.where([name == "tail" for name, _ in columns], 0.0, -INFINITY)
    rows: list[Label] = [("spent_counted", ()), *(("worth_counted", key) for key in told)]
    rows += [("tail_counted", (w,)) for w in f.scenarios]
    risky = matrix.with_entries(
        sp.vstack([above, below]),
        cost=np.append(sign * (sure @ terms.entries), cost),
        offset=sign * float(sure @ terms.constants - weights.sure @ weights.par),
        row_lower=np.append(matrix.row_lower, np.full(len(rows), -INFINITY)),
        row_upper=np.concatenate([matrix.row_upper, constants, -weights.par]),
        col_lower=np.append(matrix.col_lower, free),
        col_upper=np.append(matrix.col_upper, np.full(len(columns), INFINITY)),
        integer=np.append(matrix.integer, np.zeros(len(columns), dtype=np.bool_)),
        columns=[*matrix.columns, *columns],
        rows=[*matrix.rows, *rows],
    )
    wider = sp.hstack([terms.entries, sp.csr_matrix((len(terms.keys), len(columns)))]).tocsr()
    return replace(risky, terms=replace(terms, entries=wider))


def _sure(f: Formulation, terms: Terms, weights: Weights) -> Floats:
    """How much each money term weighs whatever is worst."""
    sure = dict(zip(f.scenarios, weights.sure, strict=True))
    spoken = [f.spoken_for(t, w) if w else f.case.scenarios for _, w, t in terms.keys]
    counted = [sum(sure[s.name] for s in futures) for futures in spoken]
    return np.array([x if counts(f, name) else 0.0 for x, (name, _, _) in zip(counted, terms.keys, strict=True)])


def _terms(matrix: Matrix) -> Terms:
    assert matrix.terms is not None
    return matrix.terms


def _sums(f: Formulation, terms: Terms, groups: list[tuple[str, int | None]]) -> tuple[sp.csr_matrix, Floats]:
    """What is decided once, and each future told apart in each period, is worth: entries and constants."""
    places = {group: k for k, group in enumerate(groups)}
    kept = [(places[w, t if w else None], k) for k, (name, w, t) in enumerate(terms.keys) if counts(f, name)]
    rows, keys = (np.array(x, dtype=np.int64) for x in zip(*kept, strict=True))
    add = sp.csr_matrix((np.ones(len(kept)), (rows, keys)), shape=(len(groups), len(terms.keys)))
    return add @ terms.entries, add @ terms.constants


def _counting(n_told: int, n_futures: int) -> sp.csr_matrix:
    """Entries of `spent` and of each `worth` in the rows that count them."""
    count = sp.lil_matrix((n_told + 1, n_told + n_futures + 2))
    count[0, 1] = 1.0
    for k in range(n_told):
        count[k + 1, n_futures + 2 + k] = 1.0
    return count.tocsr()
