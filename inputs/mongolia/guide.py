"""Settings of the shipped case, and its guide sheet: storyline, stated support, assumptions, mended faults."""

from __future__ import annotations

from typing import Any

from inputs.mongolia import futures, hazards, links, projects
from inputs.mongolia.dossier import assumed
from khovor.workbook import Section

TITLE = "Mongolian rare earths: mines, plants and corridors to 2056"

SUPPORT = (
    "Concessional rate 6.5% real instead of 10%, as in the US-supported scenario (EXIM/DFC blend); "
    "unsupported: --set settings[discount_rate].value=0.10"
)

SETTINGS: dict[str, Any] = {
    "title": TITLE,
    "base_year": 2026,
    "objective": "npv",
    "discount_rate": 0.065,
    "discount_timing": "end",
    "home_territory": "MN",
    "terminal_value": "none",
    "mip_gap": 0.001,
    "time_limit_s": 120,
    "seed": 1,
}

_CHOICE = assumed("choice of the case")
SETTINGS_KNOWN: dict[str, dict[str, Any]] = {
    **{key: _CHOICE for key in SETTINGS},
    "discount_rate": {
        "basis": "assumption",
        "low": 0.05,
        "high": 0.10,
        "source": "finance_policy.csv discount_rate_concessional: blend of DFI and ECA debt with equity",
        "note": SUPPORT,
    },
    "terminal_value": assumed("nothing after 2056: the horizon holds the life of the first plants (fault 8)"),
    "time_limit_s": assumed("stops with the best plan and its gap; a longer run proves more"),
}

STORY = Section(
    "What the case is",
    (
        "Four deposits hold 3.1 Mt of registered rare-earth oxide: Khotgor 1,213.7 kt, Mushgai Khudag 365.1 kt and "
        "Lugiin Gol 14.5 kt in the Gobi (a business in neodymium and praseodymium), Khalzan Buregtei 1,511.6 kt in "
        "the west (dysprosium, terbium, yttrium; radioactive, opposed locally, halted).",
        "The plan chooses mines, concentrators, cracking, separation, metal and alloy plants at 17 sites, in sizes "
        "and years; acid bought or made; links to build; slots to book at border gates; and who is served, 2027 to "
        "2056.",
        "Mass decides where plants stand: a Gobi hub of 3 Mt of ore a year takes in about 229 kt of acid, 157 kt of "
        "cracking and 106 kt of separation reagents and sends out 5.6 kt of NdPr oxide and 1.2 kt of heavy "
        "concentrate (in t REO).",
        "In the dossier, after royalty and tax and at Chinese prices, no chain pays for its own separation plant "
        "without support; the shared hub comes near, with a break-even NdPr price of 109-130 USD/kg against 95 USD/kg "
        "in 2027. This case is before royalty and tax and counts the premiums of buyers outside China, so its values "
        "are higher: in the planning deck the hub pays even at 10%, in the conservative deck only with the support. "
        "Carbonate is easier to make than to "
        "sell: buyers outside China take about 16 kt REO a year by 2035, the hub would make 30.",
        *links.STORY,
        *projects.STORY,
        *futures.STORY,
        *hazards.STORY,
    ),
)

DECKS = Section(
    "Stated support, and the two decks",
    (
        f"Stated support: {SUPPORT[0].lower()}{SUPPORT[1:]}. It is the only support in the case.",
        "Prices: price_usd_t in markets is the conservative deck (NdPr oxide 85 USD/kg, metal, alloy, carbonates and "
        "concentrates lowered with it, no real growth) x (1 + premium of the buyer). The profiles lift it to the "
        "planning deck: 95 USD/kg and 2% a year for NdPr, 1.5% for Dy, Tb, carbonates, heavy concentrate and alloy, "
        "counted from 2027 and held flat after 2045, where the dossier's deck ends.",
        "Without support:   khovor solve mongolia.xlsx --set settings[discount_rate].value=0.10",
        "Conservative deck:   khovor solve mongolia.xlsx --set 'profiles[*].factor=1'",
        "Conservative deck with the geology of that first run:   khovor solve mongolia.xlsx --set "
        "'profiles[*].factor=1' --set 'assays[D_MUS:ore:TREO].fraction=0.015' --set "
        "'deposits[D_MUS:ore].reserve_t=24340000'",
        "Erdenet's smelter acid, planned and not built:   --set 'purchases[S_ERD:h2so4:95].max_t_y=500000'",
        "Price floors of 110 USD/kg stand for MP Materials and for Lynas with JARE; none covers Mongolia. They are "
        "named in the notes of markets and paid to nobody.",
    ),
)

ASSUMPTIONS = Section(
    "What is assumption",
    (
        "The column basis says it row by row. Sourced: registered oxide, the floors, quotes behind the prices, air "
        "payloads and some rates. Everything else is a planning estimate whose source names the analogue: every "
        "split into elements, every size and cost of a plant, every tonnage a buyer would take, power and water at "
        "sites, capacities of links, odds of futures.",
        "Treat capital as +/-40%, cracking as skewed upwards. The share of NdPr in Gobi ore (19%, +/-4 points) and "
        "its price after 2030 matter most.",
        "Beyond the dossier: a hub size for cracking and light separation, by the dossier's scale exponent, because "
        "its own costing of the hub uses one train; reagents at 250 (imported) and 100 USD/t (domestic) delivered, "
        "taken out of the variable cost of cracking and separation and bought at Baotou, Erenhot, Urumqi, "
        "Novosibirsk and in Mongolia.",
    ),
)

FAULTS = Section(
    "Faults of the dossier, and how they are mended",
    (
        "1. Payability stands once: prices of carbonate and heavy concentrate are divided by the share they contain, "
        "payable_share applies it.",
        "2. Concentrate is priced by contained REO, so 12-15% concentrate fetches a third per tonne of what 35-40% "
        "does.",
        "3. Khanbogd is node S_KBG; acid plants may stand wherever cracking may; residue cells are required beside "
        "cracking; the little residue of separation goes to a disposal site at 170 USD/t.",
        "4. Cerium-depleted carbonate is priced by its elements; China buys Dy, Tb and NdPr metal at the benchmark, "
        "at most what the largest other buyer takes; La-Ce, SEG and Y oxide may be disposed of at 60 USD/t.",
        "5. Demand for carbonate and heavy concentrate is in t REO: the column component says so, and flows are in t "
        "of product.",
        "6. Rotterdam serves Germany and Britain through nodes of their own; Istanbul and Hong Kong airports are "
        "transit; one gate per buyer caps NdPr oxide and metal together, another carbonates.",
        "7. State projects cost the plan nothing: capex_musd = 0. Air capacity stands once, at the gates of the air "
        "rights.",
        "8. The horizon runs to 2056, ten periods; nothing is worth anything after it.",
        "9. The alloy's iron, ferroboron and alloying metals are bought at 1,500 USD/t; the 0.5% of Dy and Tb in it "
        "and 2% casting loss are in its variable cost.",
        "10. Erdenet's acid at 95 USD/t stands in purchases with max_t_y = 0, because the smelter is not built; "
        "imported acid costs 140 there.",
        "11. Rare earths pass a border gate only on booked slots, so a squeeze hurts what was planned.",
        "12. The odds of the dossier are per year; events last some years and not the whole horizon.",
    ),
)

LEFT_OUT = Section(
    "What is left out",
    (
        "Royalty (5% and a surtax), income tax, grants, loans, price floors and policies: later releases honour "
        "those tables, so they are empty here. Value is before tax.",
        "Zirconium, niobium and phosphate by-products (base credit 0), the integrated heap leach (a benchmark), "
        "Ulaan Del and Tsagaan Chuluut (125 and 275 tonnes), ore export.",
    ),
)

SECTIONS = [STORY, DECKS, ASSUMPTIONS, FAULTS, LEFT_OUT]
