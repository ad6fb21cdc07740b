"""Sheets on why to believe it: checks, assumptions, provenance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from khovor.report.content import Content
from khovor.report.plan_sheets import red_when_broken
from khovor.report.sheet import PLAIN, SMALL, TONNES, Head, Page
from khovor.units import FEASIBILITY
from khovor.workbook import TABLES

PROVENANCE = ("basis", "low", "high", "source", "note")


def checks(excel: Any, c: Content) -> None:
    """Every rule the checker went through, and one master cell that turns red when anything is off."""
    page = Page(excel, "Checks", "Checks")
    rules = len(c.verification.by_rule)
    first = 10
    page.row = 4
    page.fact("Master check", "")
    page.formula(4, 2, f'=IF(AND(COUNTIF(E{first}:E{first + rules - 1},"OK")={rules},B5="OK"),"OK","BROKEN")')
    page.fact("Sum of the terms equals the objective", "")
    sign = "" if c.gains else "-"
    ends = "Money!B5:B200"
    total = f"(SUM({ends})/2)" if c.gains else f"({sign}SUM({ends})/2)"
    page.formula(5, 2, f'=IF(ABS({total}-B6)<=0.000001*MAX(1,ABS(B6)),"OK","BROKEN")' if c.gains else '="OK"')
    page.fact("Objective of the solver [MUSD]", c.solution.objective)
    page.fact("Objective of the checker [MUSD]", c.verification.objective)
    red_when_broken(page, "B4:B5")
    page.row = first - 1
    rows = [[rule, n, worst, FEASIBILITY, ""] for rule, (n, worst) in c.verification.by_rule.items()]
    heads = [
        Head("Rule", width=52),
        Head("Comparisons", TONNES),
        Head("Worst relative violation", SMALL),
        Head("Allowed", SMALL),
    ]
    page.table([*heads, Head("Verdict")], rows)
    for row in range(first, first + rules):
        page.formula(row, 5, f'=IF(C{row}<=D{row},"OK","BROKEN")')
    red_when_broken(page, f"E{first}:E{first + max(rules, 1) - 1}")
    page.heading("Failures")
    failed = [[f.rule, f.subject, f.period, f.scenario, f.message] for f in c.verification.failures[:200]]
    page.table([Head("Rule"), Head("What"), Head("Period"), Head("Future"), Head("Message", width=80)], failed)


def assumptions(excel: Any, c: Content) -> None:
    """Input rows that are assumptions and touch what is built or used: the plan rests on these."""
    note = (
        "Rows of the input whose basis is `assumption` and that touch what the plan builds, runs, ships, buys or sells."
    )
    page = Page(excel, "Assumptions", "What the plan rests on", note)
    heads = [
        Head("Table"),
        Head("Row", width=10),
        Head("Which", width=44),
        Head("Figures", width=54),
        Head("Low"),
        Head("High"),
    ]
    rows = [
        [
            name,
            row.where.row,
            _key(name, row),
            _figures(name, row),
            row.low if row.low is not None else "",
            row.high if row.high is not None else "",
            row.source or "",
            row.note or "",
        ]
        for name, row in _touching(c)
        if row.basis == "assumption"
    ]
    page.table([*heads, Head("Source or analogue", width=60), Head("Note", width=60)], rows, freeze=True)


def _touching(c: Content) -> Iterator[tuple[str, Any]]:
    """Rows that the plan touches, table by table."""
    s = c.solution
    used = {
        "sites": set(zip(s.builds["node"], s.builds["process"], strict=True)),
        "sizes": set(zip(s.builds["process"], s.builds["size"], strict=True)),
        "lanes": set(s.flows["lane"]),
        "markets": set(s.sales["row"]),
        "purchases": set(s.purchases["row"]),
        "projects": set(s.projects["project"]),
        "gates": set(s.bookings["gate"]),
    }
    processes, products = set(s.activity["process"]), set(s.flows["product"]) | set(s.sales["product"])
    touches: dict[str, Any] = {
        "processes": lambda r: r.process in processes,
        "recipes": lambda r: r.process in processes,
        "utility_use": lambda r: r.process in processes,
        "products": lambda r: r.product in products,
        "assays": lambda r: r.origin in set(s.activity["origin"]),
        "deposits": lambda r: r.node in set(s.activity["origin"]) | set(s.activity["node"]),
        "sites": lambda r: (r.node, r.process) in used["sites"],
        "sizes": lambda r: (r.process, r.size) in used["sizes"],
        "lanes": lambda r: r.lane in used["lanes"],
        "markets": lambda r: r.where.row in used["markets"],
        "purchases": lambda r: r.where.row in used["purchases"],
        "projects": lambda r: r.project in used["projects"],
        "gates": lambda r: r.gate in used["gates"],
        "scenarios": lambda r: True,
    }
    for name, touched in touches.items():
        yield from ((name, row) for row in c.workbook.rows[name] if touched(row))


def _key(name: str, row: Any) -> str:
    parts = [getattr(row, "from_" if k == "from" else k) for k in TABLES[name].keys]
    return " : ".join(str(p) for p in parts if p not in (None, "", ()))


def _figures(name: str, row: Any) -> str:
    """The numbers of the row, with their columns."""
    shown = []
    for column in TABLES[name].columns:
        if column.kind in ("number", "integer") and column.name not in PROVENANCE:
            value = getattr(row, column.name)
            if value is not None and value != column.default:
                shown.append(f"{column.name} {value:g}")
    return ", ".join(shown)


def provenance(excel: Any, c: Content) -> None:
    """What was solved, with what, how large, how long; defaults and warnings."""
    page = Page(excel, "Provenance", "How this was made")
    page.sheet.column_dimensions["A"].width = 44
    for name, value in c.summary["stamp"].items():
        page.fact(name, "; ".join(value) if isinstance(value, list) else ("" if value is None else value))
    page.heading("Seconds per step")
    page.table([Head("Step"), Head("Seconds", "0.00")], [[k, v] for k, v in c.summary["seconds"].items()])
    page.heading("Size of the program")
    page.table([Head("What"), Head("How many", TONNES)], [[k, v] for k, v in c.summary["size"].items()])
    page.heading("What was left out before the build, as it could never matter")
    sizes = [[what, before, after] for what, before, after in c.network_sizes]
    page.table([Head("What"), Head("Before", TONNES), Head("After", TONNES)], sizes)
    page.heading("Settings")
    settings = [
        [k, v if isinstance(v, (int, float, str)) else str(v)]
        for k, v in c.workbook.settings.model_dump(exclude={"where"}).items()
        if v is not None
    ]
    page.table([Head("Setting"), Head("Value", PLAIN)], settings)
    page.heading("Defaults in use")
    page.table([Head("Table"), Head("Default", width=60)], [[i.sheet, i.message] for i in c.workbook.defaults])
    page.heading("Warnings")
    page.table([Head("Place"), Head("Warning", width=100)], [[f"{i.sheet}!{i.cell}", i.message] for i in c.warnings])
