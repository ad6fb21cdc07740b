"""Building a case and handing it to HiGHS, against other modelling layers that state the same program.

The others are given the finished index lists and coefficients; khovor works them out as well. Every figure is the
least of a few tries in this run, in seconds of the processor. What others build grows with the program; khovor states
one future and stamps the others: the second table tells the ratio for more and more futures.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from tests.benchmarks import layers
from tests.benchmarks.cases import with_drawn_futures
from tests.benchmarks.layers import LIMITS, Given, given
from tests.benchmarks.table import Table, seconds
from tests.benchmarks.table import count as number

from khovor.case import Case
from khovor.formulation import build
from khovor.network import Network, derive
from khovor.solve import compile_model
from khovor.solve.highs import loaded

TRIES = 5

FUTURES = (1, 10, 50, 100)
"""Futures drawn from the case's own; those alike in a period share it in khovor's program, which all are given."""


def handover(case: Case) -> None:
    """Tell the seconds of every layer up to a program that HiGHS holds, as ratios to the fastest way of linopy."""
    began = time.process_time()
    network = derive(case)
    derived = time.process_time()
    assert network.throughput
    bounded = time.process_time()
    matrix = compile_model(build(case, network))
    program = given(matrix)
    ways: dict[str, Callable[[Given], object]] = {
        "linopy, from padded arrays": layers.linopy_padded,
        "linopy, terms grouped by row": layers.linopy_grouped,
        "PuLP, written to MPS": layers.pulp_written,
        "PyOptInterface": layers.pyoptinterface_held,
        "HiGHS, from these arrays": layers.held,
    }
    least = {name: _apart(way, program) for name, way in ways.items()}
    built, compiled, passed = min((_khovor(case, network) for _ in range(TRIES)), key=sum)
    least |= {
        "khovor": built + compiled + passed,
        "  Pyomo model": built,
        "  arrays of all futures": compiled,
        "  passed to HiGHS": passed,
        "before that: network": derived - began,
        "before that: throughput": bounded - derived,
    }
    table = Table("Handing the program of all futures to HiGHS", "seconds")
    for name, spent in least.items():
        table.line(name, seconds(spent), of=spent)


def futures(case: Case) -> None:
    """Tell the seconds of khovor and of linopy's fastest way for more and more futures, and the ratio of the two."""
    table = Table("The same, by number of futures", "entries", "linopy", "khovor", base=1.0)
    for count in FUTURES:
        drawn = with_drawn_futures(case, count)
        network = derive(drawn)
        assert network.throughput
        matrix = compile_model(build(drawn, network))
        theirs = _apart(layers.linopy_padded, given(matrix))
        ours = min(sum(_khovor(drawn, network)) for _ in range(TRIES))
        figures = number(len(matrix.value)), seconds(theirs), seconds(ours)
        table.line(f"{count} futures", *figures, of=ours / theirs)


def _apart(way: Callable[[Given], object], program: Given) -> float:
    """The least seconds of a few tries, in a process of its own: PyOptInterface and PuLP bring HiGHS along as well,

    and two builds of it in one process end it, which is why they are imported where they are used.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return min(pool.submit(_once, way, program).result() for _ in range(TRIES))


def _once(way: Callable[[Given], object], program: Given) -> float:
    gc.collect()  # what an earlier try has left is not charged to this one
    began = time.process_time()
    kept = way(program)
    spent = time.process_time() - began
    del kept
    return spent


def _khovor(case: Case, network: Network) -> tuple[float, float, float]:
    """Seconds of the Pyomo model, of the arrays, and of HiGHS taking them."""
    gc.collect()
    marks = [time.process_time()]
    formulation = build(case, network)
    marks.append(time.process_time())
    matrix = compile_model(formulation)
    marks.append(time.process_time())
    kept = loaded(matrix, LIMITS)
    marks.append(time.process_time())
    del kept
    return marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[2]
