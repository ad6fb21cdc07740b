"""The answers of the commands in plain words: what was found, what to build, how it leaves, how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from khovor.console import Screen, money, share
from khovor.run import Examination, Run

STATUS: Final = {
    "optimal": "Solved: the plan is proved within the gap asked for.",
    "feasible": "Stopped at a limit: a plan, not proved within the gap asked for.",
    "interrupted": "Interrupted: the best plan found until then.",
}


def describe_examination(screen: Screen, found: Examination) -> None:
    """What `khovor check` answers."""
    parts = {"errors": found.errors, "warnings": found.warnings, "defaults": found.defaults}
    if screen.as_json:
        screen.document({name: [issue.as_dict() for issue in issues] for name, issues in parts.items()})
        return
    screen.issues("Errors", found.errors, result=True)
    screen.issues("Warnings", found.warnings, result=True)
    screen.issues("Defaults in use", found.defaults, result=True)
    screen.line(", ".join(f"{name}: {len(issues)}" for name, issues in parts.items()))


def describe(screen: Screen, run: Run) -> None:
    """What `khovor solve` answers."""
    screen.warnings(run.warnings)
    if screen.as_json:
        screen.document({**run.summary, "folder": run.folder})
    else:
        _headline(screen, run)
        _builds(screen, run)
        _exposure(screen, run.summary)
        _proof(screen, run)
    if run.unwritten is not None:
        screen.error(run.unwritten)


def _headline(screen: Screen, run: Run) -> None:
    solution = run.solution
    word = "Value" if solution.sense == "maximize" else "Cost"
    screen.line(STATUS[solution.status])
    screen.line(f"{word}: {money(solution.objective)} ({run.case.terms.title or run.case.terms.objective})")
    if math.isfinite(solution.bound):
        screen.line(f"Gap: {share(solution.gap)} (no plan can be better than {money(solution.bound)})")
    else:
        screen.line("Gap: not known, as the time allowed proved no bound; give it more with --time-limit.")


def _builds(screen: Screen, run: Run) -> None:
    builds = run.summary["builds"]
    if not builds:
        screen.line("Nothing is built.")
        return
    starts = {period.name: period.start_year for period in run.case.horizon.periods}
    rows = [
        [
            run.case.nodes[b["node"]].name,
            run.case.processes[b["process"]].name,
            b["size"],
            starts[b["period"]],
            b["units"],
        ]
        for b in sorted(builds, key=lambda b: (starts[b["period"]], b["node"], b["process"]))
    ]
    screen.table("What is built", ("where", "what", "size", "from", "units"), rows)
    links = [[run.case.projects[p["project"]].label, starts[p["period"]]] for p in run.summary["projects"]]
    if links:
        screen.table("Links", ("project", "from"), links)


def _exposure(screen: Screen, summary: Mapping[str, Any]) -> None:
    rows = [
        [territory, share(part["transit"]), share(part["sales"])]
        for territory, part in summary["exposure"].items()
        if part["transit"] or part["sales"]
    ]
    if rows:
        screen.table("Exposure", ("territory", "transit", "sales"), rows)


def _proof(screen: Screen, run: Run) -> None:
    checked = run.verification
    verdict = "passed" if checked.passed else "FAILED"
    screen.line(f"Verification: {verdict}, {checked.checks:,} comparisons, worst violation {checked.worst:.1e}")
    for failure in checked.failures[:5]:
        screen.line(f"  {failure.rule}: {failure.message}")
    if run.folder is not None:
        screen.line(f"Results: {run.folder}")
