"""khovor reproduces published optima of capacitated warehouse location (OR-Library)."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import Rows, case_of, solve_and_check

INSTANCES = Path(__file__).parent.parent / "instances"

PUBLISHED = {
    "cap41": 1040444.375,
    "cap42": 1098000.450,
    "cap43": 1153000.450,
    "cap44": 1235500.450,
    "cap71": 932615.750,
    "cap72": 977799.400,
    "cap73": 1010641.450,
    "cap74": 1034976.975,
}


def warehouse_location(path: Path) -> dict[str, Rows]:
    """The instance as khovor tables: opening is capex, serving is freight, demand a hard contract."""
    numbers = iter(float(word) for word in path.read_text().split())
    m, n = int(next(numbers)), int(next(numbers))
    warehouses = [(next(numbers), next(numbers)) for _ in range(m)]
    customers = [(next(numbers), [next(numbers) for _ in range(m)]) for _ in range(n)]
    return {
        "periods": [{"period": "only", "start_year": 2030, "years": 1}],
        "products": [{"product": "goods"}],
        "nodes": [{"node": f"W{i}", "kind": "site"} for i in range(m)]
        + [{"node": f"C{j}", "kind": "market"} for j in range(n)],
        "processes": [{"process": f"open{i}"} for i in range(m)],
        "recipes": [{"process": f"open{i}", "recipe": "r", "product": "goods", "t_per_t": 1} for i in range(m)],
        "sizes": [
            {"process": f"open{i}", "size": "one", "capacity_t_y": capacity, "capex_musd": fixed / 1e6}
            for i, (capacity, fixed) in enumerate(warehouses)
        ],
        "sites": [{"node": f"W{i}", "process": f"open{i}"} for i in range(m)],
        "modes": [{"mode": "road"}],
        "lanes": [
            {"lane": f"{i}-{j}", "from": f"W{i}", "to": f"C{j}", "mode": "road", "usd_t": cost / demand}
            for j, (demand, costs) in enumerate(customers)
            for i, cost in enumerate(costs)
        ],
        "markets": [
            {"node": f"C{j}", "product": "goods", "price_usd_t": 0, "max_t_y": demand, "min_t_y": demand}
            for j, (demand, _) in enumerate(customers)
        ],
    }


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_optimum(name: str) -> None:
    """The optimum agrees with the published one to 1e-6 relative, and the checker accepts the plan."""
    case = case_of(warehouse_location(INSTANCES / f"{name}.txt"), objective="cost")
    solution, verification = solve_and_check(case)
    assert solution.status == "optimal"
    assert solution.objective * 1e6 == pytest.approx(PUBLISHED[name], rel=1e-6)
    assert verification.passed
