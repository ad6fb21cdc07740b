"""The parts of a stress added up: one line for each closing, for pairs, and what the plan carries when all is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from khovor.case import Case
from khovor.report import Names
from khovor.studies.stress_part import LEFT, SOLD, TAKEN
from khovor.studies.stress_targets import Target, market_caps
from khovor.studies.stress_words import what
from khovor.units import SMALL

LEAST_T: Final = 0.5
"""Tonnes below which nobody rescues anything."""

LEAST_MUSD: Final = 1e-6
"""Losses below this are rounding."""

Loss = list[float] | None
By = Mapping[str, Loss]
"""By future: [MUSD lost, tonnes that no longer leave home, no longer sold]; None: rules cannot be kept."""


class Stress:
    """What the parts found. `given` are (part, result) of every task: the periods of a part, and its tables."""

    def __init__(
        self, case: Case, targets: Sequence[Target], given: Sequence[tuple[tuple[int, ...], Mapping[str, Any]]]
    ) -> None:
        self._targets, self._case, self._words = targets, case, Names(case)
        self._caps = market_caps(case)
        self._sign = -1.0 if case.terms.objective == "cost" else 1.0
        self._odds = {s.name: s.probability for s in case.scenarios}
        self._names = [p.name for p in case.horizon.periods]
        self.open: dict[str, list[float | None]] = defaultdict(list)
        self.carried: dict[str, float] = defaultdict(float)
        self._single: dict[tuple[int, int | None], list[dict[str, Any]]] = defaultdict(list)
        self._pairs: dict[tuple[int, int], list[tuple[tuple[int, ...], dict[str, Any]]]] = defaultdict(list)
        self._single_of: dict[tuple[tuple[int, ...], int], dict[str, Loss]] = defaultdict(dict)
        for periods, result in given:
            for w, worth in result["open"].items():
                self.open[w].append(worth)
            for name, tonnes in result["carried"].items():
                self.carried[name] += tonnes
            for entry in result["single"]:
                self._single[entry["targets"][0], entry["period"]].append(entry)
                if entry["period"] is None:
                    self._single_of[periods, entry["targets"][0]] |= entry["by"]
            for entry in result["pairs"]:
                self._pairs[entry["targets"][0], entry["targets"][1]].append((periods, entry))
        self._parts = list(dict.fromkeys(periods for periods, _ in given))

    def value(self, once: float) -> float | None:
        """Expected value of the plan with everything open [MUSD]; None where its rules cannot be kept."""
        if any(worth is None for found in self.open.values() for worth in found):
            return None
        return once + sum(self._odds[w] * worth for w, found in self.open.items() for worth in found if worth)

    def closures(self, value: float) -> list[dict[str, Any]]:
        """Every closing of one target that carries anything, for good first, then period by period; the worst first."""
        losses = {key: self._whole([entry["by"] for entry in entries]) for key, entries in self._single.items()}
        found = [self._closure(*key, losses[key], value) for key in losses if self._carries(key[0])]
        order = {name: place for place, name in enumerate(self._names)}
        worst = {(c["kind"], c["target"]): _rank(c["loss"]) for c in found if c["period"] is None}
        return sorted(found, key=lambda c: (-worst[c["kind"], c["target"]], c["target"], order.get(c["period"], -1)))

    def pairs(self, closures: Sequence[Mapping[str, Any]], value: float) -> list[dict[str, Any]]:
        """Every pair that loses more together than the worse of the two alone, the worst first."""
        alone = {(c["kind"], c["target"]): c for c in closures if c["period"] is None}
        found = []
        for (one, other), entries in self._pairs.items():
            known: dict[tuple[int, ...], dict[str, Loss]] = defaultdict(dict)
            for periods, entry in entries:
                known[periods] |= entry["by"]
            by = [self._of_pair(periods, one, other, known[periods]) for periods in self._parts]
            lost = self._whole(by)
            losses = [alone[t]["loss"] if (t := self._targets[x][:2]) in alone else 0.0 for x in (one, other)]
            if None in losses or (lost is not None and lost[0] <= max(losses) + LEAST_MUSD):
                continue
            found.append(
                {
                    "targets": [self._targets[x].name for x in (one, other)],
                    "kinds": [self._targets[x].kind for x in (one, other)],
                    **self._value(lost, value),
                    "alone": losses,
                    "together": None if lost is None else lost[0] - sum(losses),
                }
            )
        return sorted(found, key=lambda p: -_rank(p["loss"]))

    def _of_pair(self, periods: tuple[int, ...], one: int, other: int, known: By) -> dict[str, Loss]:
        """Losses of a pair in a part: where it was not solved, it loses what the worse of the two does."""
        ones, others = self._single_of[periods, one], self._single_of[periods, other]
        worse = {w: max((ones.get(w, _NOTHING), others.get(w, _NOTHING)), key=_first) for w in self._odds}
        return worse | dict(known)

    def _carries(self, place: int) -> bool:
        return any(entry["by"] or entry["used"] for entry in self._single[place, None])

    def _whole(self, parts: Sequence[By]) -> list[float] | None:
        """Expected loss over the parts of the horizon; None where the rules of a future cannot be kept."""
        total = [0.0, 0.0, 0.0]
        for by in parts:
            for w, loss in by.items():
                if loss is None:
                    return None
                total = [x + self._odds[w] * lost for x, lost in zip(total, loss, strict=True)]
        return total

    def _closure(self, place: int, t: int | None, lost: list[float] | None, value: float) -> dict[str, Any]:
        target, entries = self._targets[place], self._single[place, t]
        more, prices = _added(entries, "more"), _added(entries, "prices")
        by: dict[str, float] = defaultdict(float)
        for entry in entries:
            for w, loss in entry["by"].items():
                by[w] += 0.0 if loss is None else loss[0]
        return {
            "target": target.name,
            "kind": target.kind,
            "also": list(target.also),
            "what": what(self._case, self._words, target),
            "period": None if t is None else self._names[t],
            **self._value(lost, value),
            "rescued_by": list(self._rescuers(target, more)),
            "taken_by": list(self._takers(more)),
            "opening_usd_t_y": sum(entry["opening"] for entry in entries),
            "prices": [{"gate": gate, "usd_t_y": usd} for gate, usd in sorted(prices.items(), key=lambda p: -p[1])],
            "scenarios": {} if lost is None else {w: by[w] for w in self._odds if abs(by[w]) > LEAST_MUSD},
        }

    def _value(self, lost: list[float] | None, value: float) -> dict[str, Any]:
        """Objective and losses; all null where the rules cannot be kept."""
        if lost is None:
            return dict.fromkeys(("objective", "loss", "stranded_t", "unsold_t"))
        loss, left, sold = (0.0 if abs(x) < SMALL else x for x in lost)
        return {"objective": self._sign * (value - loss), "loss": loss, "stranded_t": left, "unsold_t": sold}

    def _rescuers(self, target: Target, more: Mapping[str, float]) -> Iterator[dict[str, Any]]:
        """Gates, and lanes without one that leave home, that carry more than before [t over the horizon].

        A gate that only caps what a market takes carries nothing: the market is told under `_takers`.
        """
        for name, tonnes in _most_first(more):
            if name not in (LEFT, SOLD, target.name, *self._caps) and not name.startswith(TAKEN):
                yield {"corridor": name, "t": tonnes}

    def _takers(self, more: Mapping[str, float]) -> Iterator[dict[str, Any]]:
        """Markets that take more than before, of all goods together [t over the horizon]."""
        for name, tonnes in _most_first(more):
            if name.startswith(TAKEN):
                yield {"market": self._words.place(name.removeprefix(TAKEN)), "t": tonnes}


def _most_first(more: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    return ((name, t) for name, t in sorted(more.items(), key=lambda item: -item[1]) if t >= LEAST_T)


_NOTHING: Final = [0.0, 0.0, 0.0]


def _first(loss: Loss) -> float:
    return float("inf") if loss is None else loss[0]


def _rank(loss: float | None) -> float:
    return float("inf") if loss is None else loss


def _added(entries: Sequence[Mapping[str, Any]], key: str) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for entry in entries:
        for name, amount in entry[key].items():
            total[name] += amount
    return total
