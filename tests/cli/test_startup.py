"""Ctrl-C in the seconds in which a command is still importing what it needs."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import environment

from support import PATIENCE_S

MESSAGE = "Stopped before anything was begun."


@pytest.mark.parametrize("library", ["numpy", "pydantic", "pandas"])
def test_ctrl_c_while_starting_ends_with_a_message(library: str, tmp_path: Path) -> None:
    """Interrupted right after a library is imported, the command says so and ends with 130, without a traceback."""
    line = [sys.executable, "-X", "importtime", "-m", "khovor", "check", str(tmp_path / "none.xlsx")]
    running = subprocess.Popen(line, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert running.stderr is not None
    assert any(said.rpartition("|")[2].strip() == library for said in running.stderr)
    running.send_signal(signal.SIGINT)
    _, rest = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 130
    assert MESSAGE in rest
    assert "Traceback" not in rest


def test_a_program_that_uses_the_package_keeps_its_own_ctrl_c() -> None:
    """Importing khovor into another program leaves Ctrl-C as it was."""
    program = (
        "import signal; own = lambda *_: None; signal.signal(signal.SIGINT, own); "
        "import khovor; print(signal.getsignal(signal.SIGINT) is own)"
    )
    said = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, text=True)
    assert said.stdout.strip() == "True"
