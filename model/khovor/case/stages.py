"""The stages of making a product, derived from the recipes: ore, concentrate, mixed carbonate, oxide, metal.

The chain begins at the processes that make what the deposits hold, and goes on along every product of worth, or that
leads to one, which another process takes in. A process stands as many stages behind the first as the longest chain that
leads to it. Processes that feed one another in a circle are one stage. So are all that turn a traced product into one
that is not: with that step the metals are apart, however many circuits it takes. A process off the chain (an acid
plant, a place for residues, the site itself) belongs to no stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from khovor.case.domain import Case, Commodity, Recipe
from khovor.case.values import values


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, named after the product of most worth that it hands on (of the last: that it makes), and its processes.

    `product` is "" where an analyst has named the stage, by `name`.
    """

    name: str
    product: str
    processes: tuple[str, ...]


def stages(case: Case) -> tuple[Stage, ...]:
    """The stages of a case from the ground up; none where nothing is mined or made from nothing."""
    chain = _Chain(case)
    ranks = chain.ranks()
    found = []
    for rank in sorted(set(ranks.values())):
        processes = tuple(k for k in case.processes if ranks.get(k) == rank)
        onward = [k for k, other in ranks.items() if other > rank]
        product = chain.main_product(processes, onward)
        found.append(Stage(case.products[product].label, product, processes))
    return tuple(found)


class _Chain:
    """Which process takes in what another makes."""

    def __init__(self, case: Case) -> None:
        self._case, self._value = case, values(case)
        self._made: dict[str, dict[str, float]] = {}
        self._taken: dict[str, set[str]] = {}
        self._parts: set[str] = set()
        recipes = [recipe for plant in case.plants for recipe in plant.recipes]
        self._worthy = _leading_to_worth(recipes, {name for name, value in self._value.items() if value > 0})
        for recipe in recipes:
            self._learn(recipe.process, recipe.balance)

    def _learn(self, process: str, balance: Mapping[Commodity, float]) -> None:
        made, taken = self._made.setdefault(process, {}), self._taken.setdefault(process, set())
        for commodity, amount in balance.items():
            name = commodity.product
            if amount < 0:
                taken.add(name)
            elif name in self._worthy:
                made[name] = max(made.get(name, 0.0), amount * self._value[name])
        traced_in = any(self._traced(c.product) for c, a in balance.items() if a < 0)
        if traced_in and any(c.product in made and not self._traced(c.product) for c, a in balance.items() if a > 0):
            self._parts.add(process)

    def _traced(self, product: str) -> bool:
        return self._case.products[product].traced

    @cached_property
    def _roots(self) -> set[str]:
        """Where the chain begins: mines, or without deposits whatever is made from nothing that is made."""
        mined = {d.product for d in self._case.deposits}
        mines = {k for k, made in self._made.items() if mined & set(made) and not mined & self._taken[k]}
        if mines:
            return mines
        all_made = {name for made in self._made.values() for name in made}
        return {k for k, made in self._made.items() if made and not self._taken[k] & all_made}

    def _next(self) -> dict[str, set[str]]:
        """For each process on the chain those it feeds, the separating ones bound to one another."""
        goods: set[str] = set()
        chain: set[str] = set()
        ahead = list(self._roots)
        while ahead:
            process = ahead.pop()
            if process not in chain:
                chain.add(process)
                goods |= set(self._made[process])
                ahead += [k for k, taken in self._taken.items() if taken & goods and self._made[k]]
        after = {k: {j for j in chain if set(self._made[k]) & self._taken[j]} for k in chain}
        for k in self._parts & chain:
            after[k] |= self._parts & chain - {k}
        return after

    def ranks(self) -> dict[str, int]:
        """The stage of each process on the chain, 0 being the first."""
        after = self._next()
        reach = {k: _reached(after, k) for k in after}
        circle = {k: frozenset(j for j in reach[k] if k in reach[j]) | {k} for k in after}
        rank: dict[frozenset[str], int] = {}

        def depth(group: frozenset[str]) -> int:
            if group not in rank:
                before = {circle[j] for j in after if circle[j] != group and after[j] & group}
                rank[group] = 1 + max((depth(other) for other in before), default=-1)
            return rank[group]

        return {k: depth(circle[k]) for k in after}

    def main_product(self, processes: Iterable[str], onward: Iterable[str]) -> str:
        """The product of most worth, per tonne of what makes it, that processes hand on; else that they make."""
        made: dict[str, float] = {}
        for process in processes:
            for name, worth in self._made[process].items():
                made[name] = max(made.get(name, 0.0), worth)
        wanted = {name for process in onward for name in self._taken[process]}
        handed = {name: worth for name, worth in made.items() if name in wanted}
        return max(handed or made, key=lambda name: (handed or made)[name])


def _leading_to_worth(recipes: Iterable[Recipe], worthy: set[str]) -> set[str]:
    """Products of worth, and those from which a process makes one."""
    told = [
        ({c.product for c, a in r.balance.items() if a < 0}, {c.product for c, a in r.balance.items() if a > 0})
        for r in recipes
    ]
    while more := {name for taken, made in told if made & worthy for name in taken} - worthy:
        worthy = worthy | more
    return worthy


def _reached(after: Mapping[str, set[str]], start: str) -> set[str]:
    """All that lies ahead of a process."""
    found: set[str] = set()
    ahead = list(after[start])
    while ahead:
        k = ahead.pop()
        if k not in found:
            found.add(k)
            ahead += after[k]
    return found
