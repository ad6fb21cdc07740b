"""The commands: new, check, solve, value, stress. stdout carries the result only; exit codes say how it went."""

from khovor.cli import solving, stressing, valuing, workbooks
from khovor.cli.command import app

__all__ = ["app", "main", "solving", "stressing", "valuing", "workbooks"]


def main() -> None:
    """The `khovor` command."""
    app()
