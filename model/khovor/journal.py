"""The lines of run.log: what a person who knows solvers wants to see when a run is slow, strange or disputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from khovor.case import Case
from khovor.errors import Issue
from khovor.solution import Solution
from khovor.verify import Verification
from khovor.versions import versions


def journal(
    case: Case,
    solution: Solution,
    verification: Verification,
    *,
    source: str,
    changes: Sequence[str],
    warnings: Sequence[Issue],
    network_sizes: Sequence[tuple[str, int, int]],
    seconds: Mapping[str, float],
    notes: Sequence[str] = (),
) -> list[str]:
    """Versions, input, limits, where the plan began, sizes, the solver's own log, verdict, seconds per phase."""
    parts = {
        "Run": _stamp(case, source, changes),
        "Start": list(notes),
        "Warnings": [str(issue) for issue in warnings],
        "Network: entries before and after pruning": [
            f"{step}: {was:,} -> {now:,}" for step, was, now in network_sizes
        ],
        "Model": [_size(solution)],
        "Solver": solution.log,
        "Answer": [
            f"{solution.status}: {solution.objective:.9g} MUSD, bound {solution.bound:.9g}, gap {solution.gap:.3g}"
        ],
        "Verification": list(_verdict(verification)),
        "Seconds": [f"{phase}: {spent:.2f}" for phase, spent in seconds.items()],
    }
    return [line for title, lines in parts.items() for line in (f"== {title}", *(lines or ["none"]), "")]


def study_journal(
    about: str, runs: Iterable[str], headline: Iterable[str] = (), changes: Sequence[str] | None = None
) -> list[str]:
    """The same of a study: versions, what it is about, how each of its runs ended (see `ran`), what was found."""
    told = about if changes is None else f"{about}, changes: {'; '.join(changes) or 'none'}"
    return [*_opening(), told, "", *runs, "", *headline]


def ran(name: str, run: Mapping[str, Any], more: str = "") -> str:
    """How a run ended: `run` has its status, seconds, objective and bound."""
    seconds, objective, bound = run["seconds"], run["objective"], run["bound"]
    told = f"{name}: {run['status']} after {seconds:.1f} s, objective {objective}, bound {bound}"
    return f"{told}, {more}".rstrip() if more else told


def _opening() -> list[str]:
    return [
        datetime.now(UTC).isoformat(timespec="seconds"),
        ", ".join(f"{name} {version}" for name, version in versions().items()),
    ]


def _stamp(case: Case, source: str, changes: Sequence[str]) -> list[str]:
    terms = case.terms
    return [
        *_opening(),
        f"workbook {source}: {terms.title}",
        f"changes: {'; '.join(changes) or 'none'}",
        f"limits: gap {terms.mip_gap:g}, {terms.time_limit_s:g} s, threads {terms.threads or 'as the solver likes'}, "
        f"seed {terms.seed if terms.seed is not None else 'as the solver likes'}",
        f"{len(case.horizon.periods)} periods, {len(case.scenarios)} futures, objective {terms.objective}",
    ]


def _size(solution: Solution) -> str:
    size = solution.size
    return f"{size.rows:,} rows, {size.columns:,} columns, {size.integers:,} integers, {size.nonzeros:,} nonzeros"


def _verdict(verification: Verification) -> Iterator[str]:
    verdict = "passed" if verification.passed else "FAILED"
    yield f"{verdict}: {verification.checks:,} comparisons, worst relative violation {verification.worst:.2e}"
    for rule, (count, worst) in verification.by_rule.items():
        yield f"{rule}: {count:,} comparisons, worst {worst:.2e}"
    for failure in verification.failures:
        yield f"failed: {failure.rule}, {failure.subject} {failure.period} {failure.scenario}: {failure.message}"
