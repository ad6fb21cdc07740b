"""What odds prove of regret: against enumeration of all plans, whatever the odds and however loose the proofs."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from unittest import mock

import numpy as np
import pytest
from scipy.optimize import linprog
from test_ambiguity import mines

from khovor.decisions import Decisions
from khovor.studies.known import Known, Odds, Probe
from khovor.studies.plans import Plan, Span
from khovor.studies.regret_odds import hardest, prove_by_odds, proved
from khovor.studies.slots_for_all import with_slots_of

SLOTS = {"G": 10.0, "K": 7.0}

NOTHING = {"builds": [], "closures": [], "projects": [], "bookings": []}


class Enumerated(Known):
    """Known plans of a few mines; a solve is an enumeration of all plans, whose bound is loose by `open_` [MUSD]."""

    def __init__(self, every: list[Plan], open_: float) -> None:
        super().__init__(makes=None)  # type: ignore[arg-type]
        self.every, self.open = every, open_

    def ask(self, asked: Mapping[str, Odds], starts: Mapping[str, Decisions] | None = None) -> None:
        """The best of all plans under each of the odds."""
        for odds in asked.values():
            best = max(self.every, key=lambda plan: plan.value(odds))
            self.probes.append(Probe(odds, best, best.value(odds) + self.open))
            self.plans.append(best)


def game(seed: int, open_: float = 0.0) -> tuple[Enumerated, dict[str, Span]]:
    """All plans of some mines, with the best of each future and even odds asked already."""
    _, worths = mines(seed)
    every = [Plan(f"plan {n}", NOTHING, plan, 0.0) for n, plan in enumerate(worths)]
    best = {w: Span(*[max(plan.worths[w] or 0.0 for plan in every)] * 2) for w in worths[0]}
    known = Enumerated(every, open_)
    known.ask({"own odds": dict.fromkeys(best, 1.0 / len(best))})
    return known, best


def least_regret(known: Enumerated, best: Mapping[str, Span]) -> float:
    """The least of the greatest regret of all plans."""
    return min(max(best[w].low - worth for w, worth in plan.kept.items()) for plan in known.every)


def lottery(known: Enumerated, best: Mapping[str, Span]) -> float:
    """The least of the greatest mean regret over all lotteries of plans, by its own linear program."""
    regrets = np.array([[best[w].low - plan.kept[w] for w in best] for plan in known.every])
    plans, futures = regrets.shape
    answer = linprog(
        np.append(np.zeros(plans), 1.0),
        A_ub=np.hstack([regrets.T, -np.ones((futures, 1))]),
        b_ub=np.zeros(futures),
        A_eq=[np.append(np.ones(plans), 0.0)],
        b_eq=[1.0],
        bounds=[(0, None)] * plans + [(None, None)],
    )
    return float(answer.fun)


def test_the_hardest_odds_by_hand() -> None:
    """One plan regrets 2 in a bust, the other 1 in a boom: at odds of 2 : 1 for the boom either regrets two thirds."""
    best = {"boom": Span(5.0, 5.0), "bust": Span(1.0, 1.0)}
    plans = [Plan("a", NOTHING, {"boom": 5.0, "bust": -1.0}, 0.0), Plan("b", NOTHING, {"boom": 4.0, "bust": 1.0}, 0.0)]
    odds, most = hardest(plans, best)
    assert odds == pytest.approx({"boom": 2 / 3, "bust": 1 / 3})
    assert most == pytest.approx(2 / 3)


def test_a_plan_that_breaks_the_rules_of_a_future_plays_no_part() -> None:
    """It has no regret there to weigh; where every plan is such, there is no game."""
    best = {"boom": Span(5.0, 5.0), "bust": Span(1.0, 1.0)}
    broken = Plan("broken", NOTHING, {"boom": 5.0, "bust": None}, 0.0)
    whole = Plan("whole", NOTHING, {"boom": 4.0, "bust": 1.0}, 0.0)
    assert hardest([broken, whole], best)[1] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="No plan keeps the rules"):
        hardest([broken], best)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_proved_holds_whatever_the_odds(seed: int) -> None:
    """Under random odds, with proofs that leave something open, no plan regrets less than what is proved."""
    dice = random.Random(seed)
    known, best = game(seed, dice.choice([0.0, 0.1]))
    for _ in range(5):
        weights = {w: dice.random() for w in best}
        known.ask({"random odds": {w: weight / sum(weights.values()) for w, weight in weights.items()}})
    assert 0.0 <= proved(known.probes, best) <= least_regret(known, best) + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_rounds_prove_what_a_lottery_regrets(seed: int) -> None:
    """With rounds enough, odds prove what the best lottery over all plans regrets, and no more than any plan does."""
    known, best = game(seed)
    with mock.patch.object(sys.modules["khovor.studies.regret_odds"], "ROUNDS", 60):
        prove_by_odds(known, lambda: best, 1e-9)
    assert proved(known.probes, best) == pytest.approx(max(0.0, lottery(known, best)), abs=1e-6)
    assert proved(known.probes, best) <= least_regret(known, best) + 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_a_few_rounds_prove_no_less_than_the_first(seed: int) -> None:
    """Whatever is left open of each solve, what is proved only grows, and ends at the rounds there are."""
    known, best = game(seed, 0.05)
    before = proved(known.probes, best)
    prove_by_odds(known, lambda: best, 0.0)
    assert before <= proved(known.probes, best) <= least_regret(known, best) + 1e-9
    assert len(known.probes) <= 1 + 2 * 4


def test_slots_of_another_plan_beside_its_own() -> None:
    """The more of both at each gate and period; a plan that lacks none, or builds what is known, is left out."""

    def plan(label: str, built: str, **slots: float) -> Plan:
        bookings = [{"gate": gate, "period": "p", "t_y": t_y} for gate, t_y in slots.items()]
        return Plan(label, {**NOTHING, "builds": [{"process": built}], "bookings": bookings}, {}, 0.0)

    own = plan("own odds", "mine", G=10.0, K=5.0)
    (wanted,) = with_slots_of(
        [own, plan("a", "mill", G=20.0), plan("b", "mill", G=1.0), plan("c", "kiln", **SLOTS)], own
    )
    assert wanted.label == "a, more slots"
    assert wanted.made is not None
    assert {b["gate"]: b["t_y"] for b in wanted.made["bookings"]} == {"G": 20.0, "K": 5.0}
    assert wanted.made["builds"] == [{"process": "mill"}]
