"""The network room: what can reach what, as sparse index lists with tight bounds."""

from khovor.network.bounds import unit_capacity
from khovor.network.chains import Missing, chains
from khovor.network.derive import Network, Offer, Pair, derive
from khovor.network.entries import Entries, first_entries
from khovor.network.findings import findings
from khovor.network.parts import Activity, added_capacity, build_periods, project_periods
from khovor.network.steps import step_of
from khovor.network.throughput import Group, throughput

__all__ = [
    "Activity",
    "Entries",
    "Group",
    "Missing",
    "Network",
    "Offer",
    "Pair",
    "added_capacity",
    "build_periods",
    "chains",
    "derive",
    "findings",
    "first_entries",
    "project_periods",
    "step_of",
    "throughput",
    "unit_capacity",
]
