"""Which run a what-if begins from: the nearest of those that change the same cells to other numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from labour import study

from khovor.studies.crew import crew
from khovor.studies.neighbours import Neighbours
from khovor.studies.runner import run_study
from khovor.studies.tasks import Record, Task
from khovor.workbook import parse_change

CAP = "gates[G].capacity_t_y"


def of(**whatifs: str) -> Neighbours:
    """What-ifs of one change each, or of several with a semicolon between."""
    return Neighbours.of({name: tuple(map(parse_change, told.split(";"))) for name, told in whatifs.items()})


def run(label: str, plan: bool = True) -> Record:
    return Record(label, label, "optimal", "", 1.0, {"builds": []} if plan else {})


BASE = run("base")


def test_each_is_the_farthest_from_those_before() -> None:
    """Factors: the farthest from 1 first, then the middle of the widest gap; what has no number stays in its order."""
    near = of(a=f"{CAP}*=0.2", b=f"{CAP}*=1.1", c=f"{CAP}*=0.8", d=f"{CAP}*=0.6")
    assert near.spread("abcd") == ["a", "d", "c", "b"]
    words = of(x="sizes[mine:s].note=x", y="sizes[mine:s].note=y", z=f"{CAP}=5")
    assert words.spread("xyz") == ["x", "y", "z"]


def test_values_are_spread_from_the_first() -> None:
    """Of values the base's own is not known: the first, the farthest from it, then between."""
    near = of(a=f"{CAP}=100", b=f"{CAP}=200", c=f"{CAP}=300", d=f"{CAP}=500")
    assert near.spread("abcd") == ["a", "d", "c", "b"]


def test_the_nearest_run_with_a_plan_is_begun_from() -> None:
    """Of the runs that ended, and have a plan, the nearest; the base where it is nearer; of two as near the first."""
    near = of(a=f"{CAP}*=0.2", b=f"{CAP}*=0.4", c=f"{CAP}*=0.8", d=f"{CAP}*=1.4")
    assert near.nearest("a", BASE, []) is BASE
    assert near.nearest("a", BASE, [run("c"), run("b")]).label == "b"
    assert near.nearest("a", BASE, [run("c"), run("b", plan=False)]).label == "c"
    assert near.nearest("d", BASE, [run("a"), run("c")]) is BASE
    assert near.nearest("c", run("base", plan=False), [run("d")]).label == "d"


def test_a_proof_that_goes_as_far_is_begun_from() -> None:
    """Begun at 0.5 from the base, the proof of 0.2, begun from 0.5, is that of 0.4: nearer ones go another way."""
    near = of(a=f"{CAP}*=0.5", b=f"{CAP}*=0.2", c=f"{CAP}*=0.4", d=f"{CAP}*=0.6")
    assert near.nearest("a", BASE, []) is BASE
    assert near.nearest("b", BASE, [run("a")]).label == "a"
    assert near.nearest("c", BASE, [run("a"), run("b")]).label == "b"
    assert near.nearest("d", BASE, [run("a"), run("b"), run("c")]).label == "a"
    assert near.began == {"a": (1.0,), "b": (0.5,), "c": (0.2,), "d": (0.5,)}


def test_values_take_the_nearest_and_others_the_base() -> None:
    """Of values the base's own is not known, so any run of the same cell is nearer; another cell is no neighbour."""
    near = of(a=f"{CAP}=100", b=f"{CAP}=300", other="gates[H].capacity_t_y=100", word="sizes[mine:s].note=x")
    assert near.nearest("a", BASE, [run("b"), run("other")]).label == "b"
    assert near.nearest("other", BASE, [run("a"), run("b")]) is BASE
    assert near.nearest("word", BASE, [run("a")]) is BASE


def test_cells_count_as_shares_of_their_spans() -> None:
    """Two cells of unlike units: (1, 1000) is nearer to (1, 900) than to (9, 1000)."""
    two = "gates[G].capacity_t_y={};gates[H].capacity_t_y={}"
    near = of(a=two.format(1, 1000), b=two.format(1, 900), c=two.format(9, 1000), d=two.format(9, 100))
    assert near.nearest("a", BASE, [run("c"), run("b"), run("d")]).label == "b"


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_needless_task_is_left_out(jobs: int) -> None:
    """A task that is needless when its turn has come is not done, and the others come in their order."""
    told = study({}, {}, {}, {})

    def begin(task: Task, ended: object) -> Task | None:
        return None if task.label == "run 2" else task

    with crew(jobs) as workers:
        records = run_study(replace(told, begin=begin), workers)
    assert [r.label for r in records] == ["run 0", "run 1", "run 3"]


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_task_begins_with_what_has_ended_by_then(jobs: int) -> None:
    """Each task is made when its turn comes: the first of a worker knows no run, the last all but those under way."""
    told = study({}, {}, {}, {}, {})
    known: dict[str, int] = {}

    def begin(task: Task, ended: Sequence[Record]) -> Task:
        known[task.label] = len(ended)
        return task

    with crew(jobs) as workers:
        records = run_study(replace(told, begin=begin), workers)
    assert [r.result["objective"] for r in records] == [0.0, 10.0, 20.0, 30.0, 40.0]
    assert list(known.values()) == [max(0, n - jobs + 1) for n in range(5)]
