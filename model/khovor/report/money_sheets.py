"""Sheets of money: terms, periods, futures, and what a little more of each bottleneck is worth."""

from __future__ import annotations

from typing import Any

from khovor.report.content import Content
from khovor.report.sheet import MONEY, SHARE, TONNES, Head, Page
from khovor.units import USD_PER_MUSD

WORDS = {
    "capex": "Capital of plants",
    "sustaining": "Sustaining capital",
    "fixed_opex": "Fixed operating cost",
    "variable_opex": "Variable operating cost",
    "closing": "Closing of plants",
    "project_capex": "Capital of projects",
    "project_opex": "Yearly cost of projects",
    "booking": "Slots booked at gates",
    "revenue": "Sales",
    "purchases": "Goods bought",
    "freight": "Freight and handling",
    "fees": "Border, transit and port fees",
    "transit_interest": "Interest on goods in transit",
    "utilities": "Power, water and other utilities",
    "disposal": "Disposal of residues",
    "holding": "Holding of stocks",
    "shortfall": "Penalties for contracts missed",
    "terminal_value": "Book value after the horizon",
}
"""Every money term in words."""

RULES = {
    "activity_within_capacity": "more capacity",
    "activity_above_minimum_load": "a higher minimum load",
    "ore_within_reserve": "more ore in the ground",
    "shipments_within_lane": "more room on the lane",
    "shipments_within_gate": "more room at the gate",
    "shipments_within_booking": "more slots booked in time",
    "booking_within_gate": "more slots on offer",
    "stock_within_room": "more room in the stockpile",
    "stock_left_at_the_end": "more to be left at the end",
    "sales_within_tier": "more demand at this price",
    "contract_delivered": "a larger contract",
    "use_within_step": "more of the utility",
}
"""Every priced rule in words."""


def money(excel: Any, c: Content) -> None:
    """Terms by period, expected and discounted: they add up to the objective."""
    note = "Discounted MUSD, expected over the futures. What is added to value is positive, what is paid negative."
    page = Page(excel, "Money", "Where the value comes from", note)
    frame = c.solution.terms.assign(mean=c.solution.terms["musd"] * c.solution.terms["scenario"].map(c.odds))
    wide = frame.pivot_table(index="term", columns="period", values="mean", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(columns=c.periods, fill_value=0.0)
    order = wide.sum(axis=1).sort_values(ascending=False).index
    rows = [[WORDS.get(t, t), float(wide.loc[t].sum()), *(float(v) for v in wide.loc[t])] for t in order]
    heads = [Head("Term", width=36), Head("Total [MUSD]", MONEY), *(Head(p, MONEY) for p in c.periods)]
    placed = page.table(heads, rows, freeze=True)
    total = page.row - 1
    page.sheet.cell(total, 1, "Sum of all terms")
    for column in range(2, placed.right + 1):
        letter = page.sheet.cell(total, column).column_letter
        page.formula(total, column, f"=SUM({letter}{placed.top}:{letter}{placed.bottom})", MONEY)
    page.row += 1
    page.bars(placed, [2], "Value by term", "MUSD", f"A{page.row}", flat=True)
    page.row += 18
    page.heading("By future [MUSD]")
    futures = [s.name for s in c.case.scenarios]
    by_future = c.solution.terms.pivot_table(
        index="term", columns="scenario", values="musd", aggfunc="sum", fill_value=0.0
    )
    rows = [[WORDS.get(t, t), *(float(by_future.loc[t].get(s, 0.0)) for s in ("", *futures))] for t in order]
    page.table([Head("Term"), Head("In every future", MONEY), *(Head(s, MONEY) for s in futures)], rows)


def scenarios(excel: Any, c: Content) -> None:
    """Each future: odds, value, what it changes, what is sold in it."""
    page = Page(excel, "Scenarios", "The futures", "The plan is the same in all of them; operation adapts.")
    sold = c.solution.sales.groupby("scenario")["t_y"].sum() if not c.solution.sales.empty else {}
    mean = sum(f["probability"] * f["npv"] for f in c.summary["scenarios"])
    rows = [
        [
            f["scenario"],
            f["name"],
            f["probability"],
            f["npv"],
            f["npv"] - mean,
            float(sold.get(f["scenario"], 0.0)) / len(c.periods),
        ]
        for f in c.summary["scenarios"]
    ]
    heads = [
        Head("Future"),
        Head("Name", width=60),
        Head("Probability", SHARE),
        Head("Value [MUSD]", MONEY),
        Head("Against the mean [MUSD]", MONEY),
        Head("Sold, mean of the periods [t/y]", TONNES),
    ]
    placed = page.table(heads, rows, freeze=True)
    page.bars(placed, [4], "Value in each future", "MUSD", f"A{page.row}")
    page.row += 18
    page.heading("What each future changes")
    changes = [
        [s.name, _span(e.window), e.target_type, e.target, _effect(e), e.at] for s in c.case.scenarios for e in s.events
    ]
    page.table(
        [
            Head("Future"),
            Head("Years"),
            Head("What"),
            Head("Which", width=30),
            Head("Effect", width=40),
            Head("Input cell"),
        ],
        changes,
    )


def _span(window: Any) -> str:
    if window.first is None and window.last is None:
        return "always"
    return f"{window.first or 'start'} to {window.last or 'end'}"


def _effect(event: Any) -> str:
    parts = [
        f"{name} x {value:g}"
        for name, value in (
            ("capacity", event.capacity_factor),
            ("cost", event.cost_factor),
            ("price", event.price_factor),
            ("demand", event.demand_factor),
        )
        if value != 1
    ]
    parts += [f"{event.add_fee_usd_t:+g} USD/t"] if event.add_fee_usd_t else []
    parts += [f"{event.add_days:+g} days"] if event.add_days else []
    return ", ".join(parts) or "nothing"


def shadow_prices(excel: Any, c: Content) -> None:
    """What one unit more of each binding limit adds to expected value, in words and with its cell."""
    note = "Given what is built: expected, discounted value of one unit more in each year of the period. 300 largest."
    page = Page(excel, "Shadow prices", "What a little more would be worth", note)
    duals = c.solution.duals
    keys = ["rule", "subject", "period", "unit", "at"]
    summed = duals.groupby(keys, sort=False)["value"].sum().reset_index()
    summed = summed.reindex(summed["value"].abs().sort_values(ascending=False).index).head(300)
    rows = []
    for r in summed.itertuples(index=False):
        worth = r.value * USD_PER_MUSD
        when = f" in {r.period}" if r.period else ""
        gain = "adds" if worth > 0 else "costs"
        sentence = f"One {r.unit} more ({r.subject}{when}): {RULES.get(r.rule, r.rule)} {gain} {abs(worth):,.0f} USD."
        rows.append([r.subject, r.period, worth, f"USD per {r.unit}", r.at, sentence])
    heads = [
        Head("Limit", width=44),
        Head("Period"),
        Head("Worth", TONNES),
        Head("Unit", width=16),
        Head("Input cell", width=16),
    ]
    page.table([*heads, Head("In words", width=90)], rows, freeze=True)
