"""A table of one run, told line by line as its figures come in."""

from __future__ import annotations

import math

import typer

FIRST, OTHERS = 34, 13


class Table:
    """A table with a title; its header is told at once. Where no `base` of the ratios is given, the first line is."""

    def __init__(self, title: str, *columns: str, base: float | None = None) -> None:
        self._base = base
        typer.echo(f"\n{title}\n" + f"{'':{FIRST}}" + "".join(f"{name:>{OTHERS}}" for name in (*columns, "ratio")))

    def line(self, what: str, *figures: str, of: float) -> None:
        """A line: what, its figures, and the ratio of `of` to the base."""
        self._base = of if self._base is None else self._base
        sound = math.isfinite(of) and math.isfinite(self._base) and self._base > 0
        ratio = f"x {of / self._base:.2f}" if sound else "-"
        typer.echo(f"{what:{FIRST}}" + "".join(f"{figure:>{OTHERS}}" for figure in (*figures, ratio)))


def seconds(spent: float | None) -> str:
    """Seconds as a figure; nothing where there are none."""
    return "-" if spent is None else f"{spent:.2f} s" if spent < 10 else f"{spent:.0f} s"


def gigabytes(held: float | None) -> str:
    """Memory as a figure [GB]; nothing where there is none."""
    return "-" if held is None else f"{held:.2f} GB"


def count(number: int | None) -> str:
    """A count as a figure; nothing where there is none."""
    return "-" if number is None else f"{number:,}"
