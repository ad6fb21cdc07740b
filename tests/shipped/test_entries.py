"""Where goods of the shipped case may enter a territory again."""

from __future__ import annotations

from pathlib import Path

from khovor.case import build_case
from khovor.network import derive, first_entries
from khovor.workbook import read


def test_nothing_enters_a_neighbour_twice_in_the_shipped_case() -> None:
    """Only Germany can be entered again (by way of Rotterdam): there alone shipments are parted."""
    case = build_case(read(Path(__file__).parents[2] / "inputs" / "mongolia.xlsx"))
    network = derive(case)
    territories = {node.territory for node in case.nodes.values()} | {x for v in case.lanes.values() for x in v.over}
    again = set()
    for territory in territories - {case.terms.home_territory, ""}:
        found = first_entries(network, territory)
        starts = {(network.pairs[k].leg.start, network.pairs[k].commodity) for k in found.ways}
        again |= {territory} if starts & found.mixed else set()
    assert again == {"DE"}
