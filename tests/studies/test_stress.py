"""`khovor stress`: hand-solved losses, rescuers and hedges; equality with solving the closed case; resuming."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook
from random_worlds import random_world

from cli.command import changed, khovor, process, two_contracts, written
from khovor.case import Case
from khovor.formulation import DECIDED_ONCE, build
from khovor.network import derive
from khovor.run import read, solve
from khovor.solve import Limits, Recourse, compile_model, optimize
from khovor.solve.highs import held, run
from khovor.studies.stress_part import stressed
from khovor.studies.stress_table import Stress
from khovor.studies.stress_targets import closed, targets_of
from support import PATIENCE_S, Rows, case_of, one_mine

EXACT = Limits(1e-9, PATIENCE_S, threads=1, seed=1)


def corridors(**changes: Rows) -> dict[str, Rows]:
    """One year, then two. 100 t/y at 20,000 USD/t leave by gate G at 1,000 USD/t; gate K takes 40 t/y at 3,000."""
    tables = one_mine(
        periods=[
            {"period": "p1", "start_year": 2030, "years": 1},
            {"period": "p2", "start_year": 2031, "years": 2},
        ],
        gates=[{"gate": "G"}, {"gate": "K", "capacity_t_y": 40}],
        groups=[{"group": "all", "member": "G"}, {"group": "all", "member": "K"}],
        lanes=[
            {"lane": "short", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "gate": "G"},
            {"lane": "long", "from": "D", "to": "M", "mode": "road", "usd_t": 3000, "gate": "K"},
        ],
    )
    return {**tables, **changes}


def hedged() -> dict[str, Rows]:
    """The same; slots at K cost 100 USD/t-y, a track of its own 0.1 MUSD, and a second mine may be dug behind it."""
    tables = corridors()
    return {
        **tables,
        "gates": changed(tables["gates"], 1, booking_usd_t_y=100),
        "nodes": [*tables["nodes"], {"node": "E", "kind": "deposit", "territory": "MN"}],
        "sites": [*tables["sites"], {"node": "E", "process": "mine"}],
        "lanes": [
            *tables["lanes"],
            {"lane": "track", "from": "D", "to": "M", "mode": "road", "usd_t": 2000, "status": "project"}
            | {"capacity_t_y": 100},
            {"lane": "far", "from": "E", "to": "M", "mode": "road", "usd_t": 19500},
        ],
        "projects": [{"project": "Track", "capex_musd": 0.1}],
        "project_effects": [{"project": "Track", "target_type": "lane", "target": "track", "adds": 0}],
    }


def told(folder: Path, tables: dict[str, Rows], *options: object, code: int = 0) -> dict[str, Any]:
    """The document of a stress."""
    path = folder / "case.xlsx"
    path.unlink(missing_ok=True)
    written(folder, tables, home_territory="MN")
    answer = khovor("stress", path, "--out", folder / "stress", "--jobs", 1, "--json", *options)
    assert answer.returncode == code, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def closure(document: dict[str, Any], target: str, period: str | None = None) -> dict[str, Any]:
    """One closing."""
    (found,) = [c for c in document["closures"] if (c["target"], c["period"]) == (target, period)]
    return dict(found)


def test_two_corridors_by_hand(tmp_path: Path) -> None:
    """Gate G closed: 40 of 100 t/y go by K at 17,000 USD/t, 60 t/y are stranded; each year loses 1.22 MUSD."""
    document = told(tmp_path, corridors(), "--hedges", 0)
    assert document["objective"] == pytest.approx(3 * 1.9 - 1)
    for period, years in ((None, 3), ("p1", 1), ("p2", 2)):
        found = closure(document, "G", period)
        assert found["loss"] == pytest.approx(years * 1.22)
        assert found["objective"] == pytest.approx(document["objective"] - years * 1.22)
        assert (found["stranded_t"], found["unsold_t"]) == pytest.approx((years * 60, years * 60))
        assert found["rescued_by"] == [{"corridor": "K", "t": pytest.approx(years * 40)}]
        assert found["opening_usd_t_y"] == pytest.approx(years * 19000)
        assert found["prices"] == [{"gate": "K", "usd_t_y": pytest.approx(years * 17000)}]
    assert {c["target"] for c in document["closures"]} == {"G", "all"}
    assert closure(document, "all")["loss"] == pytest.approx(5.7)
    pair = next(p for p in document["pairs"] if p["targets"] == ["G", "K"])
    assert (pair["loss"], pair["stranded_t"]) == pytest.approx((5.7, 300))
    assert pair["alone"] == pytest.approx([3.66, 0.0])


def test_years_in_which_nothing_can_run(tmp_path: Path) -> None:
    """Before the mine may stand there is nothing to lose; afterwards all is as it was."""
    document = told(tmp_path, corridors(sites=[{"node": "D", "process": "mine", "first_year": 2031}]), "--hedges", 0)
    assert document["objective"] == pytest.approx(2 * 1.9 - 1)
    losses = [closure(document, "G", period)["loss"] for period in ("p1", "p2", None)]
    assert losses == pytest.approx([0.0, 2.44, 2.44])


def test_one_more_tonne_is_worth_what_opening_says(tmp_path: Path) -> None:
    """What opening is told to be worth is what solving with a gate of one tonne a year adds to the closed case."""
    opened = told(tmp_path, corridors(), "--hedges", 0)
    gates = [{"gate": "G", "capacity_t_y": 1}, {"gate": "K", "capacity_t_y": 40}]
    fixed: Rows = [{"node": "D", "process": "mine", "period": "p1", "units": 1}]
    ajar = solve(case_of(corridors(gates=gates, overrides=fixed))).objective
    shut = closure(opened, "G")
    assert ajar - shut["objective"] == pytest.approx(shut["opening_usd_t_y"] / 1e6)


def test_hedges_by_hand(tmp_path: Path) -> None:
    """Slots at K bring back 16,900 USD on 40 t/y, the track 18,000 on 100 t/y for 0.1 MUSD, a second mine nothing more.

    The track is the cheapest: the slots bring back less than half of what it does.
    """
    (found,) = told(tmp_path, hedged(), "--hedges", 1)["hedges"]
    options = {o["hedge"]: o for o in found["options"]}
    assert found["target"] == "G"
    assert options["slots"]["recovered"] == pytest.approx(3 * 40 * 16900 / 1e6)
    assert options["slots"]["slots_musd"] == pytest.approx(3 * 40 * 100 / 1e6)
    assert options["corridor"]["recovered"] == pytest.approx(3 * 100 * 18000 / 1e6 - 0.1)
    assert options["corridor"]["capital_musd"] == pytest.approx(0.1)
    assert options["site"]["recovered"] == pytest.approx(options["slots"]["recovered"])
    assert all(o["status"] == "optimal" and o["exact"] for o in found["options"])
    assert found["cheapest"] == "corridor"
    assert "Track (2030)" in found["in_words"]
    assert "0.1 MUSD of capital" in found["in_words"]


def test_room_to_store_is_a_hedge_where_declared(tmp_path: Path) -> None:
    """All but 10 t/y of a closed first year are lost; with twice the room 10 t more are sold later."""
    tables = corridors(
        gates=[{"gate": "G", "capacity_t_y": 120}, {"gate": "K", "capacity_t_y": 0}],
        stockpiles=[{"node": "D", "product": "ore", "capacity_t": 10}],
    )
    document = told(tmp_path, tables, "--hedges", 1)
    assert closure(document, "G", "p1")["loss"] == pytest.approx(90 * 0.019)
    assert closure(document, "G", "p1")["stranded_t"] == pytest.approx(90)
    options = {o["hedge"]: o for o in document["hedges"][0]["options"]}
    assert options["stockpile"]["recovered"] == pytest.approx(0.0, abs=1e-9)
    assert set(options) == {"stockpile", "site"}


def tables_of(case: Case) -> tuple[Stress, float, dict[Any, float]]:
    """The stress of a case's own best plan, its value, and its decisions by label."""
    f = build(case, derive(case))
    outcome = optimize(f, EXACT)
    labels = zip(outcome.matrix.columns, outcome.values.tolist(), strict=True)
    decided = {label: value for label, value in labels if label and label[0] in DECIDED_ONCE}
    recourse = Recourse(f, decided)
    parts = len(case.horizon.periods) if f.network.separable else 1
    shares = min(2, len(case.scenarios))
    given = [(place, share, shares) for place in range(parts) for share in range(shares)]
    found = [(recourse.periods(task[0]), stressed(f, recourse, task, lambda: False)) for task in given]
    stress = Stress(case, list(targets_of(case)), found)
    value = stress.value(recourse.once)
    assert value is not None
    return stress, value, decided


def solved_again(case: Case, decided: dict[Any, float]) -> float | None:
    """The objective of a case with every decision as given; None where its rules cannot be kept."""
    matrix = compile_model(build(case, derive(case)))
    values = [decided.get(x, 0.0) if x and x[0] in DECIDED_ONCE else np.nan for x in matrix.columns]
    answer = run(held(matrix, np.array(values)), EXACT)
    assert answer.status in ("optimal", "infeasible")
    return answer.objective if answer.status == "optimal" else None


@pytest.mark.parametrize("seed", range(25))
def test_equals_solving_the_closed_case(seed: int) -> None:
    """On random worlds a closing, or a pair, has the value of the case with that event and the plan's decisions."""
    tables, settings = random_world(seed)
    settings = {**settings, "home_territory": "MN"}
    groups = [*tables["groups"], {"group": "abroad", "member": "CN"}, {"group": "abroad", "member": "f"}]
    case = case_of({**tables, "groups": groups}, **settings)
    stress, value, decided = tables_of(case)
    periods = {p.name: p for p in case.horizon.periods} | {None: None}
    targets = {target.name: target for target in targets_of(case)}
    closures = stress.closures(value)
    known = {(c["target"], c["period"]): c["objective"] for c in closures}
    sign = -1.0 if case.terms.objective == "cost" else 1.0
    assert sign * value == pytest.approx(solved_again(case, decided), abs=1e-7)
    for name, target in targets.items():
        for period in periods:
            alone = solved_again(closed(case, [(target, periods[period])]), decided)
            assert known.get((name, period), sign * value) == pytest.approx(alone, abs=1e-7), (name, period)
    for pair in stress.pairs(closures, value):
        both = closed(case, [(targets[name], None) for name in pair["targets"]])
        assert pair["objective"] == pytest.approx(solved_again(both, decided), abs=1e-7), pair["targets"]


def test_pairs_that_are_not_listed_lose_no_more() -> None:
    """On a random world every pair of gates and groups is worth what is listed, or else the worse of the two alone."""
    tables, settings = random_world(8)
    case = case_of(tables, **settings, home_territory="MN")
    stress, value, decided = tables_of(case)
    closures = stress.closures(value)
    losses = {c["target"]: c["loss"] for c in closures if c["period"] is None}
    listed = {frozenset(p["targets"]): p["loss"] for p in stress.pairs(closures, value)}
    sign = -1.0 if case.terms.objective == "cost" else 1.0
    targets = [target for target in targets_of(case) if target.kind != "lane"]
    assert len(targets) == 3
    for one in targets:
        for other in targets:
            worse = max(losses.get(one.name, 0.0), losses.get(other.name, 0.0))
            both = solved_again(closed(case, [(one, None), (other, None)]), decided)
            assert both is not None
            assert value - sign * both == pytest.approx(listed.get(frozenset((one.name, other.name)), worse), abs=1e-6)


def test_equals_a_gate_of_zero_with_the_builds_overridden(tmp_path: Path) -> None:
    """The same through the workbook alone: the gate's capacity set to 0 and the builds fixed by overrides."""
    document = told(tmp_path, corridors(), "--hedges", 0)
    fixed = [{**{k: b[k] for k in ("node", "process", "size", "period", "units")}} for b in document["plan"]["builds"]]
    folder = tmp_path / "alone"
    folder.mkdir()
    path = written(folder, corridors(overrides=fixed), home_territory="MN")
    alone = solve(read(path, ["gates[G].capacity_t_y=0"])).objective
    assert closure(document, "G")["objective"] == pytest.approx(alone)


def test_a_given_plan_is_not_solved_again(tmp_path: Path) -> None:
    """With --plan the decisions of the run are taken as they are, and its workbook is compared with this one."""
    first = told(tmp_path, corridors(), "--hedges", 0)
    path = tmp_path / "case.xlsx"
    assert khovor("solve", path, "--out", tmp_path / "run").returncode == 0
    again = khovor("stress", path, "--plan", tmp_path / "run", "--out", tmp_path / "b", "--jobs", 1, "--json")
    document = json.loads(again.stdout)
    assert document["closures"] == first["closures"]
    assert document["plan"]["given"] is True
    assert not list((tmp_path / "b" / "runs").glob("base-*"))
    other = khovor(
        *("stress", path, "--plan", tmp_path / "run", "--out", tmp_path / "c", "--jobs", 1),
        *("--set", "markets[M:ore:*].price_usd_t=10000"),
    )
    assert "made for another workbook" in other.stderr
    assert other.returncode == 0


def test_a_contract_that_cannot_be_kept(tmp_path: Path) -> None:
    """A closing that breaks a hard contract has no value, and neither has the loss; it comes first; exit code 1."""
    markets = [{"node": "M", "product": "ore", "price_usd_t": 20000, "min_t_y": 50}]
    document = told(tmp_path, corridors(markets=markets), "--hedges", 1, code=1)
    first = document["closures"][0]
    assert (first["loss"], first["objective"], first["stranded_t"]) == (None, None, None)
    assert closure(document, "G")["loss"] is None


def test_the_folder_and_the_words(tmp_path: Path) -> None:
    """The usual files; the matrix of targets and periods, the pairs and the hedges on sheets; the answer in words."""
    path = written(tmp_path, hedged(), home_territory="MN")
    folder = tmp_path / "stress"
    answer = khovor("stress", path, "--out", folder, "--jobs", 1)
    assert answer.returncode == 0, answer.stderr
    assert {p.name for p in folder.iterdir()} == {"results.xlsx", "summary.json", "run.log", "input.xlsx", "runs"}
    book = load_workbook(folder / "results.xlsx")
    assert book.sheetnames == ["Stress", "Stress pairs", "Closings", "Hedges"]
    rows = {row[0]: row for row in book["Stress"].iter_rows(values_only=True)}
    assert rows["G"][2] == pytest.approx(5.7)
    assert rows["G"][4:6] == pytest.approx((1.9, 3.8))
    for words in ("everything open", "Closed for good", "G closed: Track (2030)"):
        assert words in answer.stdout


def test_resuming(tmp_path: Path) -> None:
    """In the same folder nothing is done twice; a run that is gone is done again, with the same answer."""
    first = told(tmp_path, hedged())
    files = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "stress" / "runs").iterdir()}
    gone = next(name for name in files if name.startswith("corridor-against-G"))
    (tmp_path / "stress" / "runs" / gone).unlink()
    path = tmp_path / "case.xlsx"
    (tmp_path / "stress").rename(tmp_path / "old")
    before = {p.name: json.loads(p.read_text())["seconds"] for p in (tmp_path / "old" / "runs").iterdir()}
    answer = khovor("stress", path, "--out", tmp_path / "stress", "--resume", tmp_path / "old", "--jobs", 1, "--json")
    again = json.loads(answer.stdout)
    after = {p.name: json.loads(p.read_text())["seconds"] for p in (tmp_path / "stress" / "runs").iterdir()}
    assert {name: after[name] for name in before} == before
    assert set(after) == set(files)
    assert again["closures"] == first["closures"]
    recovered = [[o["recovered"] for o in d["hedges"][0]["options"]] for d in (first, again)]
    assert recovered[0] == pytest.approx(recovered[1])


@pytest.mark.slow
def test_two_workers_say_the_same(tmp_path: Path) -> None:
    """Closings do not depend on how many processes shared them out."""
    one = told(tmp_path, corridors(), "--hedges", 0)
    (tmp_path / "stress").rename(tmp_path / "before")
    path, folder = tmp_path / "case.xlsx", tmp_path / "stress"
    answer = khovor("stress", path, "--out", folder, "--hedges", 0, "--jobs", 2, "--json")
    two = json.loads(answer.stdout)
    losses = [{(c["target"], c["period"]): c["loss"] for c in d["closures"]} for d in (one, two)]
    assert losses[0] == pytest.approx(losses[1])


@pytest.mark.parametrize(
    ("what", "code", "says"),
    [
        ("no run", 2, "not the folder of a finished run"),
        ("foreign plan", 2, "does not fit the workbook"),
        ("no plan", 4, "infeasible"),
        ("errors", 3, "errors"),
    ],
)
def test_exit_codes(what: str, code: int, says: str, tmp_path: Path) -> None:
    """A folder that is no run, a plan of another case, a case without plan, a workbook with errors: told apart."""
    path = written(tmp_path, two_contracts() if what == "no plan" else corridors())
    options: list[object] = []
    if what == "no run":
        options = ["--plan", tmp_path / "nowhere"]
    if what == "foreign plan":
        assert khovor("solve", path, "--out", tmp_path / "run").returncode == 0
        path.unlink()
        path = written(tmp_path, corridors(sizes=[{"process": "mine", "size": "other", "capacity_t_y": 100}]))
        options = ["--plan", tmp_path / "run"]
    if what == "errors":
        options = ["--set", "lanes[short].to=Nowhere"]
    answer = khovor("stress", path, "--out", tmp_path / "s", "--jobs", 1, *options)
    assert answer.returncode == code, answer.stderr
    assert says in answer.stderr.casefold()


def test_as_an_analyst_runs_it(tmp_path: Path) -> None:
    """In a process of its own: one JSON document on stdout with the keys of the contract, exit code 0."""
    path = written(tmp_path, corridors(), home_territory="MN")
    answer = process("stress", path, "--out", tmp_path / "s", "--jobs", 1, "--json", "--quiet", "--hedges", 0)
    assert (answer.returncode, answer.stderr) == (0, "")
    document = json.loads(answer.stdout)
    assert {"objective", "closures"} <= set(document)
    keys = {"target", "period", "objective", "loss", "stranded_t", "rescued_by"}
    assert all(keys <= set(c) for c in document["closures"])


def test_a_hedge_of_a_large_program_is_chosen_for_all_futures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Searched in parts, hedges are chosen and valued for all futures: what they recover is that of the whole program.

    In a calm future, the likely one, gate K takes all that gate G did; a track pays in the tense one alone.
    """
    scenarios = [{"scenario": "calm", "probability": 0.75}, {"scenario": "tense", "probability": 0.25}]
    events = [{"scenario": "calm", "target_type": "gate", "target": "K", "capacity_factor": 2.5}]
    tables = {**hedged(), "scenarios": scenarios, "events": events}
    for name in ("small", "large"):
        (tmp_path / name).mkdir()
    small = told(tmp_path / "small", tables, "--hedges", 1, "--jobs", 1)["hedges"][0]
    monkeypatch.setattr(sys.modules["khovor.solve.additions"], "LARGE", 0)
    large = told(tmp_path / "large", tables, "--hedges", 1, "--jobs", 1)["hedges"][0]
    assert {o["chosen_for"] for o in large["options"]} == {"all 2 futures, by their probabilities"}
    assert {o["valued_in"] for o in large["options"]} == {"all 2 futures, by their probabilities"}
    assert all(o["exact"] for o in large["options"])
    assert [o["recovered"] for o in large["options"]] == pytest.approx([o["recovered"] for o in small["options"]])
    assert "Track (2030)" in next(o for o in large["options"] if o["hedge"] == "corridor")["added"]
    assert "Chosen for" in small["in_words"]


def test_targets_of_the_same_lanes_are_told_once(tmp_path: Path) -> None:
    """A group of gate G alone, and one of its lane, close what the gate does: one target, which names the others."""
    groups = [
        {"group": "the short way", "member": "G"},
        {"group": "its lane", "member": "short"},
        {"group": "all", "member": "G"},
        {"group": "all", "member": "K"},
    ]
    document = told(tmp_path, corridors(groups=groups), "--hedges", 0)
    assert {c["target"]: c["also"] for c in document["closures"]} == {"G": ["the short way", "its lane"], "all": []}
    assert [p["targets"] for p in document["pairs"]] == [["G", "K"]]
    book = load_workbook(tmp_path / "stress" / "results.xlsx")
    texts = [str(cell.value) for row in book["Stress"].iter_rows() for cell in row]
    assert "D - M (the same lanes as the short way, its lane)" in texts


def test_what_a_target_is_in_words(tmp_path: Path) -> None:
    """A gate is told by the places it joins, a group by its members, a territory by its country, by their names."""
    nodes = [
        {"node": "D", "name": "Dornod (mine)", "kind": "deposit", "territory": "MN"},
        {"node": "M", "name": "Mumbai", "kind": "market", "territory": "IN"},
    ]
    groups = [
        {"group": "two", "member": "G"},
        {"group": "two", "member": "long"},
        {"group": "two", "member": "CN"},
        {"group": "four", "member": "IN"},
    ]
    lanes = corridors()["lanes"]
    tables = corridors(nodes=nodes, groups=groups, lanes=[{**lanes[0], "over": "CN"}, lanes[1]])
    document = told(tmp_path, tables, "--hedges", 0)
    words = {c["target"]: c["what"] for c in document["closures"]}
    assert words == {"G": "Dornod - Mumbai", "two": "Dornod - Mumbai; into or over China"}
    assert closure(document, "two")["also"] == ["four"]


def test_a_cap_of_a_market_rescues_nothing(tmp_path: Path) -> None:
    """What a gate on the last lane to a buyer lets through more is told of the buyer that takes it, not as a corridor.

    60 t/y of the 100 that gate G no longer carries go by gate H to a second buyer, whose cap is gate BUYS.
    """
    tables = corridors()
    tables = {
        **tables,
        "nodes": [
            *tables["nodes"],
            {"node": "P", "kind": "port", "territory": "JP"},
            {"node": "N", "name": "Nagoya", "kind": "market", "territory": "JP"},
        ],
        "gates": [{"gate": "G"}, {"gate": "K", "capacity_t_y": 40}, {"gate": "H"}, {"gate": "BUYS"}],
        "lanes": [
            *tables["lanes"],
            {"lane": "sea", "from": "D", "to": "P", "mode": "road", "usd_t": 4000, "gate": "H"},
            {"lane": "last", "from": "P", "to": "N", "mode": "road", "usd_t": 0, "gate": "BUYS"},
        ],
        "markets": [*tables["markets"], {"node": "N", "product": "ore", "price_usd_t": 20000, "max_t_y": 70}],
    }
    found = closure(told(tmp_path, tables, "--hedges", 0), "G")
    assert {r["corridor"]: r["t"] for r in found["rescued_by"]} == pytest.approx({"K": 3 * 40, "H": 3 * 60})
    assert {r["market"]: r["t"] for r in found["taken_by"]} == pytest.approx({"Nagoya": 3 * 60})
