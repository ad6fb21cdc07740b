"""The settings table: one key and value a row, each key declared here."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from khovor.workbook.column import integer, number, prose, text
from khovor.workbook.row import Where


class Settings(BaseModel):
    """What holds for the whole case. `where` gives the place of each key that is in the workbook."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    TABLE: ClassVar[str] = "settings"

    title: str | None = prose("Title of the case.")
    base_year: int = integer(
        "Year to which money is discounted; building starts here.", "year", required=True, ge=1900, le=2200
    )
    objective: Literal["npv", "cost", "support"] = text(
        "npv: most value; cost: least cost; support: least public money, at discount_rate, with which the investor "
        "earns target_irr (table instruments) and every hard policy is kept.",
        default="npv",
        choices=("npv", "cost", "support"),
    )
    discount_rate: float = number("Real discount rate, per year.", "share/y", required=True, le=1.0)
    discount_timing: Literal["start", "mid", "end"] = text(
        "When in a year money is counted.", default="end", choices=("start", "mid", "end")
    )
    home_territory: str | None = text("Home, for exposure: what leaves it is export.", ref="nodes.territory")
    terminal_value: Literal["none", "book"] = text(
        "Value of plants after the horizon: none, or straight-line book value.",
        default="none",
        choices=("none", "book"),
    )
    mip_gap: float = number("Stop when the plan is proved this close to the best.", "share", default=1e-4, le=1.0)
    time_limit_s: float = number("Stop after this long, with the best plan so far.", "s", default=3600.0)
    threads: int | None = integer("Threads of the solver; blank = its own choice.", "threads", ge=1, le=1024)
    seed: int | None = integer("Seed of the solver's random choices.", le=2**31 - 1)
    risk_weight: float = number("Weight of the worst futures in the objective.", "share", default=0.0, le=1.0)
    risk_tail: float = number("Share of futures that count as the worst.", "share", default=0.1, ge=0.001, le=1.0)
    target_irr: float | None = number(
        "Return an investor asks for under objective support; blank = discount_rate.", "share/y", le=1.0
    )

    where: dict[str, Where] = {}
