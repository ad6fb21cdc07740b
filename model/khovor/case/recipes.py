"""Recipes resolved: one per origin where something in them is traced, recoveries turned into tonnes per tonne."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from khovor.case.composition import Composition
from khovor.case.domain import Commodity, Recipe
from khovor.errors import InputError, Issue


class Line(NamedTuple):
    """One row of `recipes`: `t_per_t` is a recovery of `recovers` when that is named."""

    product: str
    t_per_t: float
    recovers: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A recipe as written: its lines, the utilities per tonne of activity, and where it stands in the workbook."""

    process: str
    name: str
    lines: tuple[Line, ...]
    utilities: Mapping[str, float]
    at: str


def resolve(
    formulas: Iterable[Formula], composition: Composition, traced: Collection[str], origins: Sequence[str]
) -> list[Recipe]:
    """Every recipe per origin; an origin without the assay a recovery needs cannot run that recipe and is left out.

    Raises InputError for a recovery into a product whose assay says that it holds none of the component.
    """
    resolved = []
    for formula in formulas:
        touches = any(line.product in traced for line in formula.lines)
        for origin in origins if touches else ("",):
            balance = _balance(formula, composition, traced, origin)
            if balance is not None:
                resolved.append(
                    Recipe(formula.process, formula.name, origin, balance, dict(formula.utilities), formula.at)
                )
    return resolved


def mined_here(recipe: Recipe, traced: Collection[str]) -> bool:
    """Whether the recipe brings a traced product out of the ground: traced out, nothing traced in."""
    inputs = [c for c, amount in recipe.balance.items() if amount < 0]
    return bool(recipe.origin) and not any(c.product in traced for c in inputs)


def _balance(
    formula: Formula, composition: Composition, traced: Collection[str], origin: str
) -> dict[Commodity, float] | None:
    balance: dict[Commodity, float] = {}
    for line in formula.lines:
        amount = line.t_per_t
        if line.recovers:
            fed = _fed(formula, composition, traced, origin, line)
            if fed is None:
                return None
            amount *= fed / _held(formula, composition, line, origin if line.product in traced else "")
        commodity = Commodity(line.product, origin if line.product in traced else "")
        balance[commodity] = balance.get(commodity, 0.0) + amount
    return {c: amount for c, amount in balance.items() if amount != 0.0}


def _held(formula: Formula, composition: Composition, line: Line, origin: str) -> float:
    """Tonnes of the recovered component in one tonne of the product, 1 without an assay of it.

    Raises InputError where an assay says there is none: no number of tonnes could hold what is recovered.
    """
    held = composition.content(line.product, origin, line.recovers)
    if held == 0.0:
        sheet, _, cell = formula.at.partition("!")
        product = f"{line.product} of {origin}" if origin else line.product
        message = f"{formula.name} recovers {line.recovers} into {product}, which by its assay holds none."
        raise InputError([Issue(sheet, cell, "0", f"a share of {line.recovers} above 0", message)])
    return 1.0 if held is None else held


def _fed(formula: Formula, composition: Composition, traced: Collection[str], origin: str, line: Line) -> float | None:
    """Tonnes of the recovered component in what one tonne of activity takes in; None without any assay of it."""
    contents = [
        (-other.t_per_t, composition.content(other.product, origin if other.product in traced else "", line.recovers))
        for other in formula.lines
        if other.t_per_t < 0 and not other.recovers and other is not line
    ]
    known = [taken * content for taken, content in contents if content is not None]
    return sum(known) if known else None
