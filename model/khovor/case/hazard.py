"""A recurring risk, from which `studies` draws futures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hazard:
    """A recurring risk of a group, from which futures are drawn; `name` tells several of one group apart.

    While it lasts capacity and freight of every member are multiplied, and prices at `markets` (node or node:product).
    """

    group: str
    name: str
    annual_probability: float
    mean_years: float
    capacity_factor: float
    cost_factor: float
    price_factor: float
    markets: tuple[str, ...]
    at: str
