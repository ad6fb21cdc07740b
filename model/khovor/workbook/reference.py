"""The reference page of the workbook, as markdown, printed from the declaration."""

from __future__ import annotations

from khovor.workbook.column import Column
from khovor.workbook.row import PROVENANCE
from khovor.workbook.tables import TABLES, Table, setting_columns


def reference() -> str:
    """Every table and column: unit, what is expected, what a blank means, and help."""
    parts = [
        "# The input workbook",
        "",
        "Printed from the declarations in the code. Keys in **bold**: `--set table[key].column=value` takes them in "
        "this order, joined by `:`. Required columns are marked *. Every table may end with `basis`, `low`, `high`, "
        "`source`, `note`: carried to the results, never needed.",
        "",
    ]
    parts += [
        "## settings",
        "",
        "What holds for the whole case: one key and value a row.",
        "",
        *_grid(tuple(setting_columns().values())),
    ]
    for table in TABLES.values():
        if table.name != "settings":
            parts += _table(table)
    return "\n".join(parts) + "\n"


def _table(table: Table) -> list[str]:
    required = " Required." if table.required else ""
    own = tuple(c for c in table.columns if c.name not in PROVENANCE)
    return ["", f"## {table.name}", "", table.purpose + required, "", *_grid(own)]


def _grid(columns: tuple[Column, ...]) -> list[str]:
    lines = ["| column | unit | expected | blank means | help |", "|---|---|---|---|---|"]
    for c in columns:
        name = f"**{c.name}**" if c.key else c.name
        blank = "not allowed" if c.required else c.blank_means
        expected = c.expected.replace("|", "\\|")
        lines.append(f"| {name}{'*' if c.required else ''} | {c.unit} | {expected} | {blank} | {c.help} |")
    return lines
