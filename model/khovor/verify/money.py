"""The money of a plan, recomputed: every named term, the objective they add up to, the bound, the probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from khovor.case import Levies
from khovor.units import FEASIBILITY
from khovor.verify.capital import capital_terms
from khovor.verify.check import MONEY, Check, Subject, at_least, at_most, equal, fact
from khovor.verify.fiscal import Accounts, levy_terms, state_terms
from khovor.verify.instruments import support_terms
from khovor.verify.operations import operating_terms
from khovor.verify.plan import Plan
from khovor.verify.policies import Measured, penalty_terms
from khovor.verify.view import View, summed

TERMS = "every money term is what case and plan make it"
OBJECTIVE = "the objective is the expected sum of the terms, the worst futures weighed as asked"
SENSE = "value is maximised, cost minimised"
BOUND = "the bound is on the right side of the objective"
GAP = "the gap told is the gap there is"
PROOF = "an optimal plan is within the gap asked for"
FUTURES = "the futures' probabilities add up to 1"

Key = tuple[str, str, int]

GAP_NOISE = 1.0e-9
"""A gap is a ratio of two numbers known to the last digits: rounding may move it by this much and no more."""


def terms_of(view: View, kept: Iterable[Measured], accounts: Accounts) -> dict[Key, float]:
    """Every term by name, scenario ("" = all) and period [MUSD]."""
    levied = levy_terms(view, Levies(view.case))
    entries = [*capital_terms(view), *operating_terms(view), *levied, *support_terms(view)]
    entries += [*state_terms(view, entries, accounts), *penalty_terms(view, kept)]
    return summed(((term, w, t), musd) for term, w, t, musd in entries)


def value(view: View, terms: Mapping[Key, float]) -> float:
    """The objective of these terms [MUSD]: value, or cost without revenue, of all futures and of the worst."""
    futures, settings = view.case.scenarios, view.case.terms
    cost = settings.objective == "cost"
    counted = {key: musd for key, musd in terms.items() if not (cost and key[0] == "revenue")}
    once = sum(musd for (_, w, _), musd in counted.items() if not w)
    worth = {s.name: once for s in futures}
    for (_, w, _), musd in counted.items():
        if w:
            worth[w] += musd
    total = expected = sum(s.probability * worth[s.name] for s in futures)
    weight, unsure = settings.risk_weight, view.case.ambiguity
    if unsure is not None:
        total = least_mean((worth[w] - unsure.par[w], unsure.low[w], unsure.high[w]) for w in worth)
    elif weight:
        worst = worst_mean([(worth[s.name], s.probability) for s in futures], settings.risk_tail)
        total = (1.0 - weight) * expected + weight * worst
    return -total if cost else total


def worst_mean(worths: Iterable[tuple[float, float]], tail: float) -> float:
    """CVaR: the mean of the lowest of (value, probability) that make up `tail` of the probability, the last in part.

    >>> worst_mean([(10.0, 0.5), (0.0, 0.25), (-8.0, 0.25)], 0.5)
    -4.0
    """
    return least_mean((worth, 0.0, odds / tail) for worth, odds in worths)


def least_mean(worths: Iterable[tuple[float, float, float]]) -> float:
    """The least mean of values whose weights, 1 together, lie between two bounds each: (value, low, high).

    >>> least_mean([(10.0, 0.5, 1.0), (0.0, 0.0, 1.0), (-8.0, 0.0, 0.25)])
    3.0
    """
    listed = sorted(worths)
    left = 1.0 - sum(low for _, low, _ in listed)
    total = sum(low * worth for worth, low, _ in listed)
    for worth, low, high in listed:
        taken = max(0.0, min(high - low, left))
        total += taken * worth
        left -= taken
    return total


def terms_agree(view: View, terms: Mapping[Key, float]) -> Iterator[Check]:
    """Each term of the plan equals the checker's own; a term only one of them has counts as 0 in the other."""
    told = summed(((row.term, row.w, row.t), row.musd) for row in view.tables.terms)
    for key in sorted({*told, *terms}):
        term, w, t = key
        yield equal(TERMS, view.subject(term, t, w), told.get(key, 0.0), terms.get(key, 0.0), unit="MUSD", floor=MONEY)


def objective_agrees(view: View, plan: Plan, objective: float) -> Iterator[Check]:
    """The plan's objective is the checker's, in the sense the case asks for."""
    yield equal(OBJECTIVE, Subject("objective"), plan.objective, objective, unit="MUSD", floor=MONEY)
    wanted = "minimize" if view.case.terms.minimises else "maximize"
    yield fact(SENSE, Subject("objective"), plan.sense == wanted, f"{plan.sense}, expected {wanted}.")


def bound_is_consistent(view: View, plan: Plan) -> Iterator[Check]:
    """No plan beats its bound, the gap is the distance between them, and a proved plan is as close as was asked."""
    compare = at_most if plan.sense == "minimize" else at_least
    yield compare(BOUND, Subject("bound"), plan.bound, plan.objective, unit="MUSD", floor=MONEY)
    apart = abs(plan.bound - plan.objective) if plan.bound != plan.objective else 0.0
    gap = apart / max(abs(plan.objective), GAP_NOISE) if apart else 0.0
    same = plan.gap == gap or abs(plan.gap - gap) <= GAP_NOISE + FEASIBILITY * gap
    yield fact(
        GAP, Subject("gap"), same, f"{plan.gap:.10g}, but objective and bound are {gap:.10g} apart.", plan.gap, gap
    )
    if plan.status == "optimal":
        allowed = view.case.terms.mip_gap * abs(plan.objective)
        yield at_most(PROOF, Subject("optimality"), apart, allowed, unit="MUSD", floor=max(MONEY, abs(plan.objective)))


def probabilities_add_up(view: View) -> Iterator[Check]:
    """Probabilities are shares and sum to one."""
    futures = view.case.scenarios
    for future in futures:
        sound = 0.0 <= future.probability <= 1.0
        subject = Subject(f"future {future.name}", at=future.at)
        yield fact(FUTURES, subject, sound, f"probability {future.probability}.", future.probability, 1.0)
    total = sum(future.probability for future in futures)
    yield equal(FUTURES, Subject("all futures"), total, 1.0, unit="", floor=1.0)
