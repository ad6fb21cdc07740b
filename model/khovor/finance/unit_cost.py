"""What a kilogram costs, delivered, by product, market and way out: levelised, step by step, all of it adding up.

Unit cost = discounted cost / discounted tonnes over the horizon and the futures, as the levelised cost of electricity
is made (IEA and OECD Nuclear Energy Agency, Projected Costs of Generating Electricity, 2020, chapter 3). A sale at this
price in every year would just pay for the plan. Who carries what is said in `accounts`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from khovor.case import Case, PlantKey, Stage, stages
from khovor.finance.accounts import Account, Accounts, Lot
from khovor.finance.goods import Floats, Goods, solve, sorted_places, system
from khovor.finance.kinds import KINDS
from khovor.finance.sold import sale_worth
from khovor.units import USD_PER_MUSD
from khovor.verify.plan import Run
from khovor.verify.view import View

REVENUE: Final = "revenue"

CAPITAL: Final = ("capex", "sustaining", "closing", "terminal_value", "project_capex")
RUNNING: Final = ("fixed_opex", "variable_opex", "utilities")

TAX, STATE, SUPPORTED = "Tax", "State's share", "Support and loans"
AFTER: Final = (TAX, STATE, SUPPORTED)
"""Steps that are no cost of the work itself."""

SUPPORT: Final = (
    "grant",
    "loan_drawn",
    "interest",
    "repayment",
    "price_floor",
    "guarantee_premium",
    "guarantee_payout",
)
"""Terms of instruments: what they bring takes from the cost, what they ask for adds to it."""

STEPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(CAPITAL, "Capital charge"),
    "purchases": "Reagents and supplies",
    "project_opex": "Sites and links",
    "freight": "Freight",
    "transit_interest": "Freight",
    "fees": "Fees and slots",
    "booking": "Fees and slots",
    "disposal": "Residues",
    "holding": "Stocks and penalties",
    "shortfall": "Stocks and penalties",
    "penalty": "Stocks and penalties",
    **dict.fromkeys((term for term, kind in KINDS.items() if kind == "tax"), TAX),
    "state_participation": STATE,
    **dict.fromkeys(SUPPORT, SUPPORTED),
}
"""The step of every term that is not the running cost of a process."""

OTHER_STEPS: Final = (
    "Reagents and supplies",
    "Sites and links",
    "Freight",
    "Fees and slots",
    "Residues",
    "Stocks and penalties",
    "Capital charge",
    *AFTER,
)
"""Steps after the stages of the chain, in this order."""

NOISE: Final = 1e-12
"""The share of a term that is rounding."""

KEYS: Final = ("product", "market", "corridor", "period")


class Component(NamedTuple):
    """A part of a cost: the money term, and the process whose running cost it is (else "")."""

    term: str
    process: str


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """Costs of all that is sold.

    `lots`: product, market (node), corridor (borders, ports and airports passed since it was made, joined by " > ";
    "direct"), period, t (expected, discounted), earned [MUSD, expected, discounted]. `costs`: the same keys, term,
    step, musd (expected, discounted). Where nothing is sold, all costs stand in a lot without a product, of 0 t.
    `steps` and `periods` are all there are, in order.
    """

    lots: pd.DataFrame
    costs: pd.DataFrame
    steps: tuple[str, ...]
    periods: tuple[str, ...]

    def table(self, *keys: str) -> pd.DataFrame:
        """By some of the keys: t, price and cost, then each step [USD/kg]; most revenue first, periods in order."""
        lots = self.lots.groupby(list(keys), sort=False)[["t", "earned"]].sum()
        lots = lots[lots["t"] > 0]
        steps = self.costs.groupby([*keys, "step"], sort=False)["musd"].sum().unstack("step", fill_value=0.0)
        steps = steps.reindex(index=lots.index, columns=list(self.steps), fill_value=0.0)
        kg = lots["t"] * 1000.0
        frame = pd.DataFrame({"t": lots["t"], "price": lots["earned"] * USD_PER_MUSD / kg})
        frame["cost"] = steps.sum(axis=1) * USD_PER_MUSD / kg
        frame = pd.concat([frame, steps.mul(USD_PER_MUSD / kg, axis=0)], axis=1)
        frame = frame.loc[lots["earned"].sort_values(ascending=False, kind="stable").index].reset_index()
        if "period" in keys:
            product = pd.Categorical(frame["product"], frame["product"].unique()).codes
            period = pd.Categorical(frame["period"], self.periods).codes
            frame = frame.iloc[np.lexsort((period, product))].reset_index(drop=True)
        return frame


def unit_costs(view: View) -> UnitCosts:
    """The unit costs of a plan that its checker accepts."""
    accounts = Accounts(view, Goods(view))
    components = list(_components(accounts))
    rows = accounts.lots
    matrix = _handed(accounts, components, list(rows))
    lots = _lots(view, rows)
    matrix = _with_the_rest(view, components, matrix, lots)
    return _tables(view.case, accounts, components, matrix, lots)


def _components(accounts: Accounts) -> Iterator[Component]:
    """The parts that costs are followed in."""
    yield from dict.fromkeys(
        Component(term, _process(account, term)) for account, terms in accounts.direct.items() for term in terms
    )


def _process(account: Account, term: str) -> str:
    """The process whose running cost a term of an account is."""
    return account.process if isinstance(account, (Run, PlantKey)) and term in RUNNING else ""


def _handed(accounts: Accounts, components: list[Component], lots: list[Lot]) -> Floats:
    """What each lot carries of each component, by the arcs [MUSD]: C = direct + (shares)ᵀ C, solved."""
    place = {component: k for k, component in enumerate(components)}
    row = {lot: k for k, lot in enumerate(lots)}
    found = np.zeros((len(lots), len(components)))
    arcs = accounts.arcs
    places = sorted_places(arcs, lots)
    right = np.zeros((len(places), len(components)))
    for account, terms in accounts.direct.items():
        target, index = (found, row) if isinstance(account, Lot) else (right, places)
        for term, musd in terms.items() if account in index else ():
            target[index[account], place[Component(term, _process(account, term))]] += musd  # type: ignore[index]
    carried = solve(system(arcs, places), right)
    for account, k in places.items():
        for end, share in arcs[account]:
            if isinstance(end, Lot):
                found[row[end]] += share * carried[k]
    return found


def _lots(view: View, lots: Mapping[Lot, float]) -> pd.DataFrame:
    """What is sold: keys, tonnes and revenue, expected and discounted."""
    odds = {s.name: s.probability for s in view.case.scenarios}
    names = [p.name for p in view.case.horizon.periods]
    rows = []
    for (sale, passed), tonnes in lots.items():
        yearly = odds[sale.w] * tonnes / view.case.horizon.periods[sale.t].years
        worth, usd = sale_worth(view, sale)
        corridor = " > ".join(passed) or "direct"
        key = (sale.product, sale.node, corridor, names[sale.t])
        rows.append((*key, yearly * worth, yearly * usd / USD_PER_MUSD))
    return pd.DataFrame(rows, columns=[*KEYS, "t", "earned"])


def _with_the_rest(view: View, components: list[Component], matrix: Floats, lots: pd.DataFrame) -> Floats:
    """What leads to nothing that is sold is shared by all that is, by revenue; lots are given one where there is none.

    Of every term that is what the plan pays less what has been handed on: so each term adds up, known here or not.
    """
    paid = _paid(view)
    noise = {term: NOISE * abs(musd) for term, musd in paid.items()}
    if lots.empty:
        lots.loc[0] = ["", "", "", view.case.horizon.periods[0].name, 0.0, 0.0]
        matrix = np.zeros((1, matrix.shape[1]))
    key = next((k for k in ("earned", "t") if lots[k].sum() > 0), None)
    shares = np.full(len(lots), 1.0 / len(lots)) if key is None else (lots[key] / lots[key].sum()).to_numpy()
    for k, component in enumerate(components):
        paid[component.term] -= float(matrix[:, k].sum())
    left = [term for term, musd in paid.items() if abs(musd) > noise.get(term, 0.0)]
    components += [Component(term, "") for term in left]
    rest = np.outer(shares, [paid[term] for term in left])
    return np.concatenate([matrix, rest], axis=1)


def _paid(view: View) -> dict[str, float]:
    """What the plan pays of each term, expected [MUSD]."""
    odds = {s.name: s.probability for s in view.case.scenarios} | {"": 1.0}
    paid: dict[str, float] = defaultdict(float)
    for row in view.tables.terms:
        if row.term != REVENUE:
            paid[row.term] -= odds[row.w] * row.musd
    return paid


def _tables(
    case: Case, accounts: Accounts, components: list[Component], matrix: Floats, lots: pd.DataFrame
) -> UnitCosts:
    chain = stages(case)
    named = [_step(accounts, component, chain) for component in components]
    costs = pd.concat(
        [
            lots[list(KEYS)].assign(term=component.term, step=step, musd=matrix[:, k])
            for k, (component, step) in enumerate(zip(components, named, strict=True))
        ]
        or [pd.DataFrame(columns=[*KEYS, "term", "step", "musd"])],
        ignore_index=True,
    )
    costs = costs.groupby([*KEYS, "term", "step"], sort=False, as_index=False)["musd"].sum()
    lots = lots.groupby(list(KEYS), sort=False, as_index=False)[["t", "earned"]].sum()
    order = [stage.name for stage in chain] + list(OTHER_STEPS)
    steps = tuple(step for step in order if step in set(named))
    return UnitCosts(lots, costs, steps, tuple(p.name for p in case.horizon.periods))


def _step(accounts: Accounts, component: Component, chain: tuple[Stage, ...]) -> str:
    """The step a component belongs to: that of its term, or where its process stands in the chain."""
    term, process = component
    if not process:
        return "Sites and links" if term in RUNNING else STEPS[term]
    stage = next((stage.name for stage in chain if process in stage.processes), None)
    if stage is not None:
        return stage
    runs = [run for run, _ in accounts.view.runs if run.process == process]
    if not runs:
        return "Sites and links"
    return "Reagents and supplies" if any(run in accounts.live for run in runs) else "Residues"
