"""The first sheet: the answer in sentences, then its key figures and short tables."""

from __future__ import annotations

from typing import Any

from khovor.report.basis import BASES
from khovor.report.content import Content
from khovor.report.exposure import ENTRIES, PROCESSING
from khovor.report.headline import does_something
from khovor.report.sheets.book import Book
from khovor.report.sheets.charts import bars
from khovor.report.sheets.page import MONEY, SHARE, TONNES, YEAR, Head, Page

ACROSS = 8
"""Columns that a sentence spans."""

BESIDE = "G"
"""Column in which the chart stands, beside tables that end before it."""

BESIDE_ROWS = 21
"""Rows the chart needs."""


def summary(book: Book, c: Content) -> None:
    """Headline and status, what is built, how it leaves, exposure, futures, what it rests on."""
    year = c.case.horizon.base_year
    note = (
        f"All money in million US dollars (MUSD) of {year}, without inflation. Amounts are expected over the futures."
    )
    page = book.page("Summary", c.case.terms.title or "The plan", note)
    page.widths({"A": 62.0, **dict.fromkeys("BCDEFGH", 13.0)})
    for place, text in enumerate(c.summary["headline"]):
        page.sentence(text, ACROSS, bold=place < 2)
    page.row += 1
    top = page.row
    _figures(page, c)
    _built(page, c)
    _leaves(book, page, c)
    page.row = max(page.row, top + BESIDE_ROWS)
    _exposed(book, page, c)
    _futures(page, c, top)
    _rests_on(page, c)


def _figures(page: Page, c: Content) -> None:
    s = c.summary
    page.heading("Key figures")
    word = "Expected net present value [MUSD]" if c.gains else "Expected discounted cost [MUSD]"
    page.fact(word, c.expected_objective, MONEY, bold=True)
    if s["risk"]:
        page.fact("Mean of the worst futures, CVaR [MUSD]", s["risk"]["cvar"], MONEY, bold=True)
        page.fact("Objective: the two as weighed [MUSD]", c.solution.objective, MONEY)
    if c.case.instruments:
        page.fact("Public money taken [MUSD, discounted]", s["instruments"]["public_musd"], MONEY, bold=True)
        binding = [f"{r['instrument']}: {r['condition']}" for r in s["instruments"]["conditions"] if r["binds"]]
        page.fact("Support taken", "; ".join(r["instrument"] for r in s["instruments"]["taken"]) or "none")
        page.fact("Conditions of it that bind", "; ".join(binding) or "none")
    page.fact("No plan can be better than [MUSD]", s["bound"] if s["bound"] is not None else "not proved", MONEY)
    page.fact("Gap between the two", s["gap"] if s["gap"] is not None else "not known", "0.00%")
    page.fact("Discount rate, per year", c.case.horizon.rate, "0.0##%")
    page.fact("Independent checker", _verdict(c), bold=True)
    page.fact("Master check (sheet Checks)", "")
    master = page.formula(page.row - 1, 2, "=Checks!$B$4")
    page.verdicts(master.coordinate)
    page.row += 1


def _verdict(c: Content) -> str:
    v = c.verification
    if v.passed:
        return f"passed {v.checks:,} comparisons; worst relative violation {v.worst:.0e}"
    return f"FAILED: {v.failures[0].message}"


def _built(page: Page, c: Content) -> None:
    page.heading("What is built, where and when")
    options = {tuple(o.key): o for o in c.case.options}
    rows = []
    for b in c.solution.builds.itertuples():
        if does_something(c, b.process):
            option = options[b.node, b.process, b.size, b.row]
            what = f"{c.names.place(b.node)}: {c.names.step(b.process)}, {b.size}"
            size = b.units * option.capacity_t_y, b.units * option.capex_musd
            rows.append([what, c.starts[b.period], b.units, *size])
    heads = [Head("Plant"), Head("From year", YEAR), Head("Units", YEAR)]
    heads += [Head("Capacity [t/y]", TONNES), Head("Capital [MUSD]", MONEY)]
    page.table(heads, sorted(rows, key=lambda r: (r[1], r[0])))
    projects = [
        [c.case.projects[p.project].label, c.starts[p.period], c.case.projects[p.project].capex_musd]
        for p in c.solution.projects.itertuples()
    ]
    if projects:
        page.table([Head("Link or supply"), Head("From year", YEAR), Head("Capital [MUSD]", MONEY)], projects)


def _leaves(book: Book, page: Page, c: Content) -> None:
    page.heading("How it leaves: expected exports, yearly mean over the horizon")
    rows = [[r["name"], r["t_y"], r["share"]] for r in c.summary["corridors"]]
    placed = page.table([Head("Corridor"), Head("Exports [t/y]", TONNES), Head("Share", SHARE)], rows)
    if rows:
        book.tie("The corridors' shares of exports add up to 1", f"SUM({placed.column(3)})", 1.0)


def _exposed(book: Book, page: Page, c: Content) -> None:
    page.heading("Exposure to other territories, as shares")
    note = (
        "Transit: of the tonnes that leave home, those that enter or overfly it, each once; then how it is first met."
    )
    page.sentence(note, ACROSS)
    rows: list[list[Any]] = []
    for territory, part in c.summary["exposure"].items():
        ways = [part["entry"][kind] for kind in ENTRIES]
        trade = [part["sales"], part["sales_by_value"]]
        processing = [part["processing"][kind] for kind in PROCESSING]
        share = part["transit_by_value"]
        rows.append([c.names.territory(territory), part["transit"], *ways, share, *trade, *processing])
    titles = ["Transit", *(f"of it, {'only over it' if k == 'overflight' else f'by {k}'}" for k in ENTRIES)]
    titles += ["Transit, by value", "Sales", "Sales, by value"]
    titles += ["Value added there", "Value added by its technology", "Inputs, by value"]
    placed = page.table([Head("Territory"), *(Head(t, SHARE) for t in titles)], rows)
    if rows:
        parts = f"SUMPRODUCT({placed.block(3, 2 + len(ENTRIES))})"
        book.tie("The ways into a territory add up to its transit", parts, f"SUM({placed.column(2)})")


def _futures(page: Page, c: Content, top: int) -> None:
    """The values, and beside the key figures their chart."""
    page.heading("Value by future")
    rows = [[f["name"], f["probability"], f["npv"]] for f in c.summary["scenarios"]]
    placed = page.table([Head("Future"), Head("Probability", SHARE), Head("Value [MUSD]", MONEY)], rows)
    if len(rows) > 1:
        bars(page, placed, [3], "Value in each future", "MUSD", f"{BESIDE}{top}", flat=True, size=(20.0, 10.0))


def _rests_on(page: Page, c: Content) -> None:
    page.heading("How the input is known: rows by basis (sheet Assumptions lists those this plan rests on)")
    counts = {"All that this plan touches": c.summary["rests_on"]} | c.summary["assumptions"]
    rows = [[table, *(found.get(b, 0) for b in BASES)] for table, found in counts.items()]
    page.table([Head("Table"), *(Head(b.capitalize(), TONNES) for b in BASES)], rows)
