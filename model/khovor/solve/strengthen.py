"""Rows that no plan breaks but fractions of plants do: they cut the relaxation down to what whole plants can do.

Written for every future and period, from bounds that hold whatever is built (`network.throughput`, `network.chains`):

    Σ_{x in g} act[x,t,w] ≤ Σ_v min(cap, most_g) · build[o,v]        g: recipes of a plant on one origin
    Σ_{x of k} act[x,t,w] ≤ most_k · Σ units of i online             k can do nothing while no unit of i is online
    sell[q,t,w] ≤ demand[q,t,w] · Σ units of i online                only i makes what q takes

The first is the variable upper bound of facility location, told apart by origin; the others carry it along the chain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from khovor.formulation import Formulation
from khovor.network import Group, Missing, build_periods, chains, step_of, unit_capacity
from khovor.solve.arrays import INFINITY, Label, Matrix
from khovor.solve.counts import Anywhere, Row, with_counts, with_rows
from khovor.units import T_PER_KT

WORTH_A_ROW = 1.0 - 1e-6
"""A bound that takes less than this share off a unit's capacity is not worth a row."""

Units = dict[int, float]
"""Capacity [kt/y] by column of the units that may be online."""


def strengthened(formulation: Formulation, matrix: Matrix) -> Matrix:
    """The matrix with counting integers and these rows at its end: the same plans, a tighter relaxation."""
    counted, anywhere = with_counts(formulation, matrix)
    whole = WholeUnits.of(formulation, matrix.places, anywhere)
    return with_rows(counted, list(whole.rows(matrix.places, formulation.told_apart)), [], integer=False)


@dataclass(frozen=True, slots=True)
class WholeUnits:
    """What the rows are stated from, found once: units that may be online, and what hangs on them.

    `online` by process, node and period; `anywhere` by process and period, as counts where several sites share them.
    """

    f: Formulation
    online: dict[tuple[str, str, int], Units]
    anywhere: Anywhere
    groups: dict[tuple[str, str, int], dict[Group, list[int]]]
    run: dict[int, dict[Group, list[int]]]
    missing: Sequence[Mapping[str, Missing]]

    @classmethod
    def of(cls, f: Formulation, places: Mapping[Label, int], counted: Anywhere) -> WholeUnits:
        """`places` are the columns of decisions by label, `counted` those of the counts."""
        online = _online(f, places)
        anywhere = dict(counted)
        for (process, _, t), units in online.items():
            if (process, t) not in counted:
                anywhere[process, t] = list(units)
        return cls(f, online, anywhere, _groups(f), _run(f), chains(f.case, f.network.reached))

    def asked(self, periods: Sequence[int], w: str) -> tuple[float, ...]:
        """What the rows of these periods ask of a future: equal answers, equal rows."""
        at, case = self.f.conditions[w], self.f.case
        plants = [at.factor("capacity", "plant", (n, process), t) for process, n, t in self.groups if t in periods]
        return (*plants, *(at.factor("demand", "market", m.key, t) for m in case.markets for t in periods))

    def rows(
        self, places: Mapping[Label, int], apart: Sequence[Sequence[str]], *, steady: bool = False
    ) -> Iterator[Row]:
        """The rows of the futures that are told apart in each period.

        `steady`: also those that say nothing in a future, so that all futures have the same.
        """
        yield from self.within_units(places, apart, steady)
        yield from self.along_chains(places, apart)

    def within_units(self, places: Mapping[Label, int], apart: Sequence[Sequence[str]], steady: bool) -> Iterator[Row]:
        """What a plant does on one origin, or by one recipe, hangs on whole units."""
        for (process, node, t), members in self.groups.items():
            units = self.online.get((process, node, t), {})
            for w in apart[t] if units else ():
                factor = self.f.conditions[w].factor("capacity", "plant", (node, process), t)
                for group, activities in members.items():
                    most = _most(self.f, group, node, t)
                    if (1.0 if steady else factor) * max(units.values()) * WORTH_A_ROW > most:
                        able = {unit: -min(factor * capacity, most) for unit, capacity in units.items()}
                        yield {places["act", (x, t, w)]: 1.0 for x in activities} | able, -INFINITY, 0.0

    def along_chains(self, places: Mapping[Label, int], apart: Sequence[Sequence[str]]) -> Iterator[Row]:
        """What is done or sold hangs on units of the processes that it cannot do without."""
        for (process, t), units in self.anywhere.items():
            if process in self.missing[t] and apart[t]:
                without = self.missing[t][process]
                told = (*self._stopped(process, t, without, apart[t]), *self._unsold(process, t, without, apart[t]))
                for terms, most in told:
                    yield {places[label]: 1.0 for label in terms} | dict.fromkeys(units, -most), -INFINITY, 0.0

    def _stopped(
        self, process: str, t: int, missing: Missing, futures: Sequence[str]
    ) -> Iterator[tuple[list[Label], float]]:
        """(activities, most of them together) of each process that stops without this one, for each future [kt/y]."""
        for group, activities in self.run[t].items():
            most = self.f.network.throughput[t].get(group, INFINITY) / T_PER_KT
            steps = {step_of(self.f.network.activities[x], "") for x in activities}
            if group.process != process and most < INFINITY and steps <= missing.steps:
                for w in futures:
                    yield [("act", (x, t, w)) for x in activities], most

    def _unsold(
        self, process: str, t: int, missing: Missing, futures: Sequence[str]
    ) -> Iterator[tuple[list[Label], float]]:
        """(sale, most of it) of what this process alone makes, for each tier and future [kt/y]."""
        f = self.f
        made = {c for a in f.network.activities if a.plant.key.process == process for c in a.outputs}
        for q, when in f.network.sells:
            market, commodity = f.network.offers[q].market, f.network.offers[q].commodity
            if when != t or commodity not in made & missing.goods:
                continue
            supply = f.network.supply[t].get(commodity, INFINITY)
            content = market.content[commodity.origin]
            share = f.case.horizon.share(t, market.window)
            for w in futures:
                taken = f.conditions[w].factor("demand", "market", market.key, t) * share
                demand = INFINITY if market.max_t_y is None or not content else taken * market.max_t_y / content
                most = min(supply, demand) / T_PER_KT
                if most < INFINITY:
                    yield [("sell", (q, t, w))], most


def _online(f: Formulation, places: Mapping[Label, int]) -> dict[tuple[str, str, int], Units]:
    """Units that may be online by process, node and period; processes of which some stand today are left out."""
    standing = {option.key.process for option in f.case.options if option.existing_units}
    found: dict[tuple[str, str, int], Units] = defaultdict(dict)
    for o, option in enumerate(f.case.options):
        for v in build_periods(f.case, option) if option.key.process not in standing else ():
            for t in f.periods[v:]:
                able = unit_capacity(f.case, option, v, t) / T_PER_KT
                if able > 0:
                    found[option.key.process, option.key.node, t][places["build", (o, v)]] = able
    return dict(found)


def _groups(f: Formulation) -> dict[tuple[str, str, int], dict[Group, list[int]]]:
    """Activities by plant and period, and there by origin and by recipe; groups of the same activities once."""
    found: dict[tuple[str, str, int], dict[Group, list[int]]] = defaultdict(lambda: defaultdict(list))
    for x, t in f.network.acts:
        activity = f.network.activities[x]
        process, recipe = activity.plant.key.process, activity.recipe
        members = found[process, activity.node, t]
        members[Group(process, "", recipe.origin)].append(x)
        members[Group(process, "", recipe.origin, recipe.name)].append(x)
    return {key: _told_once(members) for key, members in found.items()}


def _told_once(members: dict[Group, list[int]]) -> dict[Group, list[int]]:
    """The groups without those that are the whole plant, whose capacity row says it already, or another one again."""
    everything = {x for activities in members.values() for x in activities}
    once = {tuple(activities): group for group, activities in members.items() if len(activities) < len(everything)}
    return {group: list(activities) for activities, group in once.items()}


def _most(f: Formulation, group: Group, node: str, t: int) -> float:
    """The most of a group, in the country or at the node [kt/y]."""
    known = f.network.throughput[t]
    return min(known.get(group._replace(node=place), INFINITY) for place in ("", node)) / T_PER_KT


def _run(f: Formulation) -> dict[int, dict[Group, list[int]]]:
    """Activities by period, and there by process (at a node, where it takes or gives what cannot be moved)."""
    found: dict[int, dict[Group, list[int]]] = defaultdict(lambda: defaultdict(list))
    for x, t in f.network.acts:
        activity = f.network.activities[x]
        process = activity.plant.key.process
        settled = Group(process, activity.node) in f.network.throughput[t]
        found[t][Group(process, activity.node if settled else "")].append(x)
    return found
