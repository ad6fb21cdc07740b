"""The commands, one file for each kind. stdout carries the result only; exit codes say how it went."""

from khovor.cli import informing, limiting, pricing, sampling, solving, stressing, valuing, workbooks
from khovor.cli.command import app

__all__ = [
    "app",
    "informing",
    "limiting",
    "main",
    "pricing",
    "sampling",
    "solving",
    "stressing",
    "valuing",
    "workbooks",
]


def main() -> None:
    """The `khovor` command."""
    app()
