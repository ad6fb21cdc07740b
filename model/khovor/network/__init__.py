"""The network room: what can reach what, as sparse index lists with tight bounds."""

from khovor.network.bounds import unit_capacity
from khovor.network.derive import Network, Offer, Pair, derive
from khovor.network.findings import findings
from khovor.network.parts import Activity, added_capacity, build_periods, project_periods
from khovor.network.throughput import throughput

__all__ = [
    "Activity",
    "Network",
    "Offer",
    "Pair",
    "added_capacity",
    "build_periods",
    "derive",
    "findings",
    "project_periods",
    "throughput",
    "unit_capacity",
]
