"""The sheets a minister and an analyst read first: summary, build plan, sites."""

from __future__ import annotations

from typing import Any

from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill

from khovor.report.content import Content
from khovor.report.sheet import MONEY, SHARE, TONNES, YEAR, Head, Page

STATUS = {
    "optimal": "Proved: no plan is better by more than the gap asked for.",
    "feasible": "Stopped at a limit: the plan holds, but a better one may exist.",
    "interrupted": "Interrupted: the best plan found until then.",
}


def summary(excel: Any, c: Content) -> None:
    """Headline and status, what is built, how it leaves, exposure, what it rests on."""
    s, title = c.summary, c.case.terms.title or "The plan"
    page = Page(excel, "Summary", title, "All money in million US dollars (MUSD), real, of the base year.")
    page.sheet.column_dimensions["A"].width = 44
    page.fact("Status", STATUS.get(c.solution.status, c.solution.status), bold=True)
    word = "Expected net present value [MUSD]" if c.gains else "Expected discounted cost [MUSD]"
    page.fact(word, c.solution.objective, MONEY, bold=True)
    page.fact("No plan can be better than [MUSD]", s["bound"] if s["bound"] is not None else "not proved", MONEY)
    page.fact("Gap between the two", s["gap"] if s["gap"] is not None else "unknown", SHARE)
    page.fact("Independent checker", _verdict(c), bold=True)
    page.fact("Master check (sheet Checks)", "")
    page.formula(page.row - 1, 2, "=Checks!B4").font = Font(bold=True)
    page.fact("Discount rate, per year", c.case.horizon.rate, "0.0##%")
    note = c.workbook.provenance.get("discount_rate", {}).get("note")
    if note:
        page.fact("Stated support", str(note))
    for change in s["stamp"]["changes"]:
        page.fact("Changed for this run", change)
    _built(page, c)
    _leaves(page, c)
    _exposed(page, c)
    _futures(page, c)
    _rests_on(page, c)


def _verdict(c: Content) -> str:
    v = c.verification
    if v.passed:
        return f"passed {v.checks:,} comparisons; worst relative violation {v.worst:.0e}"
    return f"FAILED: {v.failures[0].message}"


def _built(page: Page, c: Content) -> None:
    page.heading("What is built, where and when")
    rows = [
        [c.place(b.node), c.step(b.process), b.size, c.starts[b.period], b.units]
        for b in c.solution.builds.itertuples()
        if _matters(c, b.process)
    ]
    heads = [
        Head("Where", width=44),
        Head("What", width=40),
        Head("Size"),
        Head("From year", YEAR),
        Head("Units", YEAR),
    ]
    page.table(heads, sorted(rows, key=lambda r: (r[3], r[0], r[1])))
    projects = [
        [c.case.projects[p.project].label, c.starts[p.period], c.case.projects[p.project].capex_musd]
        for p in c.solution.projects.itertuples()
    ]
    if projects:
        page.table(
            [Head("Link or supply project"), Head("From year", YEAR), Head("Capital paid [MUSD]", MONEY)], projects
        )


def _matters(c: Content, process: str) -> bool:
    """Processes without a recipe (a prepared site, say) stand in the build plan, not in the headline."""
    return any(p.recipes for p in c.case.plants if p.key.process == process)


def _leaves(page: Page, c: Content) -> None:
    page.heading("How it leaves (expected exports, yearly mean over the horizon)")
    rows = [[r["corridor"], r["t_y"], r["share"]] for r in c.summary["corridors"][:8]]
    page.table([Head("Corridor"), Head("Tonnes a year", TONNES, 40), Head("Share", SHARE)], rows)


def _exposed(page: Page, c: Content) -> None:
    page.heading("Exposure to other territories (shares; transit counts each tonne once, at its first entry)")
    heads = ["Transit", "by land", "by sea", "by air", "overflight only", "Sales", "Sales by value", "Inputs by value"]
    rows = []
    ranked = sorted(
        c.summary["exposure"].items(), key=lambda item: -(item[1]["transit"] + item[1]["sales"] + item[1]["inputs"])
    )
    for territory, part in ranked:
        ways = [part["entry"][kind] for kind in ("land", "sea", "air", "overflight")]
        rows.append([territory, part["transit"], *ways, part["sales"], part["sales_by_value"], part["inputs"]])
    page.table([Head("Territory"), *(Head(h, SHARE) for h in heads)], rows[:10])


def _futures(page: Page, c: Content) -> None:
    page.heading("Value by future")
    rows = [[f["name"], f["probability"], f["npv"]] for f in c.summary["scenarios"]]
    placed = page.table([Head("Future"), Head("Probability", SHARE), Head("Net present value [MUSD]", MONEY)], rows)
    if len(rows) > 1:
        page.bars(placed, [3], "Value of the plan in each future", "MUSD", "G3", flat=True)


def _rests_on(page: Page, c: Content) -> None:
    page.heading("What rests on assumptions (rows of the input by how they are known; details in sheet Assumptions)")
    order = ("sourced", "literature", "assumption", "unstated")
    rows = [[table, *(counts.get(b, 0) for b in order)] for table, counts in c.summary["assumptions"].items()]
    page.table([Head("Table"), *(Head(b.capitalize(), TONNES) for b in order)], rows)


def build_plan(excel: Any, c: Content) -> None:
    """Every unit, project, closure and booking, with its capital."""
    page = Page(excel, "Build plan", "What is built", "Units are available from the first day of the year shown.")
    options = {tuple(o.key): o for o in c.case.options}
    rows = []
    for b in c.solution.builds.itertuples():
        option = options[b.node, b.process, b.size, b.row]
        rows.append(
            [
                c.starts[b.period],
                c.place(b.node),
                c.step(b.process),
                b.size,
                b.units,
                b.units * option.capacity_t_y,
                b.units * option.capex_musd,
                b.units * option.fixed_opex_musd_y,
                f"sites row {b.row}",
            ]
        )
    heads = [
        Head("From year", YEAR),
        Head("Where", width=30),
        Head("What", width=38),
        Head("Size"),
        Head("Units", YEAR),
        Head("Capacity [t/y]", TONNES),
        Head("Capital [MUSD]", MONEY),
        Head("Fixed cost [MUSD/y]", MONEY),
        Head("Input row", width=16),
    ]
    page.table(heads, sorted(rows, key=lambda r: (r[0], r[1], r[2])), freeze=True)
    page.heading("Capital by year of availability")
    by_year: dict[int, float] = {}
    for row in rows:
        by_year[row[0]] = by_year.get(row[0], 0.0) + row[6]
    placed = page.table(
        [Head("From year", YEAR), Head("Capital [MUSD]", MONEY)], [[y, m] for y, m in sorted(by_year.items())]
    )
    page.bars(placed, [2], "Capital by year of availability", "MUSD", f"D{placed.top - 2}")
    page.row = max(page.row, placed.top + 17)
    page.heading("Projects")
    projects = [
        [
            c.starts[p.period],
            c.case.projects[p.project].label,
            c.case.projects[p.project].capex_musd,
            c.case.projects[p.project].at,
        ]
        for p in c.solution.projects.itertuples()
    ]
    page.table([Head("From year", YEAR), Head("Project"), Head("Capital [MUSD]", MONEY), Head("Input cell")], projects)
    page.heading("Closures of existing plants")
    closed = [
        [c.starts[x.period], c.place(x.node), c.step(x.process), x.size, x.units]
        for x in c.solution.closures.itertuples()
    ]
    page.table([Head("From year", YEAR), Head("Where"), Head("What"), Head("Size"), Head("Units", YEAR)], closed)
    page.heading("Slots booked at gates")
    booked = [
        [c.starts[x.period], x.gate, x.t_y, c.case.gates[x.gate].booking_usd_t_y]
        for x in c.solution.bookings.itertuples()
    ]
    page.table(
        [Head("From year", YEAR), Head("Gate"), Head("Slots [t/y]", TONNES), Head("Price [USD/t-y]", MONEY)],
        sorted(booked),
    )


def sites(excel: Any, c: Content) -> None:
    """What every open site does over time: expected activity by period, against its capacity."""
    page = Page(
        excel, "Sites", "What every site does", "Expected activity in tonnes a year, on the basis of each recipe."
    )
    heads = [Head("Where", width=30), Head("What", width=38), Head("Recipe"), Head("From", width=24)]
    heads += [Head(f"{p} [t/y]", TONNES) for p in c.periods]
    rows = [
        [c.place(node), c.step(process), recipe, c.place(origin) if origin else "", *values]
        for (node, process, recipe, origin), values in sorted(
            c.expected("activity", ["node", "process", "recipe", "origin"])
        )
    ]
    page.table(heads, rows, freeze=True)


def red_when_broken(page: Page, cells: str) -> None:
    """Colour a check cell by its word."""
    red, green = PatternFill("solid", bgColor="FFC7CE"), PatternFill("solid", bgColor="C6EFCE")
    page.sheet.conditional_formatting.add(cells, CellIsRule(operator="notEqual", formula=['"OK"'], fill=red))
    page.sheet.conditional_formatting.add(cells, CellIsRule(operator="equal", formula=['"OK"'], fill=green))
