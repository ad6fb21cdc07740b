"""Chains of places that only pass goods on, contracted to corridors: fewer columns and rows, and the same plans.

Where nothing is made, used, sold, bought, disposed of or stored of a commodity at a place, what arrives leaves:

    Σ_in (1-loss)·ship = Σ_out ship                      (the balance of the place, in that period)

Shipments >= 0 that keep this are the sums of those that come in on one leg and go out on another: a leg into the place
and a leg out of it are put together for each pair of them, the two and the balance go, and the program reads as before
with the shipments written as such sums (x = T y). On every leg of a corridor goes what the legs before have not lost,
so whatever a rule, a gate, an event or a charge says of a leg it says of the corridors over it. Places go one after the
other, first those that leave fewest columns, while there are no more columns than before (Fourier-Motzkin elimination).

A corridor that comes to a place twice is left out where the round is no use: it loses nothing, no rule could want more
of it, and no charge on it could be a gain in any future. Proof that a best plan is left: take what goes round in a best
plan out of it until nothing does. Every balance stays, no limit is passed that was kept before, and nothing is paid
that was not. What is left goes on corridors put together from its own legs; one with such a round would be a round
in the plan. L. Ford and D. Fulkerson (1962), Flows in Networks; R. Ahuja, T. Magnanti and J. Orlin (1993), Network
Flows, theorem 3.5 (flow decomposition).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from khovor.case import Commodity, bindings, net_exports
from khovor.network.derive import Contraction, Legs, Network
from khovor.network.entries import first_entries


class Leg(NamedTuple):
    """A leg of a graph; `round` = it is no use as part of a round."""

    start: str
    end: str
    round: bool


class _Way(NamedTuple):
    """Legs one after the other, as places in those of a graph.

    `nodes` are those it comes to, a bit for each; `round` = all its legs are no use as part of a round.
    """

    start: int
    end: int
    legs: Legs
    nodes: int
    round: bool


def uncontracted(network: Network) -> Contraction:
    """Every leg a corridor by itself."""
    return Contraction(tuple(((i,), t) for i, t in network.ships), frozenset(), _places(network))


def contraction(network: Network) -> Contraction:
    """Contract what only passes goods on, for every commodity and period.

    Most commodities have the same legs and the same ends in most periods: each such graph is contracted once.
    """
    useful = useful_rounds(network)
    legs = [Leg(pair.leg.start, pair.leg.end, i not in useful) for i, pair in enumerate(network.pairs)]
    numbers: dict[tuple[str, Leg], int] = {}
    number = [
        numbers.setdefault((pair.lane.name, leg), len(numbers)) for pair, leg in zip(network.pairs, legs, strict=True)
    ]
    goods: dict[Commodity, int] = {}
    good = [goods.setdefault(pair.commodity, len(goods)) for pair in network.pairs]
    moved: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, t in network.ships:
        moved[t, good[i]].append(i)
    ends, known = _ends(network), dict[tuple[Legs, frozenset[str]], tuple[list[Legs], list[str]]]()
    corridors: list[tuple[Legs, int]] = []
    passed: list[tuple[str, str, str, int]] = []
    names = list(goods)
    touched = 0
    for (t, c), pairs in moved.items():
        graph = [legs[i] for i in pairs]
        nodes = {leg.start for leg in graph} | {leg.end for leg in graph}
        kept = frozenset(nodes & ends[t, names[c]])
        key = tuple(number[i] for i in pairs), kept
        if key not in known:
            known[key] = contracted(graph, kept)
        ways, gone = known[key]
        corridors += [(tuple([pairs[k] for k in way]), t) for way in ways]
        passed += [(node, *names[c], t) for node in gone]
        touched += len(nodes)
    return Contraction(tuple(sorted(corridors)), frozenset(passed), touched)


def contracted(legs: Sequence[Leg], kept: Collection[str]) -> tuple[list[Legs], list[str]]:
    """Corridors of a graph (places in `legs`) and the nodes that are gone; those `kept` stay."""
    return _Graph(legs, kept).contracted()


class _Graph:
    """Ways between nodes, of which nodes are taken out one by one."""

    def __init__(self, legs: Sequence[Leg], kept: Collection[str]) -> None:
        self._nodes = list(dict.fromkeys(node for leg in legs for node in leg[:2]))
        place = {node: n for n, node in enumerate(self._nodes)}
        self._into: list[dict[Legs, _Way]] = [{} for _ in self._nodes]
        self._from: list[dict[Legs, _Way]] = [{} for _ in self._nodes]
        for k, leg in enumerate(legs):
            start, end = place[leg.start], place[leg.end]
            self._add(_Way(start, end, (k,), 1 << start | 1 << end, leg.round))
        self._round = [leg.round for leg in legs]
        self._ends = [(place[leg.start], place[leg.end]) for leg in legs]
        self._open = {n for n, node in enumerate(self._nodes) if node not in kept}

    def contracted(self) -> tuple[list[Legs], list[str]]:
        """Take out nodes, first those that leave fewest ways, while there are no more of these than before."""
        more = {n: self._more(n) for n in self._open}
        gone: list[str] = []
        while more:
            n = min(more, key=lambda k: (more[k], k))
            if more.pop(n) > 0:
                break
            gone.append(self._nodes[n])
            for near in self._take_out(n) & more.keys():
                more[near] = self._more(near)
        return [way.legs for ways in self._from for way in ways.values()], gone

    def _add(self, way: _Way) -> None:
        self._from[way.start][way.legs] = way
        self._into[way.end][way.legs] = way

    def _more(self, n: int) -> float:
        """How many more ways there are without a node; infinite where one leads from it to itself."""
        if not self._into[n].keys().isdisjoint(self._from[n]):
            return float("inf")
        return sum(1 for _ in self._through(n)) - len(self._into[n]) - len(self._from[n])

    def _through(self, n: int) -> Iterator[tuple[_Way, _Way]]:
        """The ways into a node and out of it that are put together: without a round that is no use."""
        here = ~(1 << n)
        for one in self._into[n].values():
            for other in self._from[n].values():
                twice = one.nodes & other.nodes & here
                if not twice or not ((one.round and other.round) or self._rounds(one, other, twice)):
                    yield one, other

    def _rounds(self, one: _Way, other: _Way, twice: int) -> bool:
        """Whether two ways come to a node again by legs that are all no use so."""
        before = [self._ends[k][0] for k in one.legs]
        after = [self._ends[k][1] for k in other.legs]
        for first, node in enumerate(before):
            if twice >> node & 1 and node in after:
                legs = (*one.legs[first:], *other.legs[: after.index(node) + 1])
                if all(self._round[k] for k in legs):
                    return True
        return False

    def _take_out(self, n: int) -> set[int]:
        """Put together the ways that meet in a node, for the node; the nodes that are touched by it."""
        joined = [
            _Way(one.start, other.end, one.legs + other.legs, one.nodes | other.nodes, one.round and other.round)
            for one, other in self._through(n)
        ]
        near = {way.start for way in self._into[n].values()} | {way.end for way in self._from[n].values()}
        for way in self._into[n].values():
            del self._from[way.start][way.legs]
        for way in self._from[n].values():
            del self._into[way.end][way.legs]
        self._into[n], self._from[n] = {}, {}
        for way in joined:
            self._add(way)
        return near


def _ends(network: Network) -> dict[tuple[int, Commodity], set[str]]:
    """By period and commodity, the nodes that do more than pass it on: use, make, sell, buy, dispose of or store it."""
    ends: dict[tuple[int, Commodity], set[str]] = defaultdict(set)
    for x, t in network.acts:
        for commodity in network.activities[x].recipe.balance:
            ends[t, commodity].add(network.activities[x].node)
    for q, t in network.sells:
        ends[t, network.offers[q].commodity].add(network.offers[q].market.key.node)
    for b, t in network.buys:
        offer = network.case.purchases[b]
        ends[t, Commodity(offer.key.product, offer.origin)].add(offer.key.node)
    for node, product, origin, t in network.dumps:
        ends[t, Commodity(product, origin)].add(node)
    for node, product, origin, t in network.stocks:  # what is left at the end of a period begins the next
        ends[t, Commodity(product, origin)].add(node)
    return ends


def useful_rounds(network: Network) -> set[int]:
    """Pairs on which going round may pay: goods are lost there, a rule may ask for more of it, or a fee may be a gain.

    Of all rules but limits of lanes, gates and slots, those on transit and those that ask for emissions count what is
    shipped (see `formulation/policy.py` and `formulation/entries.py`).
    """
    case, pairs = network.case, network.pairs
    policies = [*case.policies, *(policy for i in case.instruments for _, policy in bindings(case, i))]
    found = {i for i, pair in enumerate(pairs) if pair.lane.loss_share > 0} | _gains(network)
    if any(policy.measure == "co2_t" and policy.sense == "min" for policy in policies):
        found |= {i for i, pair in enumerate(pairs) if pair.lane.co2_kg_t > 0}
    for territory in {policy.subject.partition(":")[0] for policy in policies if policy.measure == "transit_share"}:
        entries, leaving = first_entries(network, territory), net_exports(case)
        found |= entries.ways.keys()
        for i, (leg, _, commodity) in enumerate((pair.leg, pair.lane, pair.commodity) for pair in pairs):
            parted = (leg.start, commodity) in entries.mixed or (leg.end, commodity) in entries.mixed
            if parted or (leg, commodity) in leaving:
                found.add(i)
    return found


def _gains(network: Network) -> set[int]:
    """Pairs whose fee is below 0 in some period of some future."""
    products, least = network.case.products, network.outlook.least_fees
    return {
        i
        for i, pair in enumerate(network.pairs)
        if pair.leg in least
        and pair.lane.fee_usd_t
        + products[pair.commodity.product].value_usd_t * pair.lane.fee_share_of_value
        + least[pair.leg]
        < 0
    }


def _places(network: Network) -> int:
    """How many balances any shipment touches."""
    ends = [(pair.leg.start, pair.leg.end, pair.commodity) for pair in network.pairs]
    return len({(node, ends[i][2], t) for i, t in network.ships for node in ends[i][:2]})
