"""Where every cost of a plan goes: from plants and goods, by the share each takes, to what is sold.

- Goods of a pool that lead to a sale carry its cost, by tonnes; what is disposed of, lost on the way or left at the end
  carries none.
- An activity hands its cost to the products it makes that lead to a sale, by relative sales value: tonnes (less those
  disposed of on the spot) x the value of the product in the case. Products of no value get nothing beside one that has
  some; where none has, tonnes count.
- What is made and leads to no sale is a residue: its cost, be it freight, treatment or disposal, goes back to whoever
  made it. An activity that leads to no sale hands its cost to the residues it takes in, or where it takes none, back to
  all it takes in.
- What a plant costs whether it runs or not is carried by its activity, expected and discounted, alike in every year
  (levelised). A plant that does not run is carried by the plants beside it that require it, by their own such cost.
- What is then left leads to nothing that is sold: it is shared by all that is, by revenue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from khovor.case import PlantKey, values
from khovor.finance.charges import Place, Pool, by_place, charges, weighed
from khovor.finance.goods import Goods, Move, State, normal
from khovor.verify.plan import Flow, Run, Sold
from khovor.verify.view import View


class Lot(NamedTuple):
    """Goods of one sale that came by the same way."""

    sale: Sold
    passed: tuple[str, ...]


Account = State | Run | PlantKey | Lot

Arcs = Mapping[Account, list[tuple[Account, float]]]
"""To whom each account hands its cost, with the share; the shares of one add up to 1, or there are none."""


@dataclass(frozen=True)
class Accounts:
    """The accounts of a plan."""

    view: View
    goods: Goods

    @cached_property
    def lots(self) -> dict[Lot, float]:
        """All that is sold, by its way out [t over the period]."""
        return {
            Lot(sale, state.passed): tonnes * share
            for pool, rows in self.goods.sales.items()
            for state, share in self.goods.states.get(pool, {}).items()
            for sale, tonnes in rows
        }

    @cached_property
    def direct(self) -> dict[Account, dict[str, float]]:
        """What each account is charged in the first place, by term [MUSD]."""
        found: dict[Account, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for place, terms in self._charged.items():
            for account, share in self._bearers(place).items():
                for term, musd in terms.items():
                    found[account][term] += share * musd
        return found

    @cached_property
    def _charged(self) -> dict[Place, dict[str, float]]:
        return by_place(charges(self.view))

    def _bearers(self, place: Place) -> Mapping[Account, float]:
        """Accounts that are charged what is paid at a place, by share; none where nothing is there."""
        states = self.goods.states
        if isinstance(place, Pool):
            return {state: share for state, share in states.get(place, {}).items()}
        if isinstance(place, Flow):
            start, end = (Pool(node, *place.commodity, place.t, place.w) for node in (place.start, place.end))
            move = Move(place, end, 0.0, 0.0)
            found: dict[Account, float] = defaultdict(float)
            for state, share in states.get(start, {}).items():
                found[self.goods.after(state, move)] += share
            return found
        if isinstance(place, Sold):
            pool = Pool(place.node, *place.commodity, place.t, place.w)
            return {Lot(place, state.passed): share for state, share in states.get(pool, {}).items()}
        return {place: 1.0}

    @cached_property
    def live(self) -> frozenset[Hashable]:
        """Pools and activities that lead to a sale."""
        goods, back = self.goods, defaultdict[Hashable, list[Hashable]](list)
        for pool, moves in goods.moves.items():
            for move in moves:
                back[move.end].append(pool)
        for pool, rows in goods.made.items():
            back[pool] += [run for run, _ in rows]
        for pool, rows in goods.used.items():
            for run, _ in rows:
                back[run].append(pool)
        return _reached(back, goods.sales)

    @cached_property
    def residues(self) -> frozenset[Hashable]:
        """Pools of what is made and leads to no sale."""
        goods, onward = self.goods, dict[Hashable, list[Hashable]]()
        for pool, moves in goods.moves.items():
            onward[pool] = [move.end for move in moves if move.end not in self.live]
        return _reached(onward, [pool for pool in goods.made if pool not in self.live])

    @cached_property
    def arcs(self) -> Arcs:
        """Who hands what to whom."""
        found: dict[Account, list[tuple[Account, float]]] = {}
        for pool, states in self.goods.states.items():
            for state in states:
                taken = self._back(state) if pool in self.residues else self._onward(state)
                found[state] = list(normal(taken).items())
        for run, recipe in self.view.runs:
            made = {Pool(run.node, *c, run.t, run.w): per_t for c, per_t in recipe.balance.items()}
            handed = self._made(made) if run in self.live else self._returned(made)
            found[run] = list(normal(handed).items())
        for plant, shares in self._plants.items():
            found[plant] = list(normal(shares).items())
        return found

    def _onward(self, state: State) -> dict[Account, float]:
        """What takes goods out of a pool for something."""
        pool, found = state.pool, defaultdict[Account, float](float)
        for move in self.goods.moves.get(pool, ()):
            if move.end not in self.residues and move.arrive > 0:
                found[self.goods.after(state, move)] += move.tonnes
        for run, tonnes in self.goods.used.get(pool, ()):
            found[run] += tonnes
        for sale, tonnes in self.goods.sales.get(pool, ()):
            found[Lot(sale, state.passed)] += tonnes
        return found

    def _back(self, state: State) -> dict[Account, float]:
        """Who the residues of a state came from."""
        found = defaultdict[Account, float](float, self._arrived.get(state, {}))
        for run, tonnes in self.goods.made.get(state.pool, ()) if not state.passed else ():
            found[run] += tonnes
        return found

    @cached_property
    def _arrived(self) -> Mapping[State, dict[Account, float]]:
        """For each state of residues the states it came from."""
        found: dict[State, dict[Account, float]] = defaultdict(dict)
        for pool, moves in self.goods.moves.items():
            for move in moves:
                for state, share in self.goods.states.get(pool, {}).items() if move.end in self.residues else ():
                    end = self.goods.after(state, move)
                    found[end][state] = found[end].get(state, 0.0) + share * move.arrive
        return found

    def _made(self, balance: Mapping[Pool, float]) -> dict[Account, float]:
        """Products that lead to a sale, by relative sales value."""
        tonnes = {p: per_t * self._kept(p) for p, per_t in balance.items() if per_t > 0 and p in self.live}
        worth = {p: t * self._values[p.product] for p, t in tonnes.items()}
        return {State(p, ()): amount for p, amount in (worth if any(worth.values()) else tonnes).items()}

    def _kept(self, pool: Pool) -> float:
        """The share of a pool that is not disposed of, nor left at the end."""
        return 1.0 - self.goods.gone.get(pool, 0.0) / self.goods.outflow[pool]

    @cached_property
    def _values(self) -> Mapping[str, float]:
        return values(self.view.case)

    def _returned(self, balance: Mapping[Pool, float]) -> dict[Account, float]:
        """What an activity that leads to no sale takes in: the residues, else all."""
        taken = {p: -per_t for p, per_t in balance.items() if per_t < 0}
        taken = {p: t for p, t in taken.items() if p in self.residues} or taken
        return {s: t * share for p, t in taken.items() for s, share in self.goods.states.get(p, {}).items()}

    @cached_property
    def _plants(self) -> dict[PlantKey, dict[Account, float]]:
        """Who carries what each plant costs whether it runs or not."""
        found: dict[PlantKey, dict[Account, float]] = {plant.key: {} for plant in self.view.case.plants}
        for run, weight in weighed(self.view, (run for run, _ in self.view.runs)).items():
            found[run.plant][run] = weight
        cost = {p: sum(map(abs, terms.values())) for p, terms in self._charged.items() if isinstance(p, PlantKey)}
        for plant in self.view.case.plants:
            if not found[plant.key]:
                found[plant.key] = {
                    other.key: cost[other.key]
                    for other in self.view.case.plants
                    if (other.key.node, other.requires) == (plant.key.node, plant.key.process) and other.key in cost
                }
        return found


def _reached(arcs: Mapping[Hashable, list[Hashable]], starts: Iterable[Hashable]) -> frozenset[Hashable]:
    """All that can be reached from some places, these included."""
    found = set(starts)
    ahead = list(found)
    while ahead:
        for k in arcs.get(ahead.pop(), ()):
            if k not in found:
                found.add(k)
                ahead.append(k)
    return frozenset(found)
