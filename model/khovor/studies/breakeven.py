"""`khovor breakeven`: the price of a product, or of several in step, at which the best plan is worth nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from khovor.case import Case
from khovor.clock import Clock
from khovor.decisions import Decisions
from khovor.errors import UsageError
from khovor.journal import ran, study_journal
from khovor.report import write_breakeven
from khovor.run import Options
from khovor.solve import Listener
from khovor.studies.breakeven_document import document_of
from khovor.studies.breakeven_search import Point, Search, point_of
from khovor.studies.ending import StudyOutcome, ended, with_plan
from khovor.studies.sweep import Fleet
from khovor.studies.tasks import Record
from khovor.studies.variants import Variant, Variants, held, priced, variants_of
from khovor.workbook import nearest

AS_FOUND: Final[tuple[str, ...]] = ()
"""The products in the name of the solve at the case's own prices: it is the same whatever is asked about."""


def find_breakeven(
    path: Path,
    options: Options,
    fleet: Fleet,
    products: Sequence[str] = (),
    listener: Listener | None = None,
    stop: threading.Event | None = None,
) -> StudyOutcome:
    """Find the break-even of the whole case, and of the best plan as it stands, and write the folder.

    The prices of all `products` move by one factor; with none named, those of what brings the best plan most. Raises
    InputError, UsageError (no product with a price, an objective without revenue or that weighs risk), InfeasibleError
    or NoPlanError where the case has no plan, InterruptedRun, WriteError where no folder can be made.
    """
    clock = Clock(listener, stop)
    with variants_of(path, options, fleet, clock, listener, stop) as variants:
        _refuse(variants.case)
        named = tuple(dict.fromkeys(_named(variants.case, product) for product in products))
        with clock.step("runs"):
            base = with_plan(_ask(variants, AS_FOUND, None, 1.0, options.start))
            moved = named or (_dearest(variants.case, base),)
            own = point_of(base, 1.0, moved)
            whole = Search(partial(_ask, variants, moved, None), moved, [own])
            whole.run(variants.case.terms.mip_gap)
            standing = _standing(variants, moved, own)
        document = document_of(variants.case, moved, whole, standing)
        document |= {
            "seconds": {step: round(spent, 3) for step, spent in clock.seconds.items()},
            "stamp": own.record.result["stamp"],
        }
        with clock.step("write", keeps_plan=True):
            runs = [ran(p["name"], p, f"revenue {p['revenue']}") for p in document["points"]]
            log = study_journal(f"workbook {path.name}, break-even", runs, document["headline"], options.changes)
            return ended(document, partial(write_breakeven, variants.folder, variants.source.data, document, log))


def _refuse(case: Case) -> None:
    """What a plan is worth is a line in a price only where revenue counts, and counts alike in every future."""
    if case.terms.objective != "npv":
        raise UsageError("A break-even is about value: --set settings[objective].value=npv.")
    if case.terms.risk_weight:
        raise UsageError("This is about expected values: --set settings[risk_weight].value=0.")


def _priced_products(case: Case) -> list[str]:
    return list(dict.fromkeys(m.key.product for m in case.markets if m.price_usd_t > 0))


def _named(case: Case, product: str) -> str:
    """A product as it is spelt. Raises UsageError where no buyer pays for it."""
    known = _priced_products(case)
    name = next((p for p in known if p.casefold() == product.strip().casefold()), None)
    if name is None:
        near = nearest(product, known)
        hint = f" Did you mean {near}?" if near else ""
        raise UsageError(f"Nobody pays for a product '{product}'; there are: {', '.join(known) or 'none'}.{hint}")
    return name


def _dearest(case: Case, base: Record) -> str:
    """The product that brings the best plan most. Raises UsageError where it sells nothing."""
    sold = base.result.get("sold", {})
    if not any(earned > 0 for _, earned, _ in sold.values()):
        known = ", ".join(_priced_products(case)) or "none"
        raise UsageError(f"The best plan sells nothing: say --product; buyers pay for: {known}.")
    return str(max(sold, key=lambda name: sold[name][1]))


def _ask(
    variants: Variants, products: tuple[str, ...], plan: Decisions | None, factor: float, start: Decisions | None
) -> Record:
    """The case with the prices of some products multiplied, and of a plan what it builds held."""
    if factor == 1.0 and plan is None:
        products = AS_FOUND
    kind = "as it stands" if plan is not None else "all prices as they are" if not products else "best"
    label = kind if not products else f"{' + '.join(products)} x {factor:.9g}, {kind}"
    told = {"products": products, "factor": factor, "held": None if plan is None else [plan.builds, plan.projects]}
    return variants.solve(Variant(label, partial(_altered, products=products, factor=factor, plan=plan), told, start))


def _altered(case: Case, products: tuple[str, ...], factor: float, plan: Decisions | None) -> Case:
    return priced(case if plan is None else held(case, plan), products, factor)


def _standing(variants: Variants, products: tuple[str, ...], own: Point) -> Search | None:
    """The break-even of what the best plan builds; None where that brings nothing from the products."""
    if own.root is None:
        return None
    decisions = own.record.decisions
    search = Search(partial(_ask, variants, products, decisions), products, [own])
    search.run(variants.case.terms.mip_gap)
    return search
