"""Every row of a plan is about something the case has, and that is allowed then and there (model rules 1, 5 and 7)."""

from __future__ import annotations

from collections.abc import Iterator

from khovor.case import Window
from khovor.verify.check import Check, fact
from khovor.verify.view import View

RECIPES = "only recipes a plant has are run"
LANES = "goods move on lanes that exist and are open"
CLASSES = "a product moves only where its transport class is allowed"
GOODS = "only commodities of the case are moved"
SALES = "sales are to market rows that exist and are open"
CONTRACTS = "only a contract that prices its shortfall may fall short"
OFFERS = "purchases are from offers that exist and are open"
STEPS = "utilities come from price steps that exist and are open"
OUTLETS = "only what is made there and may be disposed of is disposed of"
PILES = "stock is kept in stockpiles only"


def activity_has_recipe(view: View) -> Iterator[Check]:
    """Each activity is a recipe, of an origin, that its plant has."""
    for run in view.tables.activity:
        name = f"{run.recipe} of {run.process} ({run.sizes}) at {run.node}" + (f", {run.origin}" if run.origin else "")
        subject = view.subject(name, run.t, run.w)
        yield fact(RECIPES, subject, view.recipe(run) is not None, "no such recipe at such a plant.", run.t_y)


def flow_has_lane(view: View) -> Iterator[Check]:
    """Each flow runs along a direction of a lane in a period in which the lane is open, and is of a known commodity."""
    for flow in view.tables.flows:
        subject = view.subject(f"{flow.commodity} on {flow.lane} from {flow.start} to {flow.end}", flow.t, flow.w)
        lane = view.case.lanes.get(flow.lane) if flow.leg in view.legs else None
        if lane is None:
            yield fact(LANES, subject, False, "no such lane.", flow.t_y)
            continue
        subject = subject._replace(at=lane.at)
        yield fact(LANES, subject, _open(view, flow.t, lane.window), "the lane is not open then.", flow.t_y)
        yield fact(GOODS, subject, flow.commodity in view.commodities, "no such commodity.", flow.t_y)


def flow_is_of_allowed_class(view: View) -> Iterator[Check]:
    """Each flow is of a transport class its lane carries."""
    for flow in view.tables.flows:
        lane, product = view.case.lanes.get(flow.lane), view.case.products.get(flow.product)
        if lane is None or product is None:
            continue
        subject = view.subject(f"{flow.commodity} on {flow.lane}", flow.t, flow.w, lane.at)
        allowed = lane.carries(product.transport_class)
        yield fact(CLASSES, subject, allowed, f"class {product.transport_class!r} is not allowed there.", flow.t_y)


def sale_has_market(view: View) -> Iterator[Check]:
    """Each sale is in a market row open then, of an origin whose content the market knows."""
    for sale in view.tables.sales:
        market = view.markets.get(sale.market)
        subject = view.subject(f"{sale.commodity} sold at {sale.node}, tier {sale.tier}", sale.t, sale.w)
        holds = market is not None and sale.origin in market.content and _open(view, sale.t, market.window)
        yield fact(SALES, subject._replace(at=market.at if market else ""), holds, "no market for it then.", sale.t_y)


def shortfall_has_price(view: View) -> Iterator[Check]:
    """Each shortfall is of a contract in force then that prices it."""
    for short in view.tables.shortfalls:
        market = view.markets.get(short.market)
        subject = view.subject(f"shortfall of {short.product} at {short.node}, tier {short.tier}", short.t, short.w)
        holds = market is not None and market.shortfall_usd_t is not None and _open(view, short.t, market.window)
        at = market.at if market else ""
        yield fact(CONTRACTS, subject._replace(at=at), holds, "this contract may not fall short.", short.t_y)


def purchase_has_offer(view: View) -> Iterator[Check]:
    """Each purchase is from an offer open then, and of its origin."""
    for bought in view.tables.purchases:
        offer = view.offers.get(bought.offer)
        subject = view.subject(f"{bought.commodity} bought at {bought.node}", bought.t, bought.w)
        holds = offer is not None and offer.origin == bought.origin and _open(view, bought.t, offer.window)
        yield fact(OFFERS, subject._replace(at=offer.at if offer else ""), holds, "no such offer then.", bought.t_y)


def use_has_step(view: View) -> Iterator[Check]:
    """Each use of a utility is from a price step open then."""
    for used in view.tables.utilities:
        step = view.steps.get(used.step)
        subject = view.subject(f"{used.utility} at {used.node}", used.t, used.w)
        holds = step is not None and _open(view, used.t, step.window)
        yield fact(STEPS, subject._replace(at=step.at if step else ""), holds, "no such step then.", used.use_y)


def disposal_has_outlet(view: View) -> Iterator[Check]:
    """Each disposal is of a product that may be disposed of, where a recipe makes it."""
    made = {(key.node, c) for (key, _, _), r in view.recipes.items() for c, amount in r.balance.items() if amount > 0}
    for dump in view.tables.disposals:
        product = view.case.products.get(dump.product)
        subject = view.subject(f"{dump.commodity} disposed of at {dump.node}", dump.t, dump.w)
        outlet = product is not None and product.disposal_usd_t is not None
        holds = outlet and (dump.node, dump.commodity) in made
        at = product.at if product else ""
        yield fact(OUTLETS, subject._replace(at=at), holds, "no outlet for it there.", dump.t_y)


def stock_has_pile(view: View) -> Iterator[Check]:
    """Each stock is at a node with a stockpile of that product."""
    for stock in view.tables.stocks:
        subject = view.subject(f"stock of {stock.commodity} at {stock.node}", stock.t, stock.w)
        yield fact(PILES, subject, (stock.node, stock.product) in view.piles, "no stockpile there.", stock.tonnes)


def _open(view: View, t: int, window: Window) -> bool:
    return view.case.horizon.share(t, window) > 0
