"""Smaller programs inside a large one: what a relaxation or a plan uses, with every size and year of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from khovor.formulation import Formulation
from khovor.solve.arrays import Floats, Label, Matrix

USED = 1e-4
"""What counts as used in a relaxation that interior point leaves off its vertices [kt/y, units]."""


def restricted(formulation: Formulation, matrix: Matrix, guides: Sequence[Floats]) -> Matrix:
    """The program without the plants, projects and shipments that none of the guides uses."""
    use = np.max(np.vstack(guides), axis=0) > USED
    kinds = [_kind(formulation, column) for column in matrix.columns]
    used = {kind for kind, on in zip(kinds, use, strict=True) if on and kind is not None}
    keep = np.array([kind is None or kind in used for kind in kinds])
    return replace(matrix, col_upper=np.where(keep, matrix.col_upper, np.minimum(matrix.col_lower, matrix.col_upper)))


def _kind(formulation: Formulation, column: Label | None) -> tuple[str, object] | None:
    """What a column is kept with: a process at a node, a project, a commodity on a leg; None = always kept."""
    if column is None:
        return None
    name, index = column
    if name == "build":
        key = formulation.case.options[index[0]].key
        return "plant", (key.node, key.process)
    if name in ("project", "ship"):
        return name, index[0]
    return None
