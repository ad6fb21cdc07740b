"""The map: outlines that travel with the package, views that fit the plan, and the picture drawn on them."""

from contextlib import suppress


def ready_to_draw() -> None:
    """Import what draws the map, and let it draw a sketch: both take longer than the map then does.

    Faults are not told here but by the map, which has them too.
    """
    with suppress(Exception):
        from khovor.report.maps.drawing import first_sketch

        first_sketch()
