"""Write the picture of the README from a finished run: `python docs/pictures.py RUN_FOLDER`.

The picture is the one that stands in the run's results.xlsx, on the sheet Map: what an analyst gets, and nothing more.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZipFile

DOCS = Path(__file__).parent

PICTURES = {"corridors.png": "xl/media/image1.png"}
"""Files of this folder, and where each stands in results.xlsx."""


def write(run: Path, folder: Path = DOCS) -> list[Path]:
    """Copy every picture out of a run folder. Raises KeyError when the run has no map."""
    with ZipFile(run / "results.xlsx") as results:
        for name, part in PICTURES.items():
            (folder / name).write_bytes(results.read(part))
    return [folder / name for name in PICTURES]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]))
