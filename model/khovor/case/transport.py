"""Lanes, gates and projects of the case: modes' rates applied, units as the columns say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from khovor.case.domain import Effect, Gate, Lane, Project
from khovor.case.years import Window


def lanes_of(rows: Sequence[Any], modes: Sequence[Any]) -> dict[str, Lane]:
    """Every lane by name."""
    rates = {m.mode: m for m in modes}
    return {r.lane: _lane(r, rates[r.mode]) for r in rows}


def _lane(row: Any, mode: Any) -> Lane:
    km = row.distance_km or 0.0
    haul = row.usd_t if row.usd_t is not None else km * (mode.usd_per_tkm or 0.0)
    days = row.days if row.days is not None else (km / mode.km_per_day if mode.km_per_day else 0.0)
    capacity = row.capacity_t_y
    project = row.status == "project"
    return Lane(
        name=row.lane,
        start=row.from_,
        end=row.to,
        mode=row.mode,
        distance_km=row.distance_km,
        freight_usd_t=haul + (mode.handling_usd_t or 0.0),
        fee_usd_t=row.fee_usd_t,
        fee_share_of_value=row.fee_share_of_value,
        loss_share=row.loss_share,
        capacity_t_y=0.0 if project and capacity is None else capacity,
        gate=row.gate or "",
        days=days,
        classes=frozenset(row.classes) if row.classes else None,
        over=tuple(row.over or ()),
        both_ways=bool(row.both_ways),
        project=project,
        co2_kg_t=km * (mode.co2_kg_per_tkm or 0.0),
        window=Window(row.first_year, row.last_year),
        at=f"{row.where.sheet}!{row.where.cells.get('lane', f'row {row.where.row}')}",
    )


def gates_of(rows: Sequence[Any]) -> dict[str, Gate]:
    """Every gate by name."""
    return {
        r.gate: Gate(
            r.gate,
            r.capacity_t_y,
            r.booking_usd_t_y,
            r.booking_share_max,
            f"{r.where.sheet}!{r.where.cells.get('gate', f'row {r.where.row}')}",
        )
        for r in rows
    }


def projects_of(rows: Sequence[Any], effects: Sequence[Any]) -> dict[str, Project]:
    """Every project by name, with what it adds."""
    adds: dict[str, list[Effect]] = defaultdict(list)
    for e in effects:
        adds[e.project].append(Effect(e.target_type, e.target, e.node or "", e.adds))
    return {
        r.project: Project(
            name=r.project,
            label=r.name or r.project,
            capex_musd=r.capex_musd,
            fixed_opex_musd_y=r.fixed_opex_musd_y or 0.0,
            build_years=r.build_years or 0,
            window=Window(r.first_year, r.last_year),
            requires=tuple(r.requires or ()),
            excludes=tuple(r.excludes or ()),
            effects=tuple(adds[r.project]),
            at=f"{r.where.sheet}!{r.where.cells.get('project', f'row {r.where.row}')}",
        )
        for r in rows
    }
