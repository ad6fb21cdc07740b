"""The commands: new, check, solve, value. stdout carries the result only; exit codes say how it went."""

from khovor.cli import solving, workbooks
from khovor.cli.command import app

__all__ = ["app", "main", "solving", "workbooks"]


def main() -> None:
    """The `khovor` command."""
    app()
