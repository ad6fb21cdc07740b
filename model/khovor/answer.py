"""The answers of the commands in plain words: what was found, what to build, how it leaves, how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from khovor.console import Screen, money, share
from khovor.report import Names
from khovor.run import Examination, Run
from khovor.studies import StudyOutcome

MOST_PAIRS: Final = 10
"""Pairs that are shown; the results have all."""


def describe_examination(screen: Screen, found: Examination) -> None:
    """What `khovor check` answers."""
    parts = {"errors": found.errors, "warnings": found.warnings, "defaults": found.defaults}
    if screen.as_json:
        screen.document({name: [issue.as_dict() for issue in issues] for name, issues in parts.items()})
        return
    screen.issues("Errors", found.errors, result=True)
    screen.issues("Warnings", found.warnings, result=True)
    screen.issues("Defaults in use", found.defaults, result=True)
    screen.line(", ".join(f"{name}: {len(issues)}" for name, issues in parts.items()))


def describe(screen: Screen, run: Run) -> None:
    """What `khovor solve` answers: the sentences of the Summary sheet, short tables, the verdict, where it all is."""
    screen.warnings(run.warnings)
    if screen.as_json:
        screen.document({**run.summary, "folder": run.written.folder if run.written else None})
    else:
        for sentence in run.summary["headline"]:
            screen.line(sentence)
        _builds(screen, run)
        _exposure(screen, run)
        _proof(screen, run)
    if run.unwritten is not None:
        screen.error(run.unwritten)


def describe_study(screen: Screen, outcome: StudyOutcome) -> None:
    """What `khovor solve --study` answers: the runs side by side, what each builds otherwise, where it all is."""
    folder = outcome.written.folder if outcome.written else None
    if screen.as_json:
        screen.document({**outcome.summary, "folder": folder})
    else:
        _runs(screen, outcome.summary["study"])
        if folder is not None:
            screen.line(f"Results: {folder}")
    if outcome.unwritten is not None:
        screen.error(outcome.unwritten)


def describe_valuation(screen: Screen, outcome: StudyOutcome) -> None:
    """What `khovor value` answers: what the futures say together, the worst of them, where it all is."""
    told, folder = outcome.summary, outcome.written.folder if outcome.written else None
    if screen.as_json:
        screen.document({**told, "folder": folder})
    else:
        for sentence in _valued(told):
            screen.line(sentence)
        if folder is not None:
            screen.line(f"Results: {folder}")
    if outcome.unwritten is not None:
        screen.error(outcome.unwritten)


def describe_finding(screen: Screen, outcome: StudyOutcome) -> None:
    """What a study answers that says itself what it found: its sentences, and where it all is."""
    folder = outcome.written.folder if outcome.written else None
    if screen.as_json:
        screen.document({**outcome.summary, "folder": folder})
    else:
        for sentence in outcome.summary["headline"]:
            screen.line(sentence)
        if folder is not None:
            screen.line(f"Results: {folder}")
    if outcome.unwritten is not None:
        screen.error(outcome.unwritten)


def describe_frontier(screen: Screen, outcome: StudyOutcome) -> None:
    """What `khovor frontier` answers: the points with the price of each step, what it means, and where it all is."""
    if not screen.as_json:
        _points(screen, outcome.summary)
    describe_finding(screen, outcome)


def _points(screen: Screen, told: Mapping[str, Any]) -> None:
    def amount(value: float | None, unit: str) -> str:
        if value is None:
            return ""
        return f"{value:,.6g} {unit}" if unit else share(value)

    measures = told["measures"]
    rows = [
        [
            p["name"] + (" (dominated)" if p["dominated_by"] else ""),
            *(amount(p[f"measured{'' if n == 0 else n + 1}"], m["unit"]) for n, m in enumerate(measures)),
            p["status"],
            "" if p["value"] is None else money(p["value"]),
            "" if p["gap"] is None else share(p["gap"]),
            "" if p["price"] is None else f"{p['price']['value']:,.{0 if abs(p['price']['value']) >= 1000 else 3}f}",
        ]
        for p in told["points"]
    ]
    names = [" ".join(filter(None, ("measured", m["measure"], m["subject"]))) for m in measures]
    screen.table("Frontier", ("limit", *names, "status", "value", "gap", told["price_unit"]), rows)


def describe_stress(screen: Screen, outcome: StudyOutcome) -> None:
    """What `khovor stress` answers: what each closing for good costs, the worst pairs, what would help."""
    told, folder = outcome.summary, outcome.written.folder if outcome.written else None
    if not told["plan"]["same_workbook"]:
        screen.message("warning: the plan was made for another workbook, or with other changes.")
    if screen.as_json:
        screen.document({**told, "folder": folder})
    else:
        _closings(screen, told)
        for hedge in told["hedges"]:
            screen.line(hedge["in_words"])
        if outcome.stopped:
            screen.line("Stopped: the same command with --resume and this folder goes on from here.")
        if folder is not None:
            screen.line(f"Results: {folder}")
    if outcome.unwritten is not None:
        screen.error(outcome.unwritten)


def describe_sample(screen: Screen, told: Mapping[str, Any]) -> None:
    """What `khovor sample` answers: how often each hazard struck, what is kept, how far that is, what stays behind."""
    for sentence in told["left_behind"]:
        screen.message(sentence)
    if screen.as_json:
        screen.document(told)
        return
    shares = ("long_run_share", "drawn_share", "kept_share")
    rows = [[h["group"], h["hazard"], *(share(h[name]) for name in shares)] for h in told["hazards"]]
    screen.table("Years struck", ("group", "hazard", "in the long run", "drawn", "kept"), rows)
    screen.line(f"{told['drawn']:,} futures drawn, {told['different']:,} different, {told['kept']:,} kept.")
    screen.line(
        f"Kantorovich distance to all that were drawn: {told['distance']:.4g}, {share(told['distance_share'])} of what "
        "the best single future would leave."
    )
    screen.line(f"Written: {told['workbook']}")


def _closings(screen: Screen, told: Mapping[str, Any]) -> None:
    def lost(loss: float | None) -> str:
        return "rules cannot be kept" if loss is None else money(loss)

    if told["objective"] is not None:
        screen.line(f"The plan with everything open: {money(told['objective'])}.")
    rows = [
        [
            " = ".join([c["target"], *c["also"]]),
            lost(c["loss"]),
            "" if c["stranded_t"] is None else f"{c['stranded_t']:,.0f}",
            ", ".join(f"{r['corridor']} ({r['t']:,.0f} t)" for r in c["rescued_by"][:3]),
        ]
        for c in told["closures"]
        if c["period"] is None
    ]
    screen.table("Closed for good", ("closed", "value lost", "t stranded", "rescued by"), rows)
    pairs = [[" + ".join(p["targets"]), lost(p["loss"])] for p in told["pairs"][:MOST_PAIRS]]
    if pairs:
        screen.table(f"Two closed for good, the worst of {len(told['pairs'])}", ("closed", "value lost"), pairs)


def _valued(told: Mapping[str, Any]) -> Iterator[str]:
    many = f"{len(told['futures']):,} futures"
    if told["expected"] is None:
        yield f"In {told['infeasible']:,} of {many} there are rules, such as a contract, that the plan cannot keep."
        return
    yield f"Worth {money(told['expected'])} in expectation over {many}; {money(told['in_sample'])} in its own."
    if told["interval"] is not None:
        low, high = told["interval"]
        yield f"95% confidence interval of the mean: {money(low)} to {money(high)}."
    worst = min(told["futures"], key=lambda f: f["npv"])
    yield f"Worst: {money(worst['npv'])} ({worst['name']}); below 0 with a probability of {share(told['below_zero'])}."


def _runs(screen: Screen, study: Mapping[str, Any]) -> None:
    rows = []
    for run in study["runs"]:
        known = run["objective"] is not None
        more = f"{run['difference']['value']:+,.1f}" if run["difference"] else ""
        proof = share(run["gap"]) if run["gap"] is not None else ""
        rows.append([run["name"], run["status"], money(run["objective"]) if known else "", more, proof])
    screen.table(f"Study {study['name']}", ("run", "status", "value", "against the base", "gap"), rows)
    for run in study["runs"]:
        if run["message"] or run["otherwise"]:
            screen.line(f"{run['name']}: {'; '.join(filter(None, (run['message'], *run['otherwise'])))}")
    if not study["complete"]:
        screen.line("Stopped: the same command with --resume and this folder goes on from here.")


def _builds(screen: Screen, run: Run) -> None:
    names = Names(run.case)
    starts = {period.name: period.start_year for period in run.case.horizon.periods}
    rows = [
        [names.place(b["node"]), names.step(b["process"]), b["size"], starts[b["period"]], b["units"]]
        for b in sorted(run.summary["builds"], key=lambda b: (starts[b["period"]], b["node"], b["process"]))
    ]
    if rows:
        screen.table("What is built", ("where", "what", "size", "from", "units"), rows)


def _exposure(screen: Screen, run: Run) -> None:
    names = Names(run.case)
    rows = [
        [names.territory(territory), *(share(part[kind]) for kind in ("transit", "sales", "inputs"))]
        for territory, part in run.summary["exposure"].items()
        if part["transit"] or part["sales"] or part["inputs"]
    ]
    if rows:
        screen.table("Exposure", ("territory", "transit", "sales", "inputs by value"), rows)


def _proof(screen: Screen, run: Run) -> None:
    checked = run.verification
    verdict = "passed" if checked.passed else "FAILED"
    screen.line(f"Verification: {verdict}, {checked.checks:,} comparisons, worst violation {checked.worst:.1e}")
    for failure in checked.failures[:5]:
        screen.line(f"  {failure.rule}: {failure.message}")
    if run.written is not None:
        screen.line(f"Results: {run.written.folder}")
        for path in run.written.renamed:
            screen.line(f"A file of the usual name is open elsewhere: written as {path.name}.")
