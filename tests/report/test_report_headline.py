"""What the answer says of capital and slots, counted by hand."""

from __future__ import annotations

from report_cases import content_of

from khovor.report.headline import headline
from support import one_mine


def test_capital_and_slots_are_told() -> None:
    """One mine of 1 MUSD, and 100 t/y of slots at the one gate: both stand in the answer."""
    told = headline(
        content_of(
            one_mine(
                gates=[{"gate": "G", "capacity_t_y": 500, "booking_usd_t_y": 1}],
                lanes=[{"lane": "D-M", "from": "D", "to": "M", "mode": "road", "usd_t": 1000, "gate": "G"}],
            )
        )
    )
    assert any(text.startswith(("Takes 1.0 MUSD", "Takes 1.000 MUSD")) for text in told), told
    (slots,) = [text for text in told if text.startswith("Books slots at ")]
    assert "(100 t/y)" in slots


def test_nothing_built_takes_nothing() -> None:
    """A market that does not pay: nothing is built, and no capital or slot is told; no gap in percent of nothing."""
    told = headline(content_of(one_mine(markets=[{"node": "M", "product": "ore", "price_usd_t": 5}])))
    assert "Nothing is built." in told
    assert not [text for text in told if text.startswith(("Takes", "Books"))]
