"""Plants that run beyond what stands, and decisions that may not be taken: each caught, by that rule alone."""

from __future__ import annotations

import pytest
from changes import Break, add, both, clear, copy, drop, event, put
from good_plan import Tables, judge

from khovor.verify import processing, siting

HALF_SPEED = event(target_type="process", target="leach", capacity_factor=0.5, last_year=2031)
NODE_DOWN = event(target_type="node", target="D", capacity_factor=0.9, first_year=2033)
OTHER_KILNS = both(
    add("sizes", process="kiln", size="l", capacity_t_y=9000, variable_opex_usd_t=1),
    put("sites", 3, sizes="l", max_units=3),
)
KILNS_REST = both(
    *(put("activity", place, t_y=0.0) for place in (9, 11)), *(put("disposals", place, t_y=4750.0) for place in (1, 3))
)


def new_kiln(tables: Tables) -> None:
    """A third kiln in p1, of the size of the two old ones."""
    add("builds", **{**tables["closures"][0], "period": "p1"})(tables)


BREAKS = (
    Break("a unit too small", (processing.CAPACITY,), into=put("sizes", 0, capacity_t_y=19000)),
    Break("a slower ramp", (processing.CAPACITY,), into=put("processes", 1, ramp_1=0.1)),
    Break("a shorter life", (processing.CAPACITY,), into=put("processes", 0, lifetime_years=2)),
    Break("a plant halved by an event", (processing.CAPACITY,), into=HALF_SPEED),
    Break("closed units do not run", (processing.CAPACITY,), out=put("closures", 0, units=2)),
    Break("nothing built", (processing.CAPACITY,), into=clear("overrides"), out=drop("builds", 0)),
    Break("minimum load missed", (processing.LOAD,), into=put("sizes", 1, min_load=0.6)),
    Break("more dug than there is", (processing.RESERVE,), into=put("deposits", 0, reserve_t=39900)),
    Break("half a unit", (siting.WHOLE,), into=clear("overrides"), out=put("builds", 0, units=1.5)),
    Break("half a closure", (siting.WHOLE,), out=put("closures", 0, units=0.5)),
    Break("a build before it is ready", (siting.BUILDS,), into=put("processes", 2, build_years=1)),
    Break("a build outside its years", (siting.BUILDS,), into=put("sites", 0, first_year=2031)),
    Break("a build of no option", (siting.BUILDS,), out=copy("builds", 0, node="B")),
    Break("a build of a size that only stands there", (siting.BUILDS,), into=OTHER_KILNS, out=new_kiln),
    Break("too many units", (siting.SITES,), into=put("sites", 0, max_units=1), out=copy("builds", 0, period="p2")),
    Break("a new unit beside the old", (siting.SITES,), out=new_kiln),
    Break("more closed than existed", (siting.CLOSURES,), out=both(put("closures", 0, units=3), KILNS_REST)),
    Break("a required process missing", (siting.REQUIRES,), out=drop("builds", 2)),
    Break("a required process too late", (siting.REQUIRES,), out=put("builds", 2, period="p2")),
    Break("an unknown project", (siting.PROJECTS,), out=add("projects", project="bridge", period="p1")),
    Break("a project taken twice", (siting.PROJECTS,), out=add("projects", project="spur line", period="p2")),
    Break("a project before it is ready", (siting.PROJECTS,), into=put("projects", 0, build_years=1)),
    Break("a project outside its years", (siting.PROJECTS,), into=put("projects", 1, last_year=2031)),
    Break("a required project missing", (siting.AFTER,), into=put("projects", 1, requires="tunnel")),
    Break("a required project too late", (siting.AFTER,), into=put("projects", 0, requires="grid")),
    Break("projects that exclude each other", (siting.EXCLUDES,), out=add("projects", project="tunnel", period="p2")),
    Break("an override ignored", (siting.OVERRIDES,), into=put("overrides", 0, units=2)),
    Break("an override of every size ignored", (siting.OVERRIDES,), into=add("overrides", node="B", units=3)),
    Break("a forbidden project", (siting.OVERRIDES,), into=add("overrides", project="grid", units=0)),
    Break(
        "a forced project in another period",
        (siting.OVERRIDES,),
        into=add("overrides", project="grid", period="p1", units=1),
    ),
)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda b: b.what)
def test_broken_plants_are_caught(broken: Break) -> None:
    """The good plan, broken in this way, fails this rule and no other."""
    verdict = judge(broken.into, broken.out)
    assert not verdict.passed
    assert {f.rule for f in verdict.failures} == set(broken.rules), verdict.failures


def test_old_units_may_stay_above_the_bound() -> None:
    """Two old kilns at a site bounded at one are no fault of the plan; a new one beside them is."""
    assert judge(put("sites", 3, max_units=1)).passed


def test_an_event_counts_by_its_share_of_the_period() -> None:
    """One year of two at 0.9 takes 5% of the mine's mean 12,500 t/y: 11,875 t/y still carries 10,000 t/y."""
    assert judge(NODE_DOWN).passed
