"""What is built, closed and taken is allowed (model rule 3): whole units, lead times, windows, bounds, projects."""

from __future__ import annotations

from collections.abc import Iterator

from khovor.case import Option, Override
from khovor.verify.check import COUNT, Check, at_most, equal, fact
from khovor.verify.plan import Units
from khovor.verify.view import View, grouped, summed

WHOLE = "units built and closed are whole numbers"
BUILDS = "units are built only of candidates, and not before they can be ready"
SITES = "no more units stand than the site row allows"
CLOSURES = "no more units are closed than existed"
REQUIRES = "a process is online only beside the process it requires"
PROJECTS = "a project is taken once, and not before it can be ready"
AFTER = "a project comes no earlier than those it requires"
EXCLUDES = "projects that exclude one another are not both taken"
OVERRIDES = "overrides are obeyed"


def units_are_whole(view: View) -> Iterator[Check]:
    """Builds and closures are integers."""
    for word, rows in (("built", view.tables.builds), ("closed", view.tables.closures)):
        for row in rows:
            subject = view.subject(f"{row.process} ({row.size}) {word} at {row.node}", row.t)
            whole = float(row.units).is_integer()
            yield fact(WHOLE, subject, whole, f"{row.units} is not whole.", row.units, round(row.units))


def builds_are_ready(view: View) -> Iterator[Check]:
    """A build is of a candidate option, in a period its lead time and its site row's years allow."""
    for row in view.tables.builds:
        option = view.options.get(row.option)
        subject = view.subject(_named(row), row.t, at=option.at if option else "")
        if option is None or not option.candidate:
            yield fact(BUILDS, subject, False, "no such candidate.", row.units)
            continue
        ready = view.case.horizon.ready(row.t, option.build_years, option.window)
        yield fact(BUILDS, subject, ready, "it cannot be ready then, or its years forbid it.", row.units)


def units_within_site(view: View) -> Iterator[Check]:
    """Units alive of a site row are at most `max_units`; existing units above that may stay, with none beside them."""
    for (node, process, row), options in grouped(view.case.options, _site_row).items():
        for t in view.periods:
            standing = sum(view.alive(option, t) for option in options)
            old = sum(_old(view, option, t) for option in options)
            limit = max(float(options[0].max_units), old)
            subject = view.subject(f"{process} at {node} (row {row})", t, at=options[0].at)
            yield at_most(SITES, subject, standing, limit, unit="units", floor=COUNT)


def closures_within_existing(view: View) -> Iterator[Check]:
    """Units closed over the horizon are at most the existing ones of the same option."""
    for key, closed in summed((row.option, row.units) for row in view.tables.closures).items():
        option = view.options.get(key)
        existing = option.existing_units if option else 0
        name = f"{key.process} ({key.size}) closed at {key.node}"
        subject = view.subject(name, 0, at=option.at if option else "")._replace(period="")
        yield at_most(CLOSURES, subject, closed, existing, unit="units", floor=COUNT)


def required_process_online(view: View) -> Iterator[Check]:
    """Where a unit of a process is alive, so is at least one unit of the process it requires."""
    at_node = grouped(view.case.options, lambda option: (option.key.node, option.key.process))
    for (node, process), options in at_node.items():
        needed = view.case.processes[process].requires
        if not needed:
            continue
        beside = at_node.get((node, needed), [])
        for t in view.periods:
            standing = sum(view.alive(option, t) for option in options)
            support = sum(view.alive(option, t) for option in beside)
            subject = view.subject(f"{process} at {node}", t, at=options[0].at)
            holds = standing <= 0 or support > 0
            yield fact(REQUIRES, subject, holds, f"no unit of {needed} stands beside it.", support, 1)


def projects_are_ready(view: View) -> Iterator[Check]:
    """A project is known, taken in one period, and ready then."""
    for name, rows in grouped(view.tables.projects, lambda row: row.project).items():
        project = view.case.projects.get(name)
        for row in rows:
            subject = view.subject(f"project {name}", row.t, at=project.at if project else "")
            ready = project is not None and view.case.horizon.ready(row.t, project.build_years, project.window)
            yield fact(PROJECTS, subject, ready, "there is none that can be ready then.")
            yield fact(PROJECTS, subject, len(rows) == 1, "it is taken more than once.", len(rows), 1)


def projects_after_required(view: View) -> Iterator[Check]:
    """Each project a taken project requires is available no later."""
    for name, t in view.since.items():
        project = view.case.projects.get(name)
        for other in project.requires if project else ():
            subject = view.subject(f"project {name}", t, at=project.at if project else "")
            holds = view.since.get(other, t + 1) <= t
            yield fact(AFTER, subject, holds, f"{other} is not available by then.")


def projects_exclude(view: View) -> Iterator[Check]:
    """Of two projects of which one excludes the other, at most one is taken."""
    for name, project in view.case.projects.items():
        for other in project.excludes:
            both = other != name and name in view.since and other in view.since
            subject = view.subject(f"project {name}", 0, at=project.at)._replace(period="")
            yield fact(EXCLUDES, subject, not both, f"{other} is taken as well.")


def overrides_hold(view: View) -> Iterator[Check]:
    """The units built (or the project taken) that an override names add up to its units."""
    for override in view.case.overrides:
        name = override.project or " ".join(w for w in (override.process, override.size, override.node) if w)
        subject = view.subject(f"override of {name}", 0, at=override.at)._replace(period=override.period)
        yield equal(OVERRIDES, subject, _decided(view, override), override.units, unit="units", floor=COUNT)


def _decided(view: View, override: Override) -> float:
    def then(t: int) -> bool:
        return override.period in ("", view.case.horizon.periods[t].name)

    if override.project:
        return float(sum(row.project == override.project and then(row.t) for row in view.tables.projects))
    return sum(
        row.units
        for row in view.tables.builds
        if override.node in ("", row.node)
        and override.process in ("", row.process)
        and override.size in ("", row.size)
        and then(row.t)
    )


def _old(view: View, option: Option, t: int) -> float:
    """Existing units still alive in period t."""
    alive = view.case.horizon.years_alive(None, option.lifetime_years, t)
    return view.kept(option, t) if alive else 0.0


def _site_row(option: Option) -> tuple[str, str, int]:
    return option.key.node, option.key.process, option.key.row


def _named(row: Units) -> str:
    return f"{row.process} ({row.size}) at {row.node}, row {row.row}"
