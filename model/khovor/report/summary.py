"""The content of summary.json, and the page that documents its keys."""

from __future__ import annotations

import importlib.metadata
import math
import platform
from collections.abc import Mapping, Sequence
from typing import Any, Final

from khovor.case import Case
from khovor.report.corridors import corridor_table, paths
from khovor.report.exposure import exposure
from khovor.solution import Solution
from khovor.verify import Verification
from khovor.workbook import Workbook

KEYS: Final[Mapping[str, str]] = {
    "title": "title of the case, from its settings",
    "status": "optimal (proved within the gap), feasible (stopped at a limit), interrupted; "
    "without a plan: infeasible, unbounded, no_solution",
    "sense": "maximize for npv, minimize for cost",
    "objective": "value of the plan [unit], expected over the futures",
    "bound": "no plan can be better than this [unit]; null when none was proved",
    "gap": "|bound - objective| / |objective|; null without a bound",
    "unit": "MUSD, real, of the base year",
    "terms": "{name: expected discounted contribution to value [MUSD]}; they add up to the objective (npv)",
    "seconds": "{read, check, build, solve, verify, write}: seconds per step",
    "size": "{rows, columns, integers, nonzeros} of the program handed to the solver",
    "builds": "[{node, process, size, period, units}]: units available from the first day of the period",
    "projects": "[{project, period}]: projects available from the period",
    "closures": "[{node, process, size, period, units}]: existing units closed on the first day of the period",
    "bookings": "[{gate, period, t_y}]: slots booked",
    "corridors": "[{corridor, t_y, share}]: expected exports by corridor over the horizon, as yearly means",
    "exposure": "{territory: {transit, entry: {land, sea, air, overflight}, sales, sales_by_value, inputs, "
    "by_period}}: shares",
    "scenarios": "[{scenario, name, probability, npv}]: value in each future [MUSD]",
    "verified": "{passed, worst, checks}: the independent checker's verdict, worst relative violation, comparisons",
    "stamp": "{input_sha256, khovor, pyomo, highspy, python, threads, seed, gap, time_limit_s, changes}: "
    "what it takes to repeat the run",
    "assumptions": "{table: {basis: rows}}: how many input rows are sourced, literature, assumption, or unstated",
}
"""Every key and what it holds."""


def summarise(
    case: Case,
    workbook: Workbook,
    solution: Solution,
    verification: Verification,
    seconds: Mapping[str, float],
    network_sizes: Sequence[tuple[str, int, int]] = (),
) -> dict[str, Any]:
    """The content of summary.json: plain numbers, strings, lists and dictionaries; never NaN or infinity."""
    found = paths(case, solution)
    return {
        "title": case.terms.title,
        "status": solution.status,
        "sense": solution.sense,
        "objective": solution.objective,
        "bound": _finite(solution.bound),
        "gap": _finite(solution.gap),
        "unit": "MUSD",
        "terms": expected_terms(case, solution),
        "seconds": {name: round(spent, 3) for name, spent in seconds.items()},
        "size": {
            "rows": solution.size.rows,
            "columns": solution.size.columns,
            "integers": solution.size.integers,
            "nonzeros": solution.size.nonzeros,
        },
        "builds": solution.builds.drop(columns="row").to_dict("records"),
        "projects": solution.projects.to_dict("records"),
        "closures": solution.closures.drop(columns="row").to_dict("records"),
        "bookings": solution.bookings.to_dict("records"),
        "corridors": _corridors(case, found),
        "exposure": exposure(case, solution, found),
        "scenarios": scenario_values(case, solution),
        "verified": {"passed": verification.passed, "worst": verification.worst, "checks": verification.checks},
        "stamp": stamp(case, workbook),
        "assumptions": basis_counts(workbook),
    }


def expected_terms(case: Case, solution: Solution) -> dict[str, float]:
    """Every money term, futures weighted by probability [MUSD]."""
    odds = {s.name: s.probability for s in case.scenarios} | {"": 1.0}
    frame = solution.terms.assign(expected=solution.terms["musd"] * solution.terms["scenario"].map(odds))
    return {str(name): float(value) for name, value in frame.groupby("term")["expected"].sum().items()}


def scenario_values(case: Case, solution: Solution) -> list[dict[str, Any]]:
    """The value of the plan in each future [MUSD]: what is paid in every future, and what happens in this one."""
    frame = solution.terms
    always = float(frame[frame["scenario"] == ""]["musd"].sum())
    return [
        {
            "scenario": s.name,
            "name": s.label,
            "probability": s.probability,
            "npv": always + float(frame[frame["scenario"] == s.name]["musd"].sum()),
        }
        for s in case.scenarios
    ]


def stamp(case: Case, workbook: Workbook) -> dict[str, Any]:
    """What it takes to repeat a run."""
    return {
        "input_sha256": workbook.sha256,
        "khovor": _version("khovor"),
        "pyomo": _version("pyomo"),
        "highspy": _version("highspy"),
        "python": platform.python_version(),
        "threads": case.terms.threads,
        "seed": case.terms.seed,
        "gap": case.terms.mip_gap,
        "time_limit_s": case.terms.time_limit_s,
        "changes": [str(change) for change in workbook.changes],
    }


def basis_counts(workbook: Workbook) -> dict[str, dict[str, int]]:
    """Rows by basis, for each table that has any."""
    counts: dict[str, dict[str, int]] = {}
    for table, rows in workbook.rows.items():
        for row in rows:
            basis = row.basis or "unstated"
            counts.setdefault(table, {})[basis] = counts.get(table, {}).get(basis, 0) + 1
    return counts


def reference() -> str:
    """The page that documents summary.json."""
    lines = [
        "# summary.json",
        "",
        "Printed from the code. One JSON document per run.",
        "",
        "| key | holds |",
        "|---|---|",
    ]
    return (
        "\n".join([*lines, *(f"| `{key}` | {text.replace('|', chr(92) + '|')} |" for key, text in KEYS.items())]) + "\n"
    )


def _corridors(case: Case, found: list[Any]) -> list[dict[str, Any]]:
    table = corridor_table(case, found)
    if table.empty:
        return []
    years = {p.name: p.years for p in case.horizon.periods}
    tonnes = (table["t_y"] * table["period"].map(years)).groupby(table["corridor"]).sum().sort_values(ascending=False)
    span, total = sum(years.values()), float(tonnes.sum())
    return [{"corridor": str(c), "t_y": float(t) / span, "share": float(t) / total} for c, t in tonnes.items()]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
