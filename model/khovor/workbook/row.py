"""The base of every row, and where it stands in the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from khovor.workbook.column import Column, number, prose, text


@dataclass(frozen=True, slots=True)
class Where:
    """A row's place: sheet, 1-based sheet row, and the cell of each column that is there."""

    sheet: str
    row: int
    cells: Mapping[str, str] = field(default_factory=dict)


class Row(BaseModel):
    """A row of a table: fields are the columns; a blank cell is None or the declared default.

    The last five columns may end any table: they are carried to the results and never needed.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True, allow_inf_nan=False
    )

    TABLE: ClassVar[str]
    TITLE: ClassVar[str]
    PURPOSE: ClassVar[str]
    KEYS: ClassVar[tuple[str, ...]]
    REQUIRED_TABLE: ClassVar[bool] = False

    where: Where = Where("", 0)


class Sourced(Row):
    """A row that may say where its figures come from."""

    basis: str | None = text(
        "How the figures are known: sourced, literature or assumption.", choices=("sourced", "literature", "assumption")
    )
    low: float | None = number("Low end of the figure's plausible range.", ge=None)
    high: float | None = number("High end of the figure's plausible range.", ge=None)
    source: str | None = prose("Where the figure was read, or the analogue behind an assumption.")
    note: str | None = prose("Anything a reader should know.")


PROVENANCE = ("basis", "low", "high", "source", "note")


def columns_of(row: type[Row]) -> tuple[Column, ...]:
    """The columns of a row class, the subject's own first, provenance last; names as in the workbook."""
    columns: list[Column] = []
    for name, info in row.model_fields.items():
        if name != "where":
            extra = info.json_schema_extra
            assert isinstance(extra, dict)
            column = extra["column"]
            assert isinstance(column, Column)
            title = info.alias or name
            columns.append(column.named(title, title in row.KEYS))
    return tuple(sorted(columns, key=lambda c: c.name in PROVENANCE))


def field_of(column: str) -> str:
    """The field that holds a column: `from` is a word of Python's own."""
    return "from_" if column == "from" else column
