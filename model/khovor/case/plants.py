"""Sites x sizes turned into plant options, and options pooled into plants that operate as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from khovor.case.domain import Deposit, Option, OptionKey, Plant, PlantKey, Process, Recipe
from khovor.case.recipes import mined_here
from khovor.case.years import Window


def plants_of(
    sites: Sequence[Any],
    sizes: Sequence[Any],
    processes: Mapping[str, Process],
    recipes: Sequence[Recipe],
    deposits: Sequence[Deposit],
    traced: Collection[str],
) -> tuple[Plant, ...]:
    """Every plant of the case: options with the same node, process, variable cost and minimum load are one plant."""
    pools: dict[tuple[str, str, float, float], list[Option]] = defaultdict(list)
    for site in sites:
        for size in _sizes_at(site, sizes):
            option = _option(site, size, processes[site.process])
            if option.candidate or option.existing_units:
                variable = size.variable_opex_usd_t * site.opex_factor + site.extra_variable_usd_t
                pools[site.node, site.process, variable, size.min_load].append(option)
    keys = _keys(pools)
    return tuple(
        Plant(
            key=keys[pool],
            options=tuple(options),
            variable_opex_usd_t=pool[2],
            min_load=pool[3],
            requires=processes[pool[1]].requires,
            recipes=tuple(_recipes_at(pool[0], pool[1], recipes, deposits, traced)),
            at=options[0].at,
        )
        for pool, options in pools.items()
    )


def _sizes_at(site: Any, sizes: Sequence[Any]) -> Iterator[Any]:
    if site.status == "closed":
        return
    listed = tuple(site.sizes or ())
    for size in sizes:
        if size.process == site.process and (not listed or size.size in (*listed, site.existing_size)):
            yield size


def _option(site: Any, size: Any, process: Process) -> Option:
    capex = size.capex_musd * site.capex_factor + site.extra_capex_musd
    listed = tuple(site.sizes or ())
    row = site.where.row
    cell = site.where.cells.get("process", f"row {row}")
    return Option(
        key=OptionKey(site.node, site.process, size.size, row),
        capacity_t_y=size.capacity_t_y,
        capex_musd=capex,
        fixed_opex_musd_y=size.fixed_opex_musd_y * site.opex_factor,
        sustaining_musd_y=size.sustaining_capex_share_y * capex,
        closing_cost_musd=process.closing_cost_share * capex,
        build_years=process.build_years,
        lifetime_years=process.lifetime_years,
        ramp=process.ramp,
        window=Window(site.first_year, site.last_year),
        candidate=not listed or size.size in listed,
        existing_units=_standing(site) if size.size == site.existing_size else 0,
        max_units=max(site.max_units, _standing(site)),
        at=f"{site.where.sheet}!{cell}",
    )


def _standing(site: Any) -> int:
    """Units that stand at a site row today: at least as many may be online there at once."""
    return int(site.existing_units or 0) if site.status == "existing" else 0


def _recipes_at(
    node: str, process: str, recipes: Sequence[Recipe], deposits: Sequence[Deposit], traced: Collection[str]
) -> Iterator[Recipe]:
    """The recipes of a process that mean something at a node: ore comes only out of the node's own deposit."""
    dug = {(d.node, d.product) for d in deposits}
    for recipe in recipes:
        if recipe.process != process:
            continue
        if mined_here(recipe, traced):
            outputs = [c for c, amount in recipe.balance.items() if amount > 0 and c.origin]
            if recipe.origin != node or not all((node, c.product) in dug for c in outputs):
                continue
        yield recipe


def _keys(pools: Mapping[tuple[str, str, float, float], list[Option]]) -> dict[tuple[str, str, float, float], PlantKey]:
    """Name each pool by its sizes, adding the sheet rows where two pools would share a name."""
    labels = {pool: ";".join(dict.fromkeys(o.key.size for o in options)) for pool, options in pools.items()}
    taken: dict[tuple[str, str, str], int] = defaultdict(int)
    for pool, label in labels.items():
        taken[pool[0], pool[1], label] += 1
    keys = {}
    for pool, label in labels.items():
        if taken[pool[0], pool[1], label] > 1:
            label += f" (row {';'.join(str(r) for r in dict.fromkeys(o.key.row for o in pools[pool]))})"
        keys[pool] = PlantKey(pool[0], pool[1], label)
    return keys
