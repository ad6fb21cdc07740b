"""Run on ranks: hedges the worlds named, and the first rank says as JSON what came of each."""

from __future__ import annotations

import json
import sys

from worlds import TIGHT, world

from khovor.formulation import build
from khovor.network import derive
from khovor.solution import collect
from khovor.solve import Limits
from khovor.solve.hedging import Crew
from khovor.verify import verify

SECONDS = 8.0


def main() -> None:
    """Hedge each world; other ranks than the first serve it."""
    crew = Crew()
    if not crew.leads:
        crew.serve()
        return
    told = {}
    with crew.leading():
        for name in sys.argv[1:]:
            case = world(name)
            formulation = build(case, derive(case))
            plan = collect(case, formulation, crew.hedge(formulation, Limits(TIGHT, SECONDS, threads=1, seed=1)))
            told[name] = {
                "status": plan.status,
                "sense": plan.sense,
                "value": plan.objective,
                "bound": plan.bound,
                "passed": verify(case, plan).passed,
                "integers": plan.size.integers,
                "builds": plan.builds.astype(str).values.tolist(),
            }
    sys.stdout.write(json.dumps(told))


main()
