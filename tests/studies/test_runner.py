"""The runner: order, resuming, bad runs, lost workers and clusters, whoever does the work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from labour import study

from khovor.errors import UsageError
from khovor.solve import Progress
from khovor.studies import clusters
from khovor.studies.crew import Crew, crew
from khovor.studies.runner import run_study
from khovor.studies.store import kept


@pytest.fixture(scope="module")
def two() -> Iterator[Crew]:
    """Two workers of this machine, for tests that leave them as they were: starting them takes seconds."""
    with crew(2) as workers:
        yield workers


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_results_come_in_the_order_of_the_study(jobs: int) -> None:
    """The first run takes longest and still comes first; the values are the same for one worker and for two."""
    with crew(jobs) as workers:
        records = run_study(study({"sleep": 0.4}, {}, {}, {}), workers)
    assert [(r.label, r.status, r.result["objective"]) for r in records] == [
        (f"run {n}", "optimal", 10.0 * n) for n in range(4)
    ]


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_bad_run_never_ends_the_rest(jobs: int) -> None:
    """An infeasible run and a fault of the program are records with their message; the others have their results."""
    with crew(jobs) as workers:
        records = run_study(study({}, {"raises": "infeasible"}, {"raises": "fault"}, {}), workers)
    assert [r.status for r in records] == ["optimal", "infeasible", "failed", "optimal"]
    assert [r.message for r in records] == ["", "No plan.", "ZeroDivisionError: by design", ""]
    assert records[3].result["objective"] == 30.0


@pytest.mark.slow
def test_a_second_crew_on_this_machine_starts_in_silence() -> None:
    """Two crews at once: neither takes a port that the other, or anything else, may want, nor warns of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        with crew(2), crew(2) as workers:
            assert [r.status for r in run_study(study({}), workers)] == ["optimal"]


def test_a_run_that_brings_much_is_no_reason_to_warn(two: Crew) -> None:
    """A run may begin from a proof of many megabytes: nobody is told to load it otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert [r.status for r in run_study(study({"brings": "x" * 20_000_000}), two)] == ["optimal"]


def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    """A worker that is killed (SIGKILL) in the middle of a run: the run is done again, and no other is lost."""
    with crew(2) as workers:
        records = run_study(study({}, {"dies": str(tmp_path / "died")}, {}, {}), workers, folder=tmp_path)
    assert (tmp_path / "died").exists()
    assert [r.result.get("objective") for r in records] == [0.0, 10.0, 20.0, 30.0]
    assert len(kept(tmp_path)) == 4


@pytest.mark.slow
def test_a_run_that_always_takes_its_worker_down(tmp_path: Path) -> None:
    """After three lost workers the run counts as crashed, and the others have their results."""
    with crew(2) as workers:
        records = run_study(study({}, {"dies": "always"}, {}, {}), workers, folder=tmp_path)
    assert [r.status for r in records] == ["optimal", "crashed", "optimal", "optimal"]
    assert "worker was lost" in records[1].message


def test_resuming_runs_only_what_is_missing(tmp_path: Path) -> None:
    """Finished runs are taken from the folder; one that failed, and one whose stamp has changed, are run again."""
    notes = str(tmp_path / "notes")
    given = [{"note": notes}, {"note": notes, "raises": "fault"}, {"note": notes, "raises": "infeasible"}]
    with crew(1) as alone:
        run_study(study(*given), alone, folder=tmp_path)
        (tmp_path / "notes").unlink()
        again = run_study(study({"note": notes}, {"note": notes}, given[2]), alone, before=kept(tmp_path))
        assert (tmp_path / "notes").read_text() == "1\n"
        other = run_study(study({"note": notes}, shared=2.0), alone, before=kept(tmp_path))
    assert [r.status for r in again] == ["optimal", "optimal", "infeasible"]
    assert (tmp_path / "notes").read_text() == "1\n0\n"
    assert other[0].result["objective"] == 0.0


def test_a_run_half_written_is_run_again(tmp_path: Path) -> None:
    """A file of a run that cannot be read is as good as none."""
    with crew(1) as alone:
        run_study(study({}), alone, folder=tmp_path)
        (path,) = (tmp_path / "runs").iterdir()
        path.write_text(path.read_text()[:-20])
        assert kept(tmp_path) == {}
        assert run_study(study({}), alone, before=kept(tmp_path))[0].status == "optimal"


def test_progress_is_told() -> None:
    """After each run: how many are done of how many, the last one's name and its value."""
    said: list[Progress] = []
    with crew(1) as alone:
        run_study(study({}, {"raises": "infeasible"}), alone, listener=said.append)
    assert [p.message for p in said] == ["1/2 done, last run 0: 0.0 MUSD", "2/2 done, last run 1: infeasible"]


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_stopping_keeps_what_is_finished(jobs: int, tmp_path: Path) -> None:
    """Told to stop, the runner returns what had ended, and it is on disk; no run is begun beyond those under way."""
    stop, ended = threading.Event(), tmp_path / "ended"
    with crew(jobs) as workers:
        long = ({"sleep": 3.0, "note": str(ended)} for _ in range(20))
        tasks = study({}, {"sleep": 0.3}, *long)
        records = run_study(tasks, workers, folder=tmp_path / "kept", stop=stop, listener=lambda _: stop.set())
    assert not ended.exists() or len(ended.read_text().splitlines()) <= 2 * jobs
    assert 1 <= len(records) <= 2
    assert {r.key for r in records} == set(kept(tmp_path / "kept"))


@pytest.fixture
def scheduler() -> Iterator[str]:
    """A real Dask scheduler with one worker, each a process of its own, on the loopback."""
    program = (
        "import asyncio, sys; from distributed import Scheduler, Worker\n"
        "async def main():\n"
        "    async with Scheduler(host='127.0.0.1', port=0, dashboard=False) as s:\n"
        "        async with Worker(s.address, nthreads=1, host='127.0.0.1', dashboard=False):\n"
        "            print(s.address, flush=True); await s.finished()\n"
        "asyncio.run(main())\n"
    )
    path = os.pathsep.join(sys.path)
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert running.stdout is not None
    yield running.stdout.readline().strip()
    running.kill()
    running.wait()
    running.stdout.close()


def test_a_cluster_by_its_address(scheduler: str) -> None:
    """The same runs on a scheduler and worker started elsewhere have the same records, and it is left running."""
    for _ in range(2):
        with crew(1, scheduler) as workers:
            records = run_study(study({}, {"raises": "infeasible"}, {}), workers)
        assert [r.result.get("objective") for r in records] == [0.0, None, 20.0]


@pytest.mark.slow
def test_no_scheduler_there() -> None:
    """An address where nobody listens is a usage error that names it."""
    with (
        pytest.raises(UsageError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:1"),
        crew(1, "tcp://127.0.0.1:1"),
    ):
        pass


def test_a_cluster_that_is_not_known() -> None:
    """A kind of cluster that is misspelt is a usage error with the nearest."""
    with pytest.raises(UsageError, match="did you mean slurm"), crew(2, "slrum"):
        pass


def test_the_job_that_slurm_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The script of a SLURM job asks for one core and the memory of one solve, and starts a worker of one thread."""
    script: list[str] = []
    from dask_jobqueue import SLURMCluster

    monkeypatch.setattr(SLURMCluster, "scale", lambda self, jobs: script.append(self.job_script()))
    clusters.slurm(4).close()
    assert "#SBATCH -n 1" in script[0]
    assert "#SBATCH --mem=" in script[0]
    assert "distributed.cli.dask_worker" in script[0]
    assert "--nthreads 1" in script[0]


def test_the_pods_that_kubernetes_is_asked_for() -> None:
    """The resource asks for as many workers as jobs, and they install this khovor."""
    spec = clusters.kubernetes_spec(3)
    worker = spec["spec"]["worker"]
    assert worker["replicas"] == 3
    assert "khovor==" in str(worker["spec"]["containers"][0]["env"])


@pytest.mark.parametrize(("kind", "module"), [("slurm", "dask_jobqueue"), ("kubernetes", "dask_kubernetes.operator")])
def test_a_library_that_is_not_installed(kind: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library of a kind of cluster, the error says how to install it."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=r'pip install "khovor\[cluster\]"'), crew(2, kind):
        pass


def test_no_kubernetes_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no cluster can be reached it is a usage error, not a traceback."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UsageError, match="No Kubernetes cluster"):
        clusters.kubernetes(1)


def test_workers_leave_ctrl_c_to_the_parent(two: Crew) -> None:
    """A worker of this machine ignores SIGINT, which a terminal sends to every process."""
    handlers = two.client.run(lambda: str(signal.getsignal(signal.SIGINT)))  # type: ignore[attr-defined]
    assert set(handlers.values()) == {str(signal.SIG_IGN)}
