"""Sheets of the plan itself: what is built, and what every site does."""

from __future__ import annotations

from khovor.report.content import Content
from khovor.report.names import crossing
from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import MONEY, SHARE, TONNES, YEAR, Head, Page, Placed
from khovor.verify.utilities import step_limit
from khovor.verify.view import View

CAPITAL = 7
"""Column of capital in the table of units."""


def build_plan(book: Book, c: Content) -> None:
    """Every unit, project, closure and booking, with its capital."""
    note = "Units are available from the first day of the year shown. Capital is undiscounted."
    page = book.page("Build plan", "What is built", note)
    units, capital = _units(page, c)
    _projects(page, c)
    _closures(page, c)
    _bookings(page, c)
    page.heading("Capital of plants by year of availability")
    placed = page.table([Head("From year", YEAR), Head("Capital [MUSD]", MONEY)], sorted(capital.items()), total="Sum")
    if capital:
        bars(page, placed, [2], "Capital by year of availability", "MUSD", f"D{placed.top - 2}")
        book.tie(
            "Capital by year adds up to the units' capital", f"SUM({placed.column(2)})", f"SUM({units.column(CAPITAL)})"
        )


def _units(page: Page, c: Content) -> tuple[Placed, dict[int, float]]:
    """The table of units, and capital by year."""
    options = {tuple(o.key): o for o in c.case.options}
    rows: list[list[object]] = []
    capital: dict[int, float] = {}
    for b in c.solution.builds.itertuples():
        option, year = options[b.node, b.process, b.size, b.row], c.starts[b.period]
        money = b.units * option.capex_musd
        capital[year] = capital.get(year, 0.0) + money
        what = [year, c.names.place(b.node), c.names.step(b.process), b.size, b.units, b.units * option.capacity_t_y]
        rows.append([*what, money, b.units * option.fixed_opex_musd_y, option.at])
    heads = [Head("From year", YEAR), Head("Where"), Head("What"), Head("Size"), Head("Units", YEAR)]
    heads += [Head("Capacity [t/y]", TONNES), Head("Capital [MUSD]", MONEY), Head("Fixed cost [MUSD/y]", MONEY)]
    rows.sort(key=lambda r: tuple(map(str, r[:3])))
    return page.table([*heads, Head("Input cell")], rows), capital


def _projects(page: Page, c: Content) -> None:
    page.heading("Projects: links and supplies that are opened")
    taken = [(c.starts[p.period], c.case.projects[p.project]) for p in c.solution.projects.itertuples()]
    rows = [[year, j.label, "; ".join(_effect(e) for e in j.effects), j.at, j.capex_musd] for year, j in taken]
    heads = [Head("From year", YEAR), Head("Project"), Head("Adds"), Head("Input cell"), Head("Capital [MUSD]", MONEY)]
    page.table(heads, sorted(rows, key=lambda r: (r[0], r[1])))


def _effect(effect: object) -> str:
    kind, target, adds = effect.kind, effect.target, effect.adds  # type: ignore[attr-defined]
    return f"{adds:,.0f} {'a year of' if kind == 'utility' else 't/y on'} {target}"


def _closures(page: Page, c: Content) -> None:
    page.heading("Closures of existing plants")
    rows = [
        [c.starts[x.period], c.names.place(x.node), c.names.step(x.process), x.size, x.units]
        for x in c.solution.closures.itertuples()
    ]
    page.table([Head("From year", YEAR), Head("Where"), Head("What"), Head("Size"), Head("Units", YEAR)], rows)


def _bookings(page: Page, c: Content) -> None:
    page.heading("Slots booked at gates, paid for in every future")
    rows = []
    for x in c.solution.bookings.itertuples():
        gate = c.case.gates[x.gate]
        where = crossing(c.case, c.names, x.gate), gate.at
        rows.append([c.starts[x.period], x.gate, *where, x.t_y, gate.booking_usd_t_y or 0.0])
    heads = [Head("From year", YEAR), Head("Gate"), Head("Crossing"), Head("Input cell"), Head("Slots [t/y]", TONNES)]
    page.table([*heads, Head("Price [USD per t/y]", MONEY)], sorted(rows, key=lambda r: (r[0], r[1])))


def sites(book: Book, c: Content) -> None:
    """What every site does over time: expected activity against capacity online, and the utilities it draws."""
    note = "Expected activity in tonnes a year, on the basis of each recipe (usually feed); capacity includes the ramp."
    page = book.page("Sites", "What every site does", note)
    rows = [
        [c.names.place(n), c.names.step(k), recipe, c.names.short(o) if o else "", *values]
        for (n, k, recipe, o), values in sorted(c.expected("activity", ["node", "process", "recipe", "origin"]))
    ]
    heads = [Head("Where"), Head("What"), Head("Recipe"), Head("Origin")]
    page.table([*heads, *(Head(f"{y} [t/y]", TONNES) for y in c.names.years)], rows, main=True)
    page.heading("Capacity online, and the largest share of it that is used in any period")
    heads = [Head("Where"), Head("What"), Head("Sizes"), Head("Largest share used", SHARE)]
    view = c.view
    page.table([*heads, *(Head(f"{y} [t/y]", TONNES) for y in c.names.years)], _capacities(c, view))
    page.heading("Utilities drawn, in their units, and the largest share of the limit that is drawn in any period")
    heads = [Head("Where"), Head("Utility"), Head("Input cell"), Head("Largest share drawn", SHARE)]
    page.table([*heads, *(Head(f"{y} [unit/y]", TONNES) for y in c.names.years)], _drawn(c, view))


def _drawn(c: Content, view: View) -> list[list[object]]:
    steps = {tuple(s.key): s for s in c.case.utilities}
    rows: list[list[object]] = []
    for key, values in c.expected("utilities", ["node", "utility", "row"], "use_y"):
        limits = [step_limit(view, steps[key], t) for t in c.case.horizon.indices]
        most = max((v / limit for v, limit in zip(values, limits, strict=True) if limit), default=0.0)
        rows.append([c.names.place(key[0]), key[1], steps[key].at, most if most else "no limit", *values])
    return rows


def _capacities(c: Content, view: View) -> list[list[object]]:
    used = {key: values for key, values in c.expected("activity", ["node", "process", "sizes"])}
    rows: list[list[object]] = []
    for plant in c.case.plants:
        online = [view.capacity(plant, t) for t in c.case.horizon.indices]
        if any(online) and plant.recipes:
            run = used.get(tuple(plant.key), [0.0] * len(online))
            most = max((r / o for r, o in zip(run, online, strict=True) if o), default=0.0)
            rows.append(
                [c.names.place(plant.key.node), c.names.step(plant.key.process), plant.key.sizes, most, *online]
            )
    return sorted(rows, key=lambda r: (str(r[0]), str(r[1])))
