"""What is imported with Pyomo, and what is left until it is asked for.

Where Pyomo is there first, whoever imports scipy imports its statistics, integration and spatial parts as well: a
fifth of all that a command or a worker imports, and nothing here uses them. Pyomo has a finder of modules do so. While
that looks away scipy alone is imported; modules of Pyomo that want more of it still get it when they ask.
"""

from __future__ import annotations

import sys

from pyomo.common.dependencies import DeferredImportCallbackFinder

found_by = sys.meta_path[:]
sys.meta_path[:] = [finder for finder in found_by if not isinstance(finder, DeferredImportCallbackFinder)]
try:
    import scipy  # noqa: F401 - not what it says, but when
finally:
    sys.meta_path[:] = found_by
