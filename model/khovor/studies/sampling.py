"""`khovor sample WORKBOOK --futures N`: futures drawn from the table hazards, in a new workbook beside the old one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from pathlib import Path
from typing import Any, Final

import numpy as np

from khovor.case import Case, build_case
from khovor.errors import UsageError
from khovor.run import parsed
from khovor.studies.hazards import Aspect, Drawn, draw, long_run_share
from khovor.studies.reduction import Reduction, distances_between, fast_forward
from khovor.versions import KHOVOR
from khovor.workbook import Section, read, write_with_futures

Row = dict[str, object]

TOLD: Final = 4
"""Strikes that the full name of a future spells out."""

METHOD: Final = (
    "Representative futures are chosen by fast forward selection (Heitsch and Römisch 2003); every other future gives "
    "its probability to the nearest of them. Two futures are as far apart as their factors differ, added up over "
    "targets and years, each year by its discount factor: 1 is one group shut for one undiscounted year."
)

PROCESS: Final = (
    "Each hazard is clear when the base year begins, starts with its annual probability in a year in which it is not "
    "under way, and lasts a geometric number of years with its mean (below one year: one year, with that share of its "
    "effect). Hazards are independent; all members of a group are struck together; where several strike, factors "
    "multiply."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: so many futures drawn, by which seed, how many kept (None: all that differ)."""

    futures: int
    seed: int
    reduce: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """Futures that were drawn, merged where equal, and reduced; `scenarios` and `events` are those of the kept ones.

    `struck` is the share of years each hazard strikes in the kept futures: few of them may understate what is rare.
    """

    drawn: Drawn
    different: int
    reduction: Reduction
    struck: tuple[float, ...]
    scenarios: tuple[Row, ...]
    events: tuple[Row, ...]


def sample_workbook(path: Path, wanted: Wanted, out: Path | None = None, changes: Sequence[str] = ()) -> dict[str, Any]:
    """Write a copy of a workbook whose scenarios and events are drawn from its hazards; what was drawn, as a document.

    Raises InputError for a workbook with errors, UsageError for one without hazards, WriteError when `out` exists or
    cannot be written.
    """
    data = path.read_bytes() if path.exists() else b""
    made = parsed(changes)
    case = build_case(read(path, made))
    if not case.hazards:
        raise UsageError(f"{path.name} has no rows in hazards: there is nothing to draw futures from.")
    sample = draw_sample(case, wanted)
    target = out or _free(path)
    told = _told(case, wanted, sample)
    guide = [Section("Where the futures come from", _sentences(path.name, told))]
    tables = {"scenarios": sample.scenarios, "events": sample.events}
    left = write_with_futures(target, path.name, data, made, tables, guide)
    return {"workbook": str(target), **told, "left_behind": list(left)}


def draw_sample(case: Case, wanted: Wanted) -> Sample:
    """Draw from a case's hazards; futures that are equal become one, with their probabilities added."""
    drawn = draw(case.hazards, case.horizon, wanted.futures, wanted.seed)
    flat = drawn.factors.reshape(wanted.futures, -1)
    _, first, sizes = np.unique(flat, axis=0, return_index=True, return_counts=True)
    order = first.argsort()
    first, odds = first[order], sizes[order] / wanted.futures
    weights = [case.horizon.worth(year) for year in drawn.years]
    keep = wanted.reduce or len(first)
    reduction = (
        fast_forward(distances_between(drawn.factors[first], weights), odds.tolist(), keep)
        if keep < len(first)
        else Reduction(tuple(range(len(first))), tuple(odds.tolist()), (0.0,))
    )
    scenarios: list[Row] = []
    events: list[Row] = []
    source = f"khovor sample, seed {wanted.seed}, {wanted.futures} futures drawn"
    for place, probability in sorted(zip(reduction.kept, reduction.probabilities, strict=True)):
        number = int(first[place])
        name = f"F{number + 1}"
        row: Row = {"scenario": name, "name": _label(case, drawn, number), "probability": probability}
        scenarios.append({**row, "basis": "assumption", "source": source})
        events += [{"scenario": name, **event} for event in _events(drawn, number)]
    shares = drawn.struck[:, first[list(reduction.kept)]].mean(axis=2) @ np.array(reduction.probabilities)
    return Sample(drawn, len(first), reduction, tuple(shares.tolist()), tuple(scenarios), tuple(events))


def _events(drawn: Drawn, future: int) -> Iterator[Row]:
    """The rows of a future: for each target, every run of years with equal factors other than 1."""
    for target, columns in _by_target(drawn.aspects):
        values = drawn.factors[future][:, columns]
        if not (values != 1.0).any():
            continue
        names = [drawn.aspects[column].column for column in columns]
        yearly = zip(drawn.years, map(tuple, values.tolist()), strict=True)
        for factors, run in groupby(yearly, key=lambda pair: pair[1]):
            years = [year for year, _ in run]
            moved = {name: factor for name, factor in zip(names, factors, strict=True) if factor != 1.0}
            if moved:
                kind, which = target
                yield {"target_type": kind, "target": which, "first_year": years[0], "last_year": years[-1], **moved}


def _by_target(aspects: Sequence[Aspect]) -> list[tuple[tuple[str, str], list[int]]]:
    """Target type and name -> places of its aspects."""
    found: dict[tuple[str, str], list[int]] = {}
    for place, aspect in enumerate(aspects):
        found.setdefault((aspect.target_type, aspect.target), []).append(place)
    return list(found.items())


def _label(case: Case, drawn: Drawn, future: int) -> str:
    """What strikes in a future and when, the rarest first."""
    strikes: list[tuple[float, int, int, str]] = []
    for hazard, hit in zip(case.hazards, drawn.struck[:, future], strict=True):
        name = " ".join(filter(None, (hazard.group, hazard.name)))
        for under_way, run in groupby(zip(drawn.years, hit.tolist(), strict=True), key=lambda pair: pair[1]):
            years = [year for year, _ in run]
            if under_way:
                strikes.append((long_run_share(hazard), years[0], years[-1], name))
    told = [
        f"{name} {first}" if first == last else f"{name} {first}-{last}" for _, first, last, name in sorted(strikes)
    ]
    more = [f"{len(told) - TOLD} more"] if len(told) > TOLD else []
    return ", ".join([*told[:TOLD], *more]) or "nothing strikes"


def _told(case: Case, wanted: Wanted, sample: Sample) -> dict[str, Any]:
    """The document: what was drawn, how often each hazard struck, and how far the kept futures are from all."""
    reduction = sample.reduction
    return {
        "drawn": wanted.futures,
        "seed": wanted.seed,
        "different": sample.different,
        "kept": len(reduction.kept),
        "distance": reduction.distances[-1],
        "distance_share": reduction.share,
        "hazards": [
            {
                "group": hazard.group,
                "hazard": hazard.name,
                "long_run_share": long_run_share(hazard),
                "drawn_share": float(hit.mean()),
                "kept_share": kept,
            }
            for hazard, hit, kept in zip(case.hazards, sample.drawn.struck, sample.struck, strict=True)
        ],
        "scenarios": [{k: row[k] for k in ("scenario", "name", "probability")} for row in sample.scenarios],
        "events": len(sample.events),
    }


def _sentences(name: str, told: Mapping[str, Any]) -> list[str]:
    """The note in the new workbook."""
    return [
        f"scenarios and events were drawn from the hazards of {name} by khovor {KHOVOR}: {told['drawn']} futures, "
        f"seed {told['seed']}; {told['different']} of them differ, {told['kept']} are kept.",
        f"Kantorovich distance between the kept futures and all that were drawn: {told['distance']:.4g}, "
        f"{told['distance_share']:.1%} of what the best single future would leave.",
        PROCESS,
        METHOD,
    ]


def _free(path: Path) -> Path:
    """A name beside the workbook that no file has."""
    names = (path.with_name(f"{path.stem}-sampled{'' if n == 1 else f'-{n}'}.xlsx") for n in count(1))
    return next(name for name in names if not name.exists())
