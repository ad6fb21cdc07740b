"""Garbage collection paused while a model is made, checked or written: hardly anything made meanwhile is garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Make a million small objects without looking for garbage among them, then or right after.

    What was made goes straight to the oldest generation, which is looked at when it has grown by a quarter. Where the
    host has frozen objects of its own they stay frozen, and collection goes on as usual.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()
