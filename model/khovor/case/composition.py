"""What is in a product: contents along the chain of assays (workbook contract, Traced products)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Assay(NamedTuple):
    """`fraction` of the product's mass (`of` "") or of another component (`of`) is `component`."""

    origin: str
    product: str
    component: str
    fraction: float
    of: str


@dataclass(frozen=True, slots=True)
class Composition:
    """Looks up contents; a row that names more goes before a general one, the product before the origin."""

    rows: Mapping[tuple[str, str, str], Assay]

    @classmethod
    def of(cls, assays: Iterable[Assay]) -> Composition:
        """Index assays by (origin, product, component)."""
        return cls({(a.origin, a.product, a.component): a for a in assays})

    def content(self, product: str, origin: str, component: str) -> float | None:
        """Tonnes of `component` in one tonne of `product` of `origin`; None when the chain does not reach its mass.

        The product of the fractions along `of`. Raises nothing: a circular chain counts as no assay.

        >>> c = Composition.of([Assay("D", "ore", "TREO", 0.02, ""), Assay("D", "", "NdPr", 0.19, "TREO")])
        >>> round(c.content("ore", "D", "NdPr"), 6), c.content("tails", "D", "NdPr")
        (0.0038, None)
        """
        fraction, seen = 1.0, set[str]()
        while component:
            row = self._row(product, origin, component)
            if row is None or component in seen:
                return None
            seen.add(component)
            fraction *= row.fraction
            component = row.of
        return fraction

    def _row(self, product: str, origin: str, component: str) -> Assay | None:
        for key in ((origin, product), ("", product), (origin, ""), ("", "")):
            if row := self.rows.get((*key, component)):
                return row
        return None
