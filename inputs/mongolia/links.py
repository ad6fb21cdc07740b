"""Transport as it stands: modes, lanes, gates and groups, put together from arcs, crossings, air and buyers."""

from __future__ import annotations

from typing import Any

from inputs.mongolia import air, buyers, crossings, groups
from inputs.mongolia.arcs import arcs, crosses_border, lane
from inputs.mongolia.classes import CLASSES
from inputs.mongolia.dossier import assumed

__all__ = ["CLASSES", "STORY", "tables"]

MODES = {
    "road": "lorry",
    "rail_1520": "railway of broad gauge: Mongolia, Russia, Central Asia",
    "rail_1435": "railway of standard gauge: China, Europe",
    "transload": "change of gauge at the border",
    "sea": "container ship or ferry",
    "air": "freighter or belly",
    "link": "no movement: from a gateway to the buyers behind it",
}


def tables() -> dict[str, list[dict[str, Any]]]:
    """The tables `modes`, `lanes`, `gates`, `groups`."""
    return {
        "modes": [
            {"mode": mode, **assumed(f"{what}; rates and days stand on the lanes", source="arcs.csv")}
            for mode, what in MODES.items()
        ],
        "lanes": _lanes(),
        "gates": [*crossings.gates(), *air.gates(), *buyers.gates()],
        "groups": [*groups.rows()],
    }


def _lanes() -> list[dict[str, Any]]:
    """Crossings, flights and feeders are made in their own files; every other arc is a lane as it stands."""
    apart = (*air.flights(), *air.feeders())
    plain = [arc for arc in arcs() if not crosses_border(arc) and arc not in apart]
    return [*map(lane, plain), *crossings.lanes(), *air.lanes(), *buyers.lanes()]


STORY: tuple[str, ...] = (
    "Mongolia has two neighbours and no coast: every way out crosses China or Russia, by land or in the air. The table "
    "lanes holds each road, railway, sea and air link of the dossier with its rate, fee, days, capacity and the "
    "territories it crosses besides its ends; no path avoids both neighbours.",
    "A border crossing is two lanes. REE carries rare earths outwards, and only on slots booked in its gate; GEN "
    "carries reagents and acid inwards without booking. So a squeeze on rare earths hits what was planned and leaves "
    "reagents alone (fault 11). Each direction has the crossing's full capacity, an assumption: the wagons that bring "
    "reagents in go out again.",
    "A squeeze is not all loss: in the dossier prices outside China rise by 35% when China squeezes and by 80% when it "
    "closes transit, and slots booked in time through Russia or by air then carry goods that are worth more. So the "
    "plan is worth more in those futures than in calm; what it would lose without those slots, Shadow prices tell.",
    f"A slot at a land crossing costs {crossings.BOOKING_USD_T_Y:g} USD per tonne and year, an air slot "
    f"{air.BOOKING_SHARE:.0%} of the air rate: both are assumptions, the dossier has no figure.",
    "Air rights are gates with booking, their capacity from air.csv alone (fault 7): to Incheon 4,080 t/y of belly "
    "and one 757 freighter, Narita 450, Hong Kong 700, Frankfurt 1,000, Istanbul 1,000. Only NdPr, alloy, "
    "dysprosium, terbium and heavy concentrates fly. Frankfurt and Istanbul cross Russia, the others China.",
    "What may move where is the transport class of a product, named in lanes.classes: "
    + "; ".join(f"{name} = {meaning}" for name, meaning in CLASSES.items())
    + ".",
    "Buyers stand at a market node for each country (C_USA, C_JPN, ...), reached at no cost from the gateways that "
    "demand.csv names; Rotterdam serves Germany and Britain, Istanbul and Hong Kong are transit only (fault 6). "
    "Where a country buys both NdPr oxide and metal, gate NDPR_<country> caps their sum at the larger of the two "
    "demands of 2035; gate CARB_<country> does so for mixed carbonates of every kind, which compete for one separator.",
    "Khanbogd, a site without a node in the dossier's list of sites (fault 3), is S_KBG on the railway to "
    "Gashuunsukhait. Left out: Ulaan Del, no deposit of this plan, and the railway to Ovoot, which leads nowhere "
    "else.",
)
"""What the guide says of links."""
