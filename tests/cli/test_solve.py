"""`khovor solve`: the run folder, clean streams, and every exit code."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
from pathlib import Path
from typing import IO, Any

import pytest
from command import changed, command_line, environment, khovor, market_split, process, two_contracts, written

import khovor as package
from khovor import run as run_module
from khovor import versions
from khovor.clock import Clock
from khovor.errors import InterruptedRun, WriteError
from support import PATIENCE_S, one_mine

FILES = {"results.xlsx", "summary.json", "run.log", "input.xlsx"}


def names(folder: Path) -> set[str]:
    """The files of a folder."""
    return {path.name for path in folder.iterdir()}


def test_solves_and_writes_the_run_folder(tmp_path: Path) -> None:
    """A small case is solved to its hand-made value, verified, and written; stdout is the summary and nothing else."""
    out = tmp_path / "run"
    answer = process("solve", written(tmp_path), "--out", out, "--json")
    document = json.loads(answer.stdout)
    assert answer.returncode == 0, answer.stderr
    assert document["status"] == "optimal"
    assert document["objective"] == pytest.approx(0.9)
    assert document["verified"]["passed"] is True
    assert set(document["seconds"]) >= {"read", "check", "build", "solve", "verify"}
    assert names(out) >= FILES
    assert (out / "input.xlsx").read_bytes() == (tmp_path / "case.xlsx").read_bytes()
    assert json.loads((out / "summary.json").read_text())["objective"] == pytest.approx(0.9)


def test_answer_in_words(tmp_path: Path) -> None:
    """Without --json the answer says value, gap, what is built, the verdict and where the results are."""
    answer = process("solve", written(tmp_path), "--out", tmp_path / "run")
    assert answer.returncode == 0
    for words in ("Solved", "0.900 MUSD", "mine", "2030", "Verification: passed", str(tmp_path / "run")):
        assert words in answer.stdout
    assert "HiGHS" not in answer.stdout


def test_progress_goes_to_stderr(tmp_path: Path) -> None:
    """Each phase leaves a line on stderr, and none with --quiet."""
    path = written(tmp_path)
    loud = khovor("solve", path, "--out", tmp_path / "a")
    quiet = khovor("solve", path, "--out", tmp_path / "b", "--quiet")
    for phase in ("read", "check", "build", "solve", "verify", "write"):
        assert f"{phase}: done in" in loud.stderr
    assert "solve:" not in loud.stdout
    assert quiet.stderr == ""


def test_runs_go_below_outputs(tmp_path: Path) -> None:
    """Without --out a run gets a new folder below outputs/, named after the workbook."""
    path = written(tmp_path)
    for _ in range(2):
        assert khovor("solve", path, cwd=tmp_path).returncode == 0
    folders = list((tmp_path / "outputs" / "case").iterdir())
    assert len(folders) == 2
    assert all(names(folder) >= FILES for folder in folders)


def test_set_changes_the_answer(tmp_path: Path) -> None:
    """`--set` changes the case of this run alone: 100 t at 30,000 instead of 20,000 USD/t is worth 1 MUSD more."""
    change = "markets[M:ore:*].price_usd_t=30000"
    answer = khovor("solve", written(tmp_path), "--out", tmp_path / "run", "--set", change, "--json")
    assert json.loads(answer.stdout)["objective"] == pytest.approx(1.9), answer.stderr


def test_options_are_stamped(tmp_path: Path) -> None:
    """Threads, seed and gap given on the command line are those of the stamp."""
    path = written(tmp_path)
    limits = ["--threads", 1, "--seed", 7, "--gap", 0.01]
    answer = khovor("solve", path, "--out", tmp_path / "run", *limits, "--json")
    stamp = json.loads(answer.stdout)["stamp"]
    assert (stamp["threads"], stamp["seed"], stamp["gap"]) == (1, 7, 0.01)


def test_limit_with_a_plan(tmp_path: Path) -> None:
    """Stopped at the time limit with a plan: exit code 1, the plan is saved, and its gap is told."""
    path = written(tmp_path, market_split(soft=True))
    answer = khovor("solve", path, "--out", tmp_path / "run", "--time-limit", 2, "--json")
    document = json.loads(answer.stdout)
    assert (answer.returncode, document["status"]) == (1, "feasible"), answer.stderr
    assert document["gap"] > 0
    assert names(tmp_path / "run") >= FILES


def test_limit_without_a_plan(tmp_path: Path) -> None:
    """Stopped before any plan was found: exit code 5."""
    path = written(tmp_path, market_split(soft=False))
    answer = khovor("solve", path, "--out", tmp_path / "run", "--time-limit", 1, "--json")
    assert (answer.returncode, json.loads(answer.stdout)["status"]) == (5, "no_solution"), answer.stderr


def test_infeasible(tmp_path: Path) -> None:
    """Contracts that cannot be met together: exit code 4, and a document with the cells that clash and a repair."""
    path = written(tmp_path, two_contracts())
    answer = khovor("solve", path, "--out", tmp_path / "run", "--json")
    document = json.loads(answer.stdout)
    assert (answer.returncode, document["status"]) == (4, "infeasible"), answer.stderr
    (conflict,) = document["conflicts"]
    assert [row["sheet"] for row in conflict["rows"]] == ["markets", "sites"]
    assert all(row["cell"] for row in conflict["rows"])
    assert "more than any plan can give" in conflict["message"]
    assert conflict["repair"].startswith("Lower min_t_y by")
    assert "No plan" in answer.stderr


def test_cannot_write(tmp_path: Path) -> None:
    """A run folder that cannot be made: exit code 7 in words; the answer is still told."""
    path = written(tmp_path)
    answer = khovor("solve", path, "--out", path / "run")
    assert answer.returncode == 7, answer.stderr
    assert "Traceback" not in answer.stderr


def test_full_disk_still_tells_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that cannot be written after the solve are still told on stdout; exit code 7."""

    def full(*_: Any, **__: Any) -> Path:
        raise WriteError("No space left on the disk.")

    monkeypatch.setattr(run_module, "write_run", full)
    answer = khovor("solve", written(tmp_path), "--json")
    assert answer.returncode == 7
    assert json.loads(answer.stdout)["objective"] == pytest.approx(0.9)
    assert "No space left" in answer.stderr


def test_verification_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that breaks a rule is written, marked as failed, and leaves with exit code 6."""
    honest = run_module.verify

    def broken(case: Any, solution: Any) -> Any:
        solution.tables["flows"]["t_y"] *= 1.5
        return honest(case, solution)

    monkeypatch.setattr(run_module, "verify", broken)
    answer = khovor("solve", written(tmp_path), "--out", tmp_path / "run", "--json")
    assert answer.returncode == 6, answer.stderr
    assert json.loads(answer.stdout)["verified"]["passed"] is False
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["verified"]["passed"] is False


def test_own_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of khovor itself is one line without --debug, a traceback with it, and never looks like a plan."""

    def faulty(*_: Any) -> Any:
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(run_module, "derive", faulty)
    path = written(tmp_path)
    plain, debug = khovor("solve", path), khovor("solve", path, "--debug")
    assert plain.returncode == debug.returncode == 70
    assert "by design" in plain.stderr
    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr


def wait_for_a_plan(stderr: IO[str]) -> None:
    """Read what a run says until the solver has a plan."""
    for line in stderr:
        if line.startswith("solve:") and "plan" in line:
            return


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_ctrl_c_saves_the_plan(extra: list[str], tmp_path: Path) -> None:
    """Ctrl-C while solving: the best plan is verified and saved, exit code 130."""
    path = written(tmp_path, market_split(soft=True))
    command = command_line("solve", path, "--out", tmp_path / "run", *extra)
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        wait_for_a_plan(running.stderr)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 130, stderr
    assert names(tmp_path / "run") >= FILES
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["status"] == "interrupted"
    assert summary["verified"]["passed"] is True
    if extra:
        assert json.loads(stdout)["status"] == "interrupted"


def test_second_ctrl_c_quits_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while stopping leaves without waiting for anything, with 130."""
    left: list[int] = []
    monkeypatch.setattr("khovor.cli.command.os._exit", left.append)

    def two_signals(*_: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        assert left == []
        signal.raise_signal(signal.SIGINT)
        raise InterruptedRun("Stopped before any plan was found.")

    monkeypatch.setattr(run_module, "derive", two_signals)
    answer = khovor("solve", written(tmp_path), "--json")
    assert left == [130]
    assert (answer.returncode, json.loads(answer.stdout)["status"]) == (130, "interrupted")


def test_ctrl_c_before_a_plan() -> None:
    """A run stopped before the solver begins leaves with its own error, and solves nothing."""
    stop = threading.Event()
    stop.set()
    clock = Clock(stop=stop)
    with pytest.raises(InterruptedRun), clock.step("build"):
        pass
    with clock.step("write", keeps_plan=True):
        pass
    assert set(clock.seconds) == {"write"}


def test_live_progress_on_a_terminal(tmp_path: Path) -> None:
    """With a terminal as stderr progress is redrawn there, and stdout stays clean."""
    ours, theirs = pty.openpty()
    command = command_line("solve", written(tmp_path), "--out", tmp_path / "run", "--json")
    running = subprocess.Popen(command, env={**environment(), "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    stdout, _ = running.communicate(timeout=PATIENCE_S)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert running.returncode == 0, shown
    assert json.loads(stdout)["status"] == "optimal"
    assert "solve: done in" in shown


def test_python_gives_the_same_plan(tmp_path: Path) -> None:
    """`khovor.read` and `khovor.solve` find what the command finds."""
    tables = one_mine()
    tables["sizes"] = changed(tables["sizes"], 0, capex_musd=0.5)
    case = package.read(written(tmp_path, tables), ["markets[*].price_usd_t=30000"])
    solution = package.solve(case, threads=1, seed=1)
    assert solution.objective == pytest.approx(2.4)
    assert list(solution.builds["units"]) == [1]


def test_untried_library_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver library outside its pins is warned of, by name; the tried ones are not."""
    assert versions.untried() == ()
    monkeypatch.setattr(versions, "_installed", lambda name: "1.15.1")
    monkeypatch.setattr(versions, "PINS", {"highspy": ("1.16.0", "1.17")})
    (warning,) = versions.untried()
    assert (warning.severity, warning.found) == ("warning", "highspy 1.15.1")


def test_a_place_that_takes_no_results_is_known_before_the_solve(tmp_path: Path) -> None:
    """`--out` onto a file: exit code 7 at once, nothing solved; a folder made for a run without a plan goes again."""
    (tmp_path / "taken").write_text("a file")
    refused = khovor("solve", written(tmp_path), "--out", tmp_path / "taken")
    assert refused.returncode == 7
    assert "cannot be made" in refused.stderr
    assert "solve:" not in refused.stderr
    (tmp_path / "case.xlsx").unlink()
    impossible = khovor("solve", written(tmp_path, two_contracts()), "--out", tmp_path / "run")
    assert impossible.returncode == 4
    assert not (tmp_path / "run").exists()
