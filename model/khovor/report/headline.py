"""The answer in sentences: what a minister reads first, on the Summary sheet, in summary.json and on the screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from khovor.case import AIR, travel
from khovor.finance.unit_cost import AFTER
from khovor.report.content import Content
from khovor.report.names import crossing, listed
from khovor.report.policy_words import policy_sentences
from khovor.report.support import support_sentences
from khovor.units import USD_PER_MUSD

STATUS = {
    "optimal": "Solved: the plan is proved within the gap asked for.",
    "feasible": "Stopped at a limit: the plan holds, but a better one may exist.",
    "interrupted": "Interrupted: the best plan found until then.",
}
"""How a run with a plan ended."""

FEW = 4
"""How many things a sentence lists before it says how many more there are."""

FAINT = 0.005
"""Shares below this are told as next to nothing."""


def headline(c: Content) -> list[str]:
    """Worth and proof, what is built where and when, what it sells, how it leaves, exposure, what may come."""
    parts = (
        _worth,
        _returns,
        _built,
        _projects,
        _capital,
        _booked,
        _sold,
        _costs,
        _leaves,
        _exposed,
        _futures,
        _support,
        _basis,
    )
    return [STATUS.get(c.solution.status, c.solution.status), *(text for part in parts for text in part(c))]


def _worth(c: Content) -> Iterator[str]:
    amount, rate = c.expected_objective, c.case.horizon.rate
    if c.gains:
        what = f"Worth {_musd(amount)}" if amount >= 0 else f"Loses {_musd(-amount)}"
        kind = "net present value"
    else:
        what, kind = f"Costs {_musd(amount)}", "discounted cost"
    many = len(c.case.scenarios)
    over = f" in expectation over {many} futures" if many > 1 else ""
    worth = f"{what}{over}: {kind} at {100 * rate:.3g}% a year, in US dollars of {c.case.horizon.base_year}"
    if c.case.terms.objective == "support":
        asked = 100 * c.summary["instruments"]["target_irr"]
        public = f"Takes {_musd(c.solution.objective)} of public money for the investor to earn {asked:.3g}% a year"
        yield f"{public}; {_proof(c)}."
        yield f"{worth}."
    elif risk := c.summary["risk"]:
        yield f"{worth}."
        yield (
            f"In the worst {risk['tail']:.0%} of futures it is worth {_musd(risk['cvar'])} on average. The plan weighs "
            f"that with {risk['weight']:.0%}, which makes {_musd(c.solution.objective)} of the two: {_proof(c)}."
        )
    else:
        yield f"{worth}; {_proof(c)}."
    yield from policy_sentences(c)


def _returns(c: Content) -> Iterator[str]:
    """What an investor reads first; nothing where sales are left out."""
    found, financed = c.finance.equity[""], c.finance.flow.financed
    if c.finance.flow.left_out or not c.finance.flow.terms:
        return
    whose = "Of the equity: " if financed else ""
    rate = "no internal rate of return" if found.irr is None else f"internal rate of return {found.irr:.1%}"
    rate += f" (the nearest to the discount rate of {found.irrs})" if found.irrs > 1 else ""
    when = f"pays back in {found.payback_year}" if found.payback_year else "does not pay back within the horizon"
    yield f"{whose}{rate}, {when}.".capitalize() if not whose else f"{whose}{rate}, {when}."


def _proof(c: Content) -> str:
    bound, gap = c.summary["bound"], c.summary["gap"]
    if bound is None or gap is None:
        return "how near that is to the best is not known, as the time allowed proved no bound"
    better = "cheaper" if c.case.terms.minimises else "worth more"
    if gap > 1.0:
        return f"no plan can be {better} than {_musd(bound)}"
    return f"proved within {gap:.2%} of the best possible, as no plan can be {better} than {_musd(bound)}"


def _built(c: Content) -> Iterator[str]:
    """One sentence for each place, in the order in which they open."""
    builds: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for b in c.solution.builds.itertuples():
        if does_something(c, b.process):
            builds[b.node][b.process].append(c.starts[b.period])
    if not builds:
        yield "Nothing is built."
    for node in sorted(builds, key=lambda n: (min(min(y) for y in builds[n].values()), c.names.place(n))):
        steps = {c.names.step(k): sorted(set(years)) for k, years in builds[node].items()}
        first, *others = sorted({tuple(years) for years in steps.values()})
        if others:
            words = [f"{step} ({_years(years)})" for step, years in sorted(steps.items(), key=lambda x: (x[1], x[0]))]
            yield f"{c.names.place(node)}: {listed(words)}."
        else:
            yield f"{c.names.place(node)}, {_years(first)}: {listed(sorted(steps))}."


def _years(years: Sequence[int]) -> str:
    """When something is built, and when more or the next of it.

    >>> _years([2033]), _years([2033, 2053])
    ('from 2033', 'from 2033, again 2053')
    """
    return f"from {years[0]}" + (f", again {listed([str(y) for y in years[1:]])}" if len(years) > 1 else "")


def does_something(c: Content, process: str) -> bool:
    """Processes without a recipe (a prepared site, say) stand in the build plan, not in the headline."""
    return any(p.recipes for p in c.case.plants if p.key.process == process)


def _projects(c: Content) -> Iterator[str]:
    if not c.solution.projects.empty:
        taken = [f"{c.case.projects[p.project].label} ({c.starts[p.period]})" for p in c.solution.projects.itertuples()]
        yield f"Links and supplies that are opened: {listed(taken)}."


def _capital(c: Content) -> Iterator[str]:
    """All capital of plants and projects, as it is spent."""
    if c.summary["capital"] > 0:
        yield f"Takes {_musd(c.summary['capital'])} of capital in all, undiscounted, site infrastructure included."


def _booked(c: Content) -> Iterator[str]:
    """Where slots are booked, by the most of any period."""
    if c.solution.bookings.empty:
        return
    most = c.solution.bookings.groupby("gate")["t_y"].max().sort_values(ascending=False)
    slots = [f"{crossing(c.case, c.names, str(g)) or g} ({t_y:,.0f} t/y)" for g, t_y in most.items() if t_y >= 1]
    more = f", and {len(slots) - FEW} more gates" if len(slots) > FEW else ""
    yield f"Books slots at {'; '.join(slots[:FEW])}{more}: the most of any period, paid for in every future."


def _sold(c: Content) -> Iterator[str]:
    """What brings the money."""
    weight = c.earnings["scenario"].map(c.odds) * c.earnings["period"].map(c.years)
    frame = c.earnings.assign(usd=c.earnings["usd_y"] * weight, t=c.earnings["t_y"] * weight)
    if frame.empty or frame["usd"].sum() <= 0:
        yield "Nothing is sold at a price."
        return
    sums = frame.groupby("product")[["usd", "t"]].sum().sort_values("usd", ascending=False, kind="stable")
    span, total = _selling_years(c, frame), float(sums["usd"].sum())
    words = [
        f"{c.names.product(str(r.Index))} ({r.usd / total:.0%} of the money, {r.t / span:,.0f} t/y)"
        for r in sums.head(FEW).itertuples()
        if r.usd >= total / 200
    ]
    yield f"Sells for {_musd(total / span / USD_PER_MUSD)} a year, undiscounted, while it sells: {listed(words)}."


def _costs(c: Content) -> Iterator[str]:
    """What a kilogram of the product that brings most costs, and what most of that is."""
    table = None if c.unit_costs is None else c.unit_costs.table("product")
    if table is None or table.empty or table.loc[0, "price"] <= 0:
        return
    best = table.iloc[0]
    steps = best.iloc[table.columns.get_loc("cost") + 1 :].astype(float).sort_values(ascending=False)
    most = [f"{step} {usd:,.2f}" for step, usd in steps.head(FEW).items() if usd > 0]
    after = ", after tax and support" if set(AFTER) & set(table.columns) else ""
    yield (
        f"A kilogram of {c.names.product(best['product'])} costs {best['cost']:,.2f} USD delivered, all in{after}, and "
        f"brings {best['price']:,.2f}, both levelised; of the cost, {listed(most)}."
    )


def _selling_years(c: Content, frame: pd.DataFrame) -> int:
    return sum(c.years[period] for period in set(frame["period"]))


def _leaves(c: Content) -> Iterator[str]:
    corridors = c.summary["corridors"]
    if not corridors:
        yield "Nothing leaves home."
        return
    words = [f"{r['name']} ({r['share']:.0%})" for r in corridors[:FEW]]
    more = f", and {len(corridors) - FEW} more corridors" if len(corridors) > FEW else ""
    yield f"Leaves, by tonnes, by {'; '.join(words)}{more}."


def _exposed(c: Content) -> Iterator[str]:
    """The neighbours that goods can leave through, always; without any, those that most passes through."""
    exposure: dict[str, Any] = c.summary["exposure"]
    if not exposure or not c.summary["corridors"]:
        return
    for territory in _neighbours(c) or list(exposure)[:2]:
        part = exposure.get(territory)
        name = c.names.territory(territory)
        if part is None:
            yield f"{name}: nothing passes through, is sold to or bought from it."
            continue
        yield f"{name}: {'; '.join((_passes(part), *_processed(part), _stays(part), _comes(part)))}."


def _passes(part: Mapping[str, Any]) -> str:
    if part["transit"] < FAINT:
        return "next to nothing enters or overflies it"
    how = ", ".join(f"{kind} {share:.0%}" for kind, share in part["entry"].items() if share >= FAINT)
    amounts = f"{part['transit']:.0%} of the exported tonnes and {part['transit_by_value']:.0%} of their value"
    return f"{amounts} enter or overfly it (first met by {how})"


def _processed(part: Mapping[str, Any]) -> Iterator[str]:
    """Plants there and its technology elsewhere, where they matter."""
    there, known = part["processing"]["plants"], part["processing"]["technology"]
    if there >= FAINT:
        yield f"{there:.0%} of the value is added there"
    if known >= FAINT:
        yield f"{known:.0%} of the value is added by its technology"


def _stays(part: Mapping[str, Any]) -> str:
    if part["sales"] < FAINT and part["sales_by_value"] < FAINT:
        return "next to nothing is sold there"
    return f"it buys {part['sales']:.0%} of the tonnes sold ({part['sales_by_value']:.0%} by value)"


def _comes(part: Mapping[str, Any]) -> str:
    if part["inputs"] < FAINT:
        return "next to nothing is bought there"
    return f"{part['inputs']:.0%} of the inputs' value is bought there"


def _neighbours(c: Content) -> list[str]:
    """Territories that a lane on land or water joins to home."""
    home, nodes = c.case.terms.home_territory, c.case.nodes
    lanes = [lane for lane in c.case.lanes.values() if travel(lane) != AIR]
    ends = [(nodes[x.start].territory, nodes[x.end].territory) for x in lanes]
    near = {b for a, b in ends if a == home} | {a for a, b in ends if b == home}
    return sorted(near - {home, ""}, key=lambda x: -c.summary["exposure"].get(x, {"transit": 0.0})["transit"])[:FEW]


def _futures(c: Content) -> Iterator[str]:
    values = sorted(c.summary["scenarios"], key=lambda f: f["npv"])
    if len(values) > 1 and values[0]["npv"] != values[-1]["npv"]:
        low, high = values[0], values[-1]
        yield (
            f"The futures: from {_musd(low['npv'])} ({low['name']}, probability {low['probability']:.0%}) "
            f"to {_musd(high['npv'])} ({high['name']}, {high['probability']:.0%})."
        )


def _support(c: Content) -> Iterator[str]:
    yield from support_sentences(c)
    note = c.workbook.provenance.get("discount_rate", {}).get("note")
    if note:
        yield f"Stated support: {note}"
    for change in c.summary["stamp"]["changes"]:
        yield f"Changed for this run: {change}."


def _basis(c: Content) -> Iterator[str]:
    counts = c.summary["rests_on"]
    total = sum(counts.values())
    if total:
        share = {basis: f"{n / total:.0%} {basis}" for basis, n in counts.items()}
        yield f"Rests on {total:,} rows of the input: {', '.join(share.values())}."


def _musd(amount: float) -> str:
    return f"{amount:,.1f} MUSD" if abs(amount) >= 10 else f"{amount:,.3f} MUSD"
