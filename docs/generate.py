"""Write the reference pages of this folder from the code: `python docs/generate.py`. A test compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import typer

from khovor import formulation, report, workbook
from khovor.case import build_case
from khovor.cli import app
from khovor.network import derive

DOCS = Path(__file__).parent
WIDTH = 110

SMALLEST: dict[str, list[dict[str, object]]] = {
    "periods": [{"period": "p", "start_year": 2030, "years": 1}],
    "products": [{"product": "ore"}],
    "nodes": [{"node": "mine", "kind": "deposit"}],
}
"""The required tables and no more: enough to have a model."""


def tables() -> str:
    """Every table and column of the input workbook."""
    return workbook.reference()


def summary() -> str:
    """Every key of summary.json."""
    return report.reference()


def mathematics() -> str:
    """Every variable and constraint: each is in every model, over an empty index where a case does not use it."""
    case = build_case(workbook.from_tables(SMALLEST, {"base_year": 2030, "discount_rate": 0}))
    return formulation.mathematics(case, derive(case))


def commands() -> str:
    """The help of every command."""
    return "\n".join(["# The commands", "", "Printed from the code: what `--help` shows.", "", *_helps()])


def _helps() -> Iterator[str]:
    group = typer.main.get_command(app)
    context = typer.Context(group, info_name="khovor", terminal_width=WIDTH, **group.context_settings)
    yield from _page("khovor", group.get_help(context))
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        inner = typer.Context(command, info_name=name, parent=context, terminal_width=WIDTH)
        yield from _page(f"khovor {name}", command.get_help(inner))


def _page(title: str, text: str) -> Iterator[str]:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    yield from (f"## {title}", "", "```text", *lines, "```", "")


PAGES: dict[str, Callable[[], str]] = {
    "workbook.md": tables,
    "summary.md": summary,
    "mathematics.md": mathematics,
    "commands.md": commands,
}


def page(name: str) -> str:
    """The text of a page as it should stand in the file."""
    return PAGES[name]().rstrip() + "\n"


if __name__ == "__main__":
    for name in PAGES:
        (DOCS / name).write_text(page(name), encoding="utf-8")
