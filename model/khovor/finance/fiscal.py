"""Lines of what the state takes of every sale, and of its share where it pays its share of everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from khovor.case import Case, Levies, outlook_of
from khovor.finance.kinds import SHARED
from khovor.finance.line import PAID_USD, Entry, Line
from khovor.solution import Solution


def levy_lines(case: Case, solution: Solution) -> Iterator[Entry]:
    """Royalty, export duty and VAT of every sale: its quantity and price, each year at the rates of that price."""
    levies, horizon = Levies(case), case.horizon
    markets, places = {tuple(m.key): m for m in case.markets}, {p.name: t for t, p in enumerate(horizon.periods)}
    future = outlook_of(case)
    rows = solution.sales.itertuples(index=False) if case.fiscal.rates or case.fiscal.steps else ()
    for node, product, tier, row, origin, period, w, t_y in rows:
        market, t = markets[node, product, tier, row], places[period]
        price = market.price_usd_t * market.payable_share * market.content[origin]
        factor = future[w].factor("price", "market", market.key, t)
        what = f"{case.products[product].label}, {case.nodes[node].label}"
        for year in horizon.periods[t].span:
            if year in market.window:
                quoted = market.price_usd_t * factor * case.profile(market.profile, year)
                for term, rate in levies.rates(market, quoted).items():
                    line = Line(term, what, "t", market.at, price, PAID_USD * rate, factor, market.profile)
                    yield line, w, range(year, year + 1), t_y / horizon.share(t, market.window)


def state_lines(case: Case, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Every line of which the state pays its share once more, as far as it is the state's."""
    share = case.fiscal.paid
    for line, w, years, quantity in entries if share else ():
        if line.term in SHARED:
            yield line._replace(term="state_participation", musd=-share * line.musd), w, years, quantity
