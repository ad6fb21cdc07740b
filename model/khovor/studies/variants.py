"""Variants of a case: prices scaled, plans held, processes left out; each begun from a plan where there is one.

The runner of studies does the work: variants that begin from what the one before found in this process, with all its
cores; those that do not wait for one another side by side.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from khovor.case import Case, Override
from khovor.clock import Clock
from khovor.decisions import Decisions
from khovor.errors import InterruptedRun
from khovor.finance.sold import sold
from khovor.run import Options, Prepared
from khovor.solve import Listener
from khovor.studies.crew import crew
from khovor.studies.runner import run_study
from khovor.studies.store import kept
from khovor.studies.sweep import Fleet, Source, opened, planned, stamp, threaded
from khovor.studies.tasks import Record, Study, Task


@dataclass(frozen=True, slots=True)
class Variant:
    """A case made otherwise: its name, how it is made, what says so in JSON, a plan to begin from."""

    label: str
    alter: Callable[[Case], Case]
    told: Mapping[str, Any]
    start: Decisions | None = None


def solve_variant(
    source: Source, variant: Variant, listener: Listener | None, stop: threading.Event | None
) -> dict[str, Any]:
    """The content of its summary.json, and `sold` by product: [discounted t, revenue, t/y] at the case's own prices."""
    case, solution, summary = planned(source, (), variant.start, listener, stop, alter=variant.alter)
    return {**summary, "sold": {product: list(found) for product, found in sold(case, solution).items()}}


@dataclass(frozen=True)
class Variants:
    """Solves variants of one workbook; what was solved before is taken from the folder."""

    source: Source
    ready: Prepared
    fleet: Fleet
    folder: Path
    listener: Listener | None
    stop: threading.Event | None

    @property
    def case(self) -> Case:
        """The case as it stands in the workbook."""
        return self.ready.case

    def solve(self, variant: Variant) -> Record:
        """How a variant ended. Raises InterruptedRun where it is stopped; what had ended by then is kept."""
        return self.solve_all([variant])[0]

    def solve_all(self, variants: Sequence[Variant], workers: int = 1) -> list[Record]:
        """The same of several that do not wait for one another, so many at a time."""
        workbook, options = self.ready.workbook, self.source.options
        told = {v.label: {**stamp(workbook, options, ()), "variant": dict(v.told)} for v in variants}
        shared = replace(self.source, options=threaded(options, workbook, self.fleet.threads(workers)))
        study = Study(
            solve_variant, self.source if workers == 1 else shared, [Task(v.label, v, told[v.label]) for v in variants]
        )
        before = kept(self.fleet.resume) | kept(self.folder)
        with crew(workers) as hands:
            records = run_study(study, hands, folder=self.folder, before=before, listener=self.listener, stop=self.stop)
        if len(records) < len(variants) or any(r.status == "interrupted" for r in records):
            raise InterruptedRun(f"Stopped: the same command with --resume {self.folder} goes on from there.")
        return records


@contextmanager
def variants_of(
    path: Path, options: Options, fleet: Fleet, clock: Clock, listener: Listener | None, stop: threading.Event | None
) -> Iterator[Variants]:
    """What solves the variants of a workbook, and its folder. Raises InputError, UsageError, WriteError."""
    with opened(path, options, fleet, clock) as (source, ready, folder):
        yield Variants(source, ready, fleet, folder, listener, stop)


def priced(case: Case, products: Collection[str], factor: float) -> Case:
    """The case with every price that buyers pay for some products multiplied."""
    markets = (replace(m, price_usd_t=m.price_usd_t * factor) if m.key.product in products else m for m in case.markets)
    return replace(case, markets=tuple(markets))


def held(case: Case, decisions: Decisions) -> Case:
    """The case with what a plan builds and opens fixed; closures, slots and operation stay free."""
    built: dict[tuple[str, str, str], dict[str, int]] = {
        (o.key.node, o.key.process, o.key.size): {} for o in case.options
    }
    for b in decisions.builds:
        periods = built[b["node"], b["process"], b["size"]]
        periods[b["period"]] = periods.get(b["period"], 0) + b["units"]
    taken = {(p["project"], p["period"]) for p in decisions.projects}
    names = [p.name for p in case.horizon.periods]
    fixed = [
        Override(*place, "", period, units.get(period, 0), "(held)")
        for place, units in built.items()
        for period in (names if units else ("",))
    ]
    fixed += [Override("", "", "", j, t, int((j, t) in taken), "(held)") for j in case.projects for t in names]
    return replace(case, overrides=(*case.overrides, *fixed))


def without(case: Case, processes: Collection[str]) -> Case:
    """The case in which some processes can be neither built nor run; what stands of them may only be closed."""
    plants = []
    for plant in case.plants:
        if plant.key.process in processes:
            standing = tuple(replace(o, candidate=False) for o in plant.options if o.existing_units)
            if standing:
                plants.append(replace(plant, options=standing, recipes=(), min_load=0.0))
        else:
            plants.append(plant)
    return replace(case, plants=tuple(plants))
