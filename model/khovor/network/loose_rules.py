"""Rules that hold less, or measure otherwise, than an analyst may think: said with the cell of the rule."""

from __future__ import annotations

from collections.abc import Iterator

from khovor.case import Commodity
from khovor.errors import Issue
from khovor.network.derive import Network
from khovor.network.entries import first_entries


def loose_rules(network: Network) -> Iterator[Issue]:
    """Warnings of policies and conditions."""
    yield from _technology_of_nobody(network)
    yield from _stocks_that_forget(network)


def _technology_of_nobody(network: Network) -> Iterator[Issue]:
    """A condition on technology where no process says whose it is: every plan keeps it."""
    case = network.case
    if any(process.technology for process in case.processes.values()):
        return
    for instrument in case.instruments:
        for condition in instrument.conditions:
            if condition.kind == "no_technology":
                yield _warning(
                    instrument.conditions_at,
                    str(condition),
                    "a process with a technology",
                    f"{condition} of {instrument.name} can bind nothing: no row of processes fills technology.",
                )


def _stocks_that_forget(network: Network) -> Iterator[Issue]:
    """A transit share of goods that may have been in the territory before they were stored outside it."""
    case = network.case
    stocked: dict[tuple[str, Commodity], None] = {(n, Commodity(p, o)): None for n, p, o, _ in network.stocks}
    for policy in case.policies:
        if policy.measure != "transit_share":
            continue
        territory = policy.subject.partition(":")[0]
        mixed = first_entries(network, territory).mixed
        told = dict.fromkeys(
            f"{commodity.product} at {node}"
            for node, commodity in stocked
            if (node, commodity) in mixed and case.nodes[node].territory != territory
        )
        if told:
            piles = ", ".join(told)
            yield _warning(
                policy.at,
                piles,
                f"no stockpile outside {territory} of goods that may have come through it",
                f"What is drawn from the stockpile of {piles} counts in {policy.name} as not having been in "
                f"{territory}, wherever it came from: the share may be told too high, never too low.",
            )


def _warning(at: str, found: str, expected: str, message: str) -> Issue:
    sheet, _, cell = at.partition("!")
    return Issue(sheet, cell, found, expected, message, severity="warning")
