"""Small cases built in code: tables as lists of rows, everything not said filled with the plainest choice."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from khovor.case import Case, build_case
from khovor.formulation import build
from khovor.network import derive
from khovor.solution import Solution, collect
from khovor.solve import Limits, optimize
from khovor.verify import Verification, verify
from khovor.workbook import from_tables

DOCS = Path(__file__).parents[1] / "docs"

Rows = Sequence[Mapping[str, object]]

PATIENCE_S = 600
"""A guard against what never ends, far beyond what any test takes: nothing that passes depends on a machine's speed."""

SETTINGS: dict[str, object] = {"base_year": 2030, "discount_rate": 0.0, "mip_gap": 1e-9, "time_limit_s": PATIENCE_S}


def docs_script(name: str) -> ModuleType:
    """docs/<name>.py as a module: a script that no package holds."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def one_mine(**changes: Rows) -> dict[str, Rows]:
    """A mine that makes 100 t/y of `ore` for 1 MUSD, a lane at 1000 USD/t, and a market at 20,000 USD/t; one year.

    Left alone its value is 100 t x (20,000 - 1,000) USD - 1 MUSD = 0.9 MUSD. `changes` replace whole tables.
    """
    tables: dict[str, Rows] = {
        "periods": [{"period": "p1", "start_year": 2030, "years": 1}],
        "products": [{"product": "ore"}],
        "nodes": [
            {"node": "D", "kind": "deposit", "territory": "MN"},
            {"node": "M", "kind": "market", "territory": "US"},
        ],
        "processes": [{"process": "mine"}],
        "recipes": [{"process": "mine", "recipe": "dig", "product": "ore", "t_per_t": 1}],
        "sizes": [{"process": "mine", "size": "s", "capacity_t_y": 100, "capex_musd": 1}],
        "sites": [{"node": "D", "process": "mine"}],
        "modes": [{"mode": "road"}],
        "lanes": [{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000}],
        "markets": [{"node": "M", "product": "ore", "price_usd_t": 20000}],
    }
    return {**tables, **changes}


def case_of(tables: Mapping[str, Rows], **settings: object) -> Case:
    """The case of these tables."""
    return build_case(from_tables(tables, {**SETTINGS, **settings}))


def solved(tables: Mapping[str, Rows], **settings: object) -> Solution:
    """Solve to optimality and insist that the independent checker accepts the plan."""
    solution, verification = solve_and_check(case_of(tables, **settings))
    assert verification.passed, verification.failures[:3]
    return solution


def solve_and_check(case: Case) -> tuple[Solution, Verification]:
    """Solve a case and check the plan."""
    formulation = build(case, derive(case))
    limits = Limits(case.terms.mip_gap, case.terms.time_limit_s, threads=1, seed=1)
    solution = collect(case, formulation, optimize(formulation, limits))
    return solution, verify(case, solution)


def total(solution: Solution, table: str, column: str = "t_y", **where: Any) -> float:
    """Sum of a column of a result table over the rows that match."""
    frame = solution.tables[table]
    for name, value in where.items():
        frame = frame[frame[name] == value]
    return float(frame[column].sum())


def term(solution: Solution, name: str, scenario: str | None = None) -> float:
    """A money term summed over periods (and scenarios) [MUSD]."""
    frame = solution.tables["terms"]
    frame = frame[frame["term"] == name]
    return float(frame[frame["scenario"] == scenario]["musd"].sum() if scenario is not None else frame["musd"].sum())
