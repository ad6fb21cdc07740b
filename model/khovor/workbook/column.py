"""How a column is declared: once, beside the field it fills; everything else is made from this declaration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from pydantic import Field

Kind = Literal["text", "prose", "number", "integer", "yesno", "names"]

REQUIRED: Final = ...


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `text` is a name, matched as names are; `prose` is for people only and is kept as it stands. `ref` lists the
    `table.column` whose values are valid here, and `beyond` says that names from outside them are allowed too;
    `within` names a column both rows must share (a size of *this* process); `by` names the column of this row that
    selects among `choice: table.column` pairs in `ref_by`. `default` is what a blank cell means; None = no default,
    the field stays empty.
    """

    name: str
    kind: Kind
    help: str
    unit: str = ""
    required: bool = False
    key: bool = False
    default: Any = None
    ge: float | None = None
    le: float | None = None
    choices: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    beyond: bool = False
    within: str = ""
    by: str = ""
    ref_by: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def expected(self) -> str:
        """What belongs in the cell, in words."""
        if self.choices:
            return " | ".join(self.choices)
        if self.kind == "yesno":
            return "yes or no"
        if self.kind in ("number", "integer"):
            return self._measure() + self._span()
        if self.by:
            return f"a name of the kind that {self.by} says"
        if self.ref:
            return f"a name from {' or '.join(self.ref)}{', or another' if self.beyond else ''}"
        return "names separated by ;" if self.kind == "names" else "text"

    @property
    def blank_means(self) -> str:
        """What a blank cell stands for; empty when it stands for nothing."""
        if self.required or self.default in (None, ()):
            return ""
        if self.kind == "yesno":
            return "yes" if self.default else "no"
        return f"{self.default:.10g}" if isinstance(self.default, float) else str(self.default)

    def _measure(self) -> str:
        if self.kind == "integer":
            return "a year" if self.unit == "year" else f"a whole number{' of ' + self.unit if self.unit else ''}"
        words = {"": "a number", "share": "a share", "share/y": "a share per year", "factor": "a factor"}
        return words.get(self.unit, f"a number in {self.unit}")

    def _span(self) -> str:
        if self.ge is not None and self.le is not None:
            return f" from {self.ge:.10g} to {self.le:.10g}"
        if self.ge is not None:
            return f", {self.ge:g} or more"
        return f", {self.le:g} or less" if self.le is not None else ""

    def named(self, name: str, key: bool = False) -> Column:
        """The same column under the name of the field it was declared for; `key` when it is part of the table's key."""
        return replace(self, name=name, key=key)


def _field(column: Column) -> Any:
    default = REQUIRED if column.required else column.default
    extra: Any = {"column": column}
    return Field(default=default, ge=column.ge, le=column.le, json_schema_extra=extra)


def text(help: str, **declared: Any) -> Any:
    """A column of text; `ref` makes it a name from another table."""
    return _plain(Column("", "text", help, **_tupled(declared)))


def prose(help: str, **declared: Any) -> Any:
    """A column of free text, for people to read."""
    return _plain(Column("", "prose", help, **declared))


def names(help: str, **declared: Any) -> Any:
    """A column of names separated by `;` or `,`."""
    return _plain(Column("", "names", help, **_tupled({"default": (), **declared})))


def yesno(help: str, default: bool = False) -> Any:
    """A column of yes or no."""
    return _plain(Column("", "yesno", help, default=default))


def number(help: str, unit: str = "", **declared: Any) -> Any:
    """A column of numbers; not negative unless `ge` says otherwise."""
    return _field(Column("", "number", help, unit, **{"ge": 0.0, **declared}))


def integer(help: str, unit: str = "", **declared: Any) -> Any:
    """A column of whole numbers; not negative unless `ge` says otherwise."""
    return _field(Column("", "integer", help, unit, **{"ge": 0, **declared}))


def first_year() -> Any:
    """The first year in which the row holds."""
    return integer("First year in which this row holds; blank = from the start.", "year", ge=1900, le=2200)


def last_year() -> Any:
    """The last year in which the row holds."""
    return integer("Last year in which this row holds; blank = to the end.", "year", ge=1900, le=2200)


def _plain(column: Column) -> Any:
    extra: Any = {"column": column}
    return Field(default=REQUIRED if column.required else column.default, json_schema_extra=extra)


def _tupled(declared: dict[str, Any]) -> dict[str, Any]:
    if isinstance(declared.get("ref"), str):
        declared["ref"] = (declared["ref"],)
    if "ref_by" in declared:
        pairs = declared["ref_by"].items()
        declared["ref_by"] = tuple((k, (v,) if isinstance(v, str) else tuple(v)) for k, v in pairs)
    return declared
