"""Options that commands share, each defined once: a command names those it takes, and gets them as one `Shared`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, get_type_hints

import typer

from khovor.cli.command import answering
from khovor.console import Screen
from khovor.run import Options
from khovor.studies import Fleet

Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="TABLE[KEY].COLUMN=VALUE",
        help="Change a cell for this run only; repeatable. KEY is the key columns joined by ':', '*' matches any text.",
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="The run folder; otherwise a new one below outputs/.")
]
TimeLimit = Annotated[
    float | None, typer.Option("--time-limit", min=0.0, metavar="SECONDS", help="Stop the search after this long.")
]
Gap = Annotated[
    float | None, typer.Option("--gap", min=0.0, max=1.0, help="Stop when the plan is proved this close (0.01 = 1%).")
]
Threads = Annotated[int | None, typer.Option("--threads", min=1, help="Threads of the solver.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Random seed of the solver.")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, metavar="N", help="Runs at a time; otherwise as many as pay."),
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="ADDRESS", help="Run on a Dask cluster: tcp://host:port, slurm or kubernetes."),
]
Resume = Annotated[
    Path | None,
    typer.Option("--resume", metavar="DIR", help="Go on with a study: take its finished runs from there."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages on stderr, only errors.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, and nothing else there.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]

ALWAYS: Final = ("quiet", "as_json", "debug")
SOLVES: Final = ("out", "changes", "time_limit", "gap", "threads", "seed")
"""What every command that solves takes."""

STUDIES: Final = (*SOLVES, "jobs", "cluster", "resume")
"""What every study takes that shares its solves out."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared options of a command as given; one that the command does not take stands at its default."""

    out: Out = None
    changes: Changes = None
    jobs: Jobs = None
    cluster: Cluster = None
    resume: Resume = None
    time_limit: TimeLimit = None
    gap: Gap = None
    threads: Threads = None
    seed: Seed = None
    quiet: Quiet = False
    as_json: Json = False
    debug: Debug = False

    @property
    def screen(self) -> Screen:
        """Where it is answered."""
        return Screen(quiet=self.quiet, as_json=self.as_json)

    @property
    def options(self) -> Options:
        """How each run is made."""
        return Options(tuple(self.changes or ()), self.time_limit, self.gap, self.threads, self.seed, self.out)

    @property
    def fleet(self) -> Fleet:
        """How the runs of a study are shared out."""
        return Fleet(self.jobs, self.cluster, self.resume)


Command = Callable[..., None]


def sharing(*names: str) -> Callable[[Command], Command]:
    """Give a command, whose first two parameters are its screen and `Shared`, these options; answer its failures."""
    hints = get_type_hints(Shared, include_extras=True)
    fields = inspect.signature(Shared).parameters
    taken = [f.replace(annotation=hints[name]) for name, f in fields.items() if name in (*names, *ALWAYS)]

    def offered(command: Command) -> Command:
        own = list(inspect.signature(command, eval_str=True).parameters.values())[2:]

        @wraps(command)
        def answered(**given: Any) -> None:
            shared = Shared(**{f.name: given.pop(f.name) for f in taken})
            screen = shared.screen
            with answering(screen, shared.debug):
                command(screen, shared, **given)

        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*own, *taken)]
        answered.__dict__["__signature__"] = inspect.Signature(parameters)
        answered.__annotations__ = {p.name: p.annotation for p in parameters}
        return answered

    return offered
