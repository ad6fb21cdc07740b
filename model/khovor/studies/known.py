"""The plans known so far and what is proved of all others, as the search for the best one under any odds goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from khovor.case import Case, with_odds
from khovor.decisions import Decisions
from khovor.errors import VerificationError
from khovor.studies.plans import Plan, Planner, Wanted
from khovor.units import FEASIBILITY

Odds = dict[str, float]
"""A probability for each future."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A solve under some odds: the plan it found, and above what no plan is worth under them [MUSD]."""

    odds: Odds
    plan: Plan
    bound: float


@dataclass(slots=True)
class Known:
    """Plans that are each the best known under some odds, the solves that were made, and plans made for other ends."""

    makes: Planner
    plans: list[Plan] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    made: list[Plan] = field(default_factory=list)

    def best(self, odds: Mapping[str, float]) -> Plan:
        """The best known plan under these odds."""
        return max(self.plans, key=lambda plan: plan.value(odds))

    def ask(self, asked: Mapping[str, Odds], starts: Mapping[str, Decisions] | None = None) -> None:
        """Solve under odds, by the name of each solve; begun from the best known plan, a better one is kept.

        A plan that is better by no more than the gap leaves out only what the proof leaves open as well. Where there
        are `starts`, each is begun from its own, and every plan is kept: it is wanted for more than these odds.
        """
        begin: Mapping[str, Decisions | None] = starts or {label: self._start(odds) for label, odds in asked.items()}
        wanted = [
            Wanted(label, partial(with_odds, odds=odds), {"odds": odds}, begin[label]) for label, odds in asked.items()
        ]
        for plan, odds in zip(self.makes.plans(wanted), asked.values(), strict=True):
            agrees(self.makes.case, plan, plan.value(odds))
            self.probes.append(Probe(odds, plan, max(plan.span.high, plan.value(odds))))
            if not self.plans or starts is not None or self._is_news(plan, odds):
                self.plans.append(plan)

    def ask_once(self, label: str, odds: Odds) -> None:
        """Solve under odds, unless there was a solve under them of this name."""
        if all(probe.plan.label != label for probe in self.probes):
            self.ask({label: odds})

    def make(self, wanted: Sequence[Wanted]) -> list[Plan]:
        """Plans of other ends than the best under some odds, kept beside those."""
        found = self.makes.plans(wanted)
        self.made += found
        return found

    def _start(self, odds: Odds) -> Decisions | None:
        return self.best(odds).decisions if self.plans else self.makes.source.options.start

    def _is_news(self, plan: Plan, odds: Odds) -> bool:
        best, scale = self.best(odds).value(odds), max(1.0, abs(plan.value(odds)))
        proved = plan.span.high - best <= self.makes.case.terms.mip_gap * abs(best)
        return not proved and plan.value(odds) > best + FEASIBILITY * scale

    def left_open(self, probe: Probe) -> float:
        """How much more than the best known a plan may be worth under the odds of a solve [MUSD]."""
        return max(0.0, probe.bound - self.best(probe.odds).value(probe.odds))


def own_odds(case: Case) -> Odds:
    """The probabilities of the workbook."""
    return {s.name: s.probability for s in case.scenarios}


def moved(odds: Mapping[str, float], scenario: str, p: float) -> Odds:
    """The odds when one future has probability p and the others share the rest in proportion.

    >>> moved({"a": 0.5, "b": 0.125, "c": 0.375}, "a", 0.0)
    {'a': 0.0, 'b': 0.25, 'c': 0.75}
    """
    rest = sum(own for w, own in odds.items() if w != scenario)
    return {w: p if w == scenario else (1.0 - p) * own / rest for w, own in odds.items()}


def agrees(case: Case, plan: Plan, found: float) -> None:
    """What a solve says of its plan is what it comes to future by future. Raises VerificationError.

    Where losses expire a large program says too little of its plan: of how it operates, no more than the tax is law.
    """
    said, scale = plan.span.low, max(1.0, *map(abs, plan.kept.values()))
    off = said - found if case.fiscal.expires else abs(said - found)
    if off > FEASIBILITY * scale:
        raise VerificationError(f"{plan.label}: worth {said:.6f} MUSD, but {found:.6f} valued future by future.")
