"""The examples in docstrings are true: every module of the package runs its own."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import khovor

MODULES = sorted(
    found.name for found in pkgutil.walk_packages(khovor.__path__, "khovor.") if found.name != "khovor.__main__"
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str) -> None:
    """Each example of a module gives what it shows."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    """The modules are found, and some of them hold examples."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(found) >= 10
