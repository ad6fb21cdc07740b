"""The rules of the house that a machine can hold: order of imports, size of files, words, docstrings."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from khovor import versions
from support import PATIENCE_S

TOP = Path(__file__).parents[1]
MODEL = TOP / "model" / "khovor"
SOURCES = sorted(MODEL.rglob("*.py"))
WRITTEN = sorted(p for folder in ("model", "tests", "docs", "inputs", ".ci") for p in (TOP / folder).rglob("*"))
TEXTS = [p for p in WRITTEN if p.suffix in {".py", ".md", ".toml", ""} and p.is_file()]
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|tmp|root|home)(?:/\w|\b(?!\w))")
SPEAKERS = {"console.py", "answer.py"}


def name(path: Path) -> str:
    """A path as the repository says it."""
    return str(path.relative_to(TOP))


def public(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The functions, classes and methods of a file that others may use."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def test_import_contracts() -> None:
    """A case flows one way through the rooms: import-linter accepts every contract of pyproject.toml."""
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    environment = {**os.environ, "PYTHONPATH": str(TOP / "model")}
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=TOP, env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_room_has_its_place() -> None:
    """No module stands outside the layers: a new one must say where it belongs."""
    contracts = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = set(next(c["layers"] for c in contracts if c["type"] == "layers"))
    rooms = {
        p.stem if p.is_file() else p.name for p in MODEL.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert {f"khovor.{room}" for room in rooms - {"__init__", "__main__"}} == layers


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_file_reads_in_one_sitting(path: Path) -> None:
    """No file above 400 lines, and each says at its head what it is about."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_public_names_are_explained(path: Path) -> None:
    """Every public function, class and method has a docstring."""
    bare = [node.name for node in public(ast.parse(path.read_text(encoding="utf-8"))) if not ast.get_docstring(node)]
    assert bare == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_the_command_line_speaks(path: Path) -> None:
    """print and the standard streams belong to the command line."""
    if path.name in SPEAKERS:
        return
    calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]


def test_no_machine_is_named() -> None:
    """Nothing in the repository knows a path of the machine it was written on."""
    found = [
        f"{name(path)}: {line.strip()}"
        for path in TEXTS
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if MACHINE_PATH.search(line) and path.name != Path(__file__).name
    ]
    assert found == []


def test_every_test_says_what_it_proves() -> None:
    """Each test function has a docstring."""
    silent = [
        f"{name(path)}: {node.name}"
        for path in sorted((TOP / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_versions_agree_with_the_package() -> None:
    """The version and the pins in code are those of pyproject.toml."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    assert project["version"] == versions.KHOVOR
    for library, (low, high) in versions.PINS.items():
        assert f"{library}>={low},<{high}" in project["dependencies"]
