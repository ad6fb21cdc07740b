"""The content of summary.json, and the page that documents its keys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

import pandas as pd

from khovor.case import Case
from khovor.report.basis import basis_counts, counted, touched
from khovor.report.content import Content
from khovor.report.events import changes
from khovor.report.exposure import exposure
from khovor.report.finance_figures import finance_figures
from khovor.report.headline import headline
from khovor.report.kilograms import told_unit_costs
from khovor.report.odds_keys import DECISION_KEYS, INFORMATION_KEYS
from khovor.report.price_keys import BREAKEVEN_KEYS, STAGES_KEYS
from khovor.report.support import support
from khovor.report.terms import expected_terms, expected_value, scenario_values
from khovor.solution import Solution
from khovor.verify import Verification, worst_mean
from khovor.versions import versions
from khovor.workbook import Workbook

KEYS: Final[Mapping[str, str]] = {
    "title": "title of the case, from its settings",
    "status": "optimal (proved within the gap), feasible (stopped at a limit), interrupted; "
    "without a plan: infeasible, unbounded, no_solution",
    "headline": "[sentence]: the answer in words, as on the Summary sheet",
    "sense": "maximize for npv, minimize for cost and support",
    "objective": "value of the plan [unit], expected over the futures; with a risk_weight see `risk`; under support "
    "the public money it takes, discounted",
    "bound": "no plan can be better than this [unit]; null when none was proved",
    "gap": "|bound - objective| / |objective|; null without a bound",
    "unit": "MUSD, real, of the base year",
    "terms": "{name: expected discounted contribution to value [MUSD]}; they add up to the expected value, which "
    "is the objective where no risk is weighed; under cost, those but revenue add up to minus the objective",
    "seconds": "{read, check, build, solve, verify, write}: seconds per step",
    "size": "{rows, columns, integers, nonzeros} of the program handed to the solver",
    "builds": "[{node, process, size, row, period, units}]: units available from the first day of the period; `row` is "
    "the row of the sheet sites",
    "projects": "[{project, period}]: projects available from the period",
    "closures": "[{node, process, size, row, period, units}]: existing units closed on the first day of the period",
    "bookings": "[{gate, period, t_y}]: slots booked",
    "capital": "undiscounted capital of all plants and projects of the plan [MUSD]",
    "corridors": "[{corridor, name, t_y, share}]: expected exports by corridor over the horizon, as yearly means; "
    "`corridor` is the borders, ports and airports passed, `name` the same in words",
    "exposure": "{territory: {transit, transit_by_value, entry: {land, sea, air, overflight}, processing: {plants, "
    "technology, inputs}, sales, sales_by_value, inputs, by_period: {period: {transit, sales}}}}: shares; transit is "
    "what enters or overflies the territory, each tonne once, of all that leaves home; entry is how it is first met; "
    "processing is the value added (by reference values) at plants there, and by its technology anywhere, and the "
    "share of purchases by value that is bought there, which is inputs too",
    "scenarios": "[{scenario, name, probability, npv, changes: [words]}]: value in each future [MUSD], minus the cost "
    "under cost; `changes` is what its events do, to what and when",
    "finance": "{npv, irr, irrs, payback_year, discounted_payback_year, dscr_min, dscr: {year: ratio}, equity: {npv, "
    "irr, irrs, payback_year, discounted_payback_year}, not_cash: [term], left_out: [term], scenarios: {scenario: the "
    "same figures}}: of the expected yearly flow [MUSD]; null is none; `irrs` counts internal rates of return that are "
    "not negative, `irr` is the one nearest the discount rate; `dscr` is cash available for debt service over debt "
    "served; terms `not_cash` count in value and flow but are paid to nobody; `left_out` the objective leaves out",
    "policies": "[{policy, period, scenario, measured, limit, beyond, at}]: what the checker measured of every policy; "
    "scenario is empty for what is decided once or holds on average; `beyond` in the limit's unit, of a share in t/y "
    "or USD/y",
    "instruments": "{taken: [{instrument, kind, amount_musd, public_musd}], public_musd, target_irr, financed: "
    "[{instrument, build_years, period, musd}], conditions: [{instrument, condition, measured, limit, slack, binds, "
    "price, at}]}: support that is taken; amount is capital financed or insured as it is spent, of a price floor what "
    "it is expected to pay; public money is expected, discounted at the discount rate, never below 0; target_irr under "
    "objective support only; conditions where each has least room, price in MUSD of the objective per unit",
    "risk": "{weight, tail, expected, cvar}: null where no risk is weighed; the objective is (1 - weight) x expected + "
    "weight x cvar, the mean of the worst `tail` of the futures [MUSD] (cost: minus both)",
    "verified": "{passed, worst, checks}: the independent checker's verdict, worst relative violation, comparisons",
    "stamp": "{input_sha256, khovor, pyomo, highspy, python, threads, seed, gap, time_limit_s, changes}: "
    "what it takes to repeat the run",
    "unit_costs": "{unit, rule, steps, products, sales, periods}: levelised cost of what is sold, delivered, after tax "
    "and support [USD/kg]: discounted cost over discounted tonnes, expected; `products` [{product, t, price, cost, "
    "steps: {step: USD/kg}}], `sales` the same by market and corridor, `periods` the same by period; t is discounted "
    "tonnes, price what they bring, by the same measure; t x cost of each list is the cost of the plan; null for a "
    "plan that breaks a rule",
    "assumptions": "{table: {basis: rows}}: how many input rows are sourced, literature, assumption, or unstated",
    "rests_on": "{basis: rows}: the same for the rows that touch what the plan builds, runs, ships, buys or sells",
}
"""Every key and what it holds."""

STUDY_KEYS: Final[Mapping[str, str]] = {
    "study": "{name, complete, runs: [{name, changes, status, message, objective, bound, gap, capital, difference: "
    "{low, value, high}, seconds, builds, otherwise, verified}]}: of a study only, whose other keys are its base's; "
    "`difference` is to the base [MUSD], `low` and `high` where that of the two best plans lies, `otherwise` what is "
    "built otherwise, in words",
}
"""What the summary of a study holds beside the keys of its base."""

VALUE_KEYS: Final[Mapping[str, str]] = {
    "title": "title of the case, from its settings",
    "status": "valued, or interrupted",
    "unit": "MUSD, real, of the base year",
    "expected": "mean over the futures, weighted by their probabilities [MUSD]; null where one cannot be valued",
    "standard_error": "of the mean, the futures taken as a sample: sqrt(Σ p·(v - mean)² / (n - 1)), n = 1 / Σ p²",
    "interval": "[low, high]: 95% confidence interval of the mean, by Student's t of n - 1 degrees of freedom",
    "worst": "the least value of any future [MUSD]",
    "below_zero": "probability of a value below 0",
    "infeasible": "how many futures have rules, such as a contract, that the plan cannot keep",
    "in_sample": "value of the plan in the futures it was made for [MUSD]",
    "futures": "[{scenario, name, probability, npv, status}]: value in each future [MUSD]; minus the cost under cost",
    "seconds": "{read, runs}: seconds per step",
    "stamp": "{input_sha256, futures_sha256, changes, khovor, python, ...}: what it takes to repeat it",
}
"""What the summary of a valuation (`khovor value`) holds."""

FRONTIER_KEYS: Final[Mapping[str, str]] = {
    "title": "title of the case, from its settings",
    "status": "optimal (every point proved within the gap, or proved impossible), feasible, interrupted",
    "unit": "MUSD, real, of the base year",
    "sense": "maximize for npv, minimize for cost",
    "headline": "[sentence]: the answer in words",
    "measures": "[{measure, subject, sense, basis, scope, years, unit}]: one, or two of a surface",
    "price_unit": "what a price is in: USD per percentage point of a share, per unit of all else",
    "how": "what the points are, in words",
    "base": "{objective, bound, gap, measured, expected, cvar, builds}: the best plan without a limit; `measured` of "
    "each measure, that of the worst period and future",
    "points": "[{name, limit, measured, limit2, measured2, status, message, value, objective, bound, gap, plan_of, "
    "dominated_by, price: {low, value, high}, capital, seconds, builds, projects, verified}]: loosest first; limit2 "
    "and measured2 of a surface only; `price` of the step from the looser neighbour that is not dominated, null where "
    "the two measure the same; of cvar `limit` is the weight and `value` the expected value",
    "switches": "[{between: [looser, tighter], possible, changes}]: between which limits the set of sites changes",
    "solves": "how many cases were solved: fewer than points where one answers for another",
    "complete": "false where it was stopped",
    "verified": "{passed}: whether the checker accepts every plan",
    "seconds": "{read, check, runs}: seconds per step",
    "stamp": "of the run without a limit: what it takes to repeat it",
}
"""What the summary of a frontier (`khovor frontier`) holds."""


def summarise(
    case: Case,
    workbook: Workbook,
    solution: Solution,
    verification: Verification,
    seconds: Mapping[str, float],
    network_sizes: Sequence[tuple[str, int, int]] = (),
) -> dict[str, Any]:
    """The content of summary.json: plain numbers, strings, lists and dictionaries; never NaN or infinity."""
    return told(Content(case, workbook, solution, verification, {}, network_sizes), seconds)


def told(c: Content, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The same of a content whose summary is not there yet: what it works out on the way serves the sheets as well."""
    case, workbook, solution, verification = c.case, c.workbook, c.solution, c.verification
    c.summary = {
        "title": case.terms.title,
        "status": solution.status,
        "headline": [],
        "sense": solution.sense,
        "objective": solution.objective,
        "bound": finite(solution.bound),
        "gap": finite(solution.gap),
        "unit": "MUSD",
        "terms": expected_terms(case, solution),
        "seconds": {name: round(spent, 3) for name, spent in seconds.items()},
        "size": asdict(solution.size),
        "builds": _records(solution.builds),
        "projects": _records(solution.projects),
        "closures": _records(solution.closures),
        "bookings": _records(solution.bookings),
        "capital": capital(case, solution),
        "corridors": _corridors(c),
        "exposure": exposure(case, solution, c.paths),
        "scenarios": _futures(case, solution),
        "finance": finance_figures(c.finance),
        "policies": _records(verification.policies),
        "instruments": support(c),
        "risk": _risk(case, solution),
        "verified": {"passed": verification.passed, "worst": verification.worst, "checks": verification.checks},
        "stamp": stamp(case, workbook),
        "unit_costs": told_unit_costs(c.unit_costs),
        "assumptions": basis_counts(workbook),
        "rests_on": counted([row for _, row in touched(case, workbook, solution)]),
    }
    c.summary = finite({**c.summary, "headline": headline(c)})
    return dict(c.summary)


def _futures(case: Case, solution: Solution) -> list[dict[str, Any]]:
    """Each future, its value and what it changes."""
    values = scenario_values(case, solution)
    told = [[str(change) for change in changes(future)] for future in case.scenarios]
    return [{**value, "changes": words} for value, words in zip(values, told, strict=True)]


def _risk(case: Case, solution: Solution) -> dict[str, float] | None:
    """Expected value and the mean of the worst futures, where the objective weighs them."""
    if not case.terms.risk_weight:
        return None
    worths = [(future["npv"], future["probability"]) for future in scenario_values(case, solution)]
    return {
        "weight": case.terms.risk_weight,
        "tail": case.terms.risk_tail,
        "expected": expected_value(case, solution),
        "cvar": worst_mean(worths, case.terms.risk_tail),
    }


def capital(case: Case, solution: Solution) -> float:
    """All capital of plants and projects, as it is spent [MUSD]."""
    options = {tuple(o.key): o.capex_musd for o in case.options}
    plants = sum(b.units * options[b.node, b.process, b.size, b.row] for b in solution.builds.itertuples())
    return float(plants + sum(case.projects[p.project].capex_musd for p in solution.projects.itertuples()))


def stamp(case: Case, workbook: Workbook) -> dict[str, Any]:
    """What it takes to repeat a run."""
    known = versions()
    return {
        "input_sha256": workbook.sha256,
        **{name: known[name] for name in ("khovor", "pyomo", "highspy", "python")},
        "threads": case.terms.threads,
        "seed": case.terms.seed,
        "gap": case.terms.mip_gap,
        "time_limit_s": case.terms.time_limit_s,
        "changes": [str(change) for change in workbook.changes],
    }


def reference() -> str:
    """The page that documents summary.json."""
    lines = [
        "# summary.json",
        "",
        "Printed from the code. One JSON document per run.",
    ]
    for heading, keys in (
        ("", KEYS),
        ("Beside these, of a study", STUDY_KEYS),
        ("Of a valuation", VALUE_KEYS),
        ("Of `khovor information`", INFORMATION_KEYS),
        ("Of `khovor decide`", DECISION_KEYS),
        ("Of `khovor frontier`", FRONTIER_KEYS),
        ("Of `khovor breakeven`", BREAKEVEN_KEYS),
        ("Of `khovor stages`", STAGES_KEYS),
    ):
        lines += ["", f"## {heading}", ""] if heading else [""]
        lines += ["| key | holds |", "|---|---|"]
        lines += [f"| `{key}` | {text.replace('|', chr(92) + '|')} |" for key, text in keys.items()]
    return "\n".join(lines) + "\n"


def _corridors(c: Content) -> list[dict[str, Any]]:
    table = c.corridors
    if table.empty:
        return []
    tonnes = (table["t_y"] * table["period"].map(c.years)).groupby([table["corridor"], table["name"]], sort=False).sum()
    tonnes = tonnes.sort_values(ascending=False, kind="stable")
    span, total = sum(c.years.values()), float(tonnes.sum())
    return [
        {"corridor": corridor, "name": name, "t_y": float(t) / span, "share": float(t) / total}
        for (corridor, name), t in tonnes.items()
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain Python values."""
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in frame.astype(object).itertuples(index=False, name=None)]


def finite(value: Any) -> Any:
    """The same in lists and dictionaries, with every number that is not finite made null."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
