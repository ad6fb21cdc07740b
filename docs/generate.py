"""Write the reference pages of this folder from the code: `python docs/generate.py`. A test compares them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import typer

from khovor import formulation, report, workbook
from khovor.cli import app
from khovor.network import derive
from khovor.run import read

DOCS = Path(__file__).parent


def tables() -> str:
    """Every table and column of the input workbook."""
    return workbook.reference()


def summary() -> str:
    """Every key of summary.json."""
    return report.reference()


def mathematics() -> str:
    """Every variable and constraint, as the built model of the shipped case says them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mongolia.xlsx"
        workbook.example("mongolia", path)
        case = read(path)
    return formulation.mathematics(case, derive(case))


def commands() -> str:
    """The help of every command."""
    return "\n".join(["# The commands", "", "Printed from the code: what `--help` shows.", "", *_helps()])


def _helps() -> Iterator[str]:
    group = typer.main.get_command(app)
    context = typer.Context(group, info_name="khovor", max_content_width=110, terminal_width=110)
    yield from _page("khovor", group.get_help(context))
    for name, command in sorted(group.commands.items()):  # type: ignore[attr-defined]
        inner = typer.Context(command, info_name=name, parent=context, max_content_width=110, terminal_width=110)
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
