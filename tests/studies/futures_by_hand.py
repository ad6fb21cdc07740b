"""Cases whose plans are worth so much in each future that all else can be worked out by hand."""

from __future__ import annotations

from support import Rows, one_mine

YIELDS = {"above": 1.2, "average": 1.0, "below": 0.8}

SOWING = {"wheat": (2500, 0.150), "corn": (3000, 0.230), "beets": (20000, 0.260)}
"""By crop: yield [t/acre] and cost [MUSD/acre], a thousand times the textbook's, so that values are in MUSD."""


def demand(boom: float = 0.25, flat: float = 0.25, bust: float = 0.5, **changes: Rows) -> dict[str, Rows]:
    """Up to three mines of 100 t/y for 1 MUSD each, and demand for 300, 100 or 0 t at a margin of 19,000 USD/t.

    n mines are worth 0.9 n in a boom, 1.9 min(n, 1) - n when it is flat and -n in a bust [MUSD].
    """
    tables = one_mine(
        sites=[{"node": "D", "process": "mine", "max_units": 3}],
        markets=[{"node": "M", "product": "ore", "price_usd_t": 20000, "max_t_y": 100}],
        scenarios=[
            {"scenario": "boom", "probability": boom},
            {"scenario": "flat", "probability": flat},
            {"scenario": "bust", "probability": bust},
        ],
        events=[
            {"scenario": "boom", "target_type": "market", "target": "M", "demand_factor": 3},
            {"scenario": "bust", "target_type": "market", "target": "M", "demand_factor": 0},
        ],
    )
    return {**tables, **changes}


def mines(n: int) -> dict[str, float]:
    """What n mines are worth in each future of `demand` [MUSD]."""
    return {"boom": 0.9 * n, "flat": 1.9 * min(n, 1) - n, "bust": -1.0 * n}


def either(p: float = 0.5) -> dict[str, Rows]:
    """Two roads that exclude each other, each for 0.5 MUSD; each future shuts one, through the other 100 t earn 1.9.

    A road is worth 1.4 in the future that leaves it open and -0.5 in the other [MUSD]; a mine stands already.
    """
    road = {"from": "D", "to": "M", "mode": "road", "usd_t": 1000, "status": "project"}
    return one_mine(
        sites=[{"node": "D", "process": "mine", "status": "existing", "existing_size": "s", "existing_units": 1}],
        lanes=[{"lane": "east", **road}, {"lane": "west", **road}],
        projects=[
            {"project": "E", "capex_musd": 0.5, "excludes": "W"},
            {"project": "W", "capex_musd": 0.5, "excludes": "E"},
        ],
        project_effects=[
            {"project": "E", "target_type": "lane", "target": "east", "adds": 100},
            {"project": "W", "target_type": "lane", "target": "west", "adds": 100},
        ],
        scenarios=[{"scenario": "no east", "probability": p}, {"scenario": "no west", "probability": 1 - p}],
        events=[
            {"scenario": "no east", "target_type": "lane", "target": "east", "capacity_factor": 0},
            {"scenario": "no west", "target_type": "lane", "target": "west", "capacity_factor": 0},
        ],
    )


def farmer() -> dict[str, Rows]:
    """The farmer of Birge and Louveaux: 500 acres of wheat, corn and beets, sown before the weather is known.

    Acres and thirds of acres, in which every published plan is whole, are units of plants that run fully or not at all
    (`min_load` 1), so what is sown is decided once and what grows is its yield by the weather. Land is a utility,
    as much per tonne as that crop needs in average weather, of which the weather gives more or less as it does of
    crops: so no more than 500 acres can be sown. Feed is a hard contract; what is missing is bought, the rest sold.
    """
    crops = list(SOWING)
    acre = max(tonnes for tonnes, _ in SOWING.values())
    needs = {"wheat": 200_000, "corn": 240_000}
    sold = {"wheat": 170, "corn": 150}
    return {
        "periods": [{"period": "p1", "start_year": 2030, "years": 1}],
        "products": [{"product": crop} for crop in crops],
        "nodes": [{"node": "farm", "kind": "site"}, {"node": "town", "kind": "market"}],
        "processes": [{"process": crop} for crop in crops],
        "recipes": [{"process": crop, "recipe": "grow", "product": crop, "t_per_t": 1} for crop in crops],
        "sizes": [
            {"process": crop, "size": size, "capacity_t_y": tonnes * acres, "capex_musd": cost * acres, "min_load": 1}
            for crop, (tonnes, cost) in SOWING.items()
            for size, acres in (("acre", 1), ("third", 1 / 3))
        ],
        "sites": [{"node": "farm", "process": crop, "max_units": 502} for crop in crops],
        "utilities": [{"utility": "land", "unit": "acre / 20,000"}],
        "utility_use": [
            {"process": crop, "utility": "land", "use_per_t": acre / tonnes} for crop, (tonnes, _) in SOWING.items()
        ],
        "utility_supply": [{"node": "farm", "utility": "land", "price_usd": 0, "limit_y": 500 * acre}],
        "modes": [{"mode": "cart"}],
        "lanes": [{"lane": "road", "from": "farm", "to": "town", "mode": "cart", "usd_t": 0}],
        "markets": [
            *(
                {"node": "town", "product": c, "tier": 1, "price_usd_t": 0, "min_t_y": t, "max_t_y": t}
                for c, t in needs.items()
            ),
            *({"node": "town", "product": c, "tier": 2, "price_usd_t": price} for c, price in sold.items()),
            {"node": "town", "product": "beets", "tier": 1, "price_usd_t": 36, "max_t_y": 6_000_000},
            {"node": "town", "product": "beets", "tier": 2, "price_usd_t": 10},
        ],
        "purchases": [
            {"node": "town", "product": "wheat", "price_usd_t": 238},
            {"node": "town", "product": "corn", "price_usd_t": 210},
        ],
        "scenarios": [{"scenario": w, "probability": 1 / 3} for w in YIELDS],
        "events": [
            {"scenario": w, "target_type": kind, "target": target, "capacity_factor": factor}
            for w, factor in YIELDS.items()
            for kind, target in (("node", "farm"), ("utility", "land"))
        ],
    }
