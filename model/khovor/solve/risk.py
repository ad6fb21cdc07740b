"""The worst futures in the objective: rows that say what each future is worth, and how far it is below the tail.

    maximise (1 - λ) · Σ_w probability[w] · value[w] + λ · (level - 1/α · Σ_w probability[w] · tail[w])
    tail[w] ≥ level - value[w],   tail[w] ≥ 0,   value[w] = spent + Σ_t worth[t, w]

which is (1 - λ) · expected value + λ · CVaR, the mean of the worst α of the futures. R. Rockafellar and S. Uryasev
(2000), Optimization of conditional value-at-risk. Under `cost`, value is minus cost. All in MUSD.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from khovor.formulation import Formulation
from khovor.formulation.objective import counts
from khovor.solve.arrays import INFINITY, Floats, Label, Matrix, Terms

RISK = ("level", "spent", "tail", "worth")
"""Columns that say what futures are worth: they follow from a plan and decide nothing."""


def with_risk(f: Formulation, matrix: Matrix) -> Matrix:
    """The program with `risk_weight` of its objective on the worst `risk_tail` of the futures."""
    terms, weight, alpha = _terms(matrix), f.case.terms.risk_weight, f.case.terms.risk_tail
    odds = np.array([s.probability for s in f.case.scenarios])
    told = [(t, w) for t in f.periods for w in f.told_apart[t]]
    columns: list[Label] = [("level", ()), ("spent", ()), *(("tail", (w,)) for w in f.scenarios)]
    columns += [("worth", key) for key in told]
    first, n_futures = matrix.shape[1], len(odds)
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
    cost[0], cost[2 : 2 + n_futures] = sign * weight, -sign * weight * odds / alpha
    free = np.where([name == "tail" for name, _ in columns], 0.0, -INFINITY)
    rows: list[Label] = [("spent_counted", ()), *(("worth_counted", key) for key in told)]
    rows += [("tail_counted", (w,)) for w in f.scenarios]
    risky = matrix.with_entries(
        sp.vstack([above, below]),
        cost=np.append((1.0 - weight) * matrix.cost, cost),
        offset=(1.0 - weight) * matrix.offset,
        row_lower=np.append(matrix.row_lower, np.full(len(rows), -INFINITY)),
        row_upper=np.concatenate([matrix.row_upper, constants, np.zeros(n_futures)]),
        col_lower=np.append(matrix.col_lower, free),
        col_upper=np.append(matrix.col_upper, np.full(len(columns), INFINITY)),
        integer=np.append(matrix.integer, np.zeros(len(columns), dtype=np.bool_)),
        columns=[*matrix.columns, *columns],
        rows=[*matrix.rows, *rows],
    )
    wider = sp.hstack([terms.entries, sp.csr_matrix((len(terms.keys), len(columns)))]).tocsr()
    return replace(risky, terms=replace(terms, entries=wider))


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
