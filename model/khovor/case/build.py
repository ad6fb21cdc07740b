"""From a validated workbook to the case: names resolved, recipes turned into balances, site factors applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from khovor.case.composition import Assay, Composition
from khovor.case.domain import (
    Case,
    Deposit,
    Event,
    Market,
    Node,
    Override,
    Process,
    Product,
    Purchase,
    Scenario,
    StepKey,
    Stockpile,
    TradeKey,
    UtilityStep,
)
from khovor.case.fiscal import fiscal_of
from khovor.case.hazard import Hazard
from khovor.case.instruments import instruments_of
from khovor.case.plants import plants_of
from khovor.case.policy import Policy
from khovor.case.recipes import Formula, Line, resolve
from khovor.case.terms import Terms
from khovor.case.transport import gates_of, lanes_of, projects_of
from khovor.case.years import Horizon, Period, Window
from khovor.errors import InputError, Issue
from khovor.workbook import Workbook


def build_case(workbook: Workbook) -> Case:
    """Build the case of a workbook.

    Raises InputError for what is well-formed but has no meaning khovor honours (see `_refusals`).
    """
    issues = _refusals(workbook)
    if issues:
        raise InputError(issues)
    rows = workbook.rows
    composition = _composition(rows["assays"])
    products = {r.product: _product(r) for r in rows["products"]}
    traced = {name for name, product in products.items() if product.traced}
    origins = _origins(workbook, traced)
    deposits = tuple(Deposit(r.node, r.product, r.reserve_t, at(r, "reserve_t")) for r in rows["deposits"])
    processes = {r.process: _process(r) for r in rows["processes"]}
    recipes = resolve(_formulas(workbook), composition, traced, origins)
    return Case(
        terms=_terms(workbook),
        horizon=_horizon(workbook),
        products=products,
        nodes={r.node: _node(r) for r in rows["nodes"]},
        deposits=deposits,
        processes=processes,
        plants=plants_of(rows["sites"], rows["sizes"], processes, recipes, deposits, traced),
        lanes=lanes_of(rows["lanes"], rows["modes"]),
        gates=gates_of(rows["gates"]),
        groups=_groups(rows["groups"]),
        projects=projects_of(rows["projects"], rows["project_effects"]),
        markets=tuple(_market(r, composition, products, origins) for r in rows["markets"]),
        purchases=tuple(_purchase(r, traced) for r in rows["purchases"]),
        utilities=tuple(_utility_step(r) for r in rows["utility_supply"]),
        stockpiles=tuple(_stockpile(r) for r in rows["stockpiles"]),
        profiles=_profiles(rows["profiles"]),
        scenarios=_scenarios(workbook),
        hazards=tuple(_hazard(r) for r in rows["hazards"]),
        overrides=tuple(_override(r) for r in rows["overrides"]),
        policies=tuple(_policy(r) for r in rows["policies"]),
        instruments=instruments_of(rows["instruments"], at),
        fiscal=fiscal_of(rows["fiscal"]),
    )


def at(row: Any, column: str = "") -> str:
    """`sheet!cell` of a column of a row, or of its first cell."""
    cells = row.where.cells
    cell = cells.get(column) or next(iter(cells.values()), f"row {row.where.row}")
    return f"{row.where.sheet}!{cell}"


def window_of(row: Any) -> Window:
    """The span of years of a row."""
    return Window(row.first_year, row.last_year)


def _terms(workbook: Workbook) -> Terms:
    s = workbook.settings
    return Terms(
        title=s.title or "",
        objective=s.objective,
        risk_weight=s.risk_weight,
        risk_tail=s.risk_tail,
        home_territory=s.home_territory or "",
        terminal_value=s.terminal_value,
        mip_gap=s.mip_gap,
        time_limit_s=s.time_limit_s,
        threads=s.threads,
        seed=s.seed,
        target_irr=s.target_irr,
        target_at=_setting_at(workbook, "target_irr"),
    )


def _setting_at(workbook: Workbook, key: str) -> str:
    place = workbook.settings.where.get(key)
    return f"settings!{place.cells.get('value', '')}" if place else "settings"


def _horizon(workbook: Workbook) -> Horizon:
    periods = tuple(Period(r.period, r.start_year, r.years, at(r, "period")) for r in workbook.rows["periods"])
    s = workbook.settings
    return Horizon(periods, s.base_year, s.discount_rate, s.discount_timing)


def _composition(rows: Sequence[Any]) -> Composition:
    return Composition.of(Assay(r.origin or "", r.product or "", r.component, r.fraction, r.of or "") for r in rows)


def _origins(workbook: Workbook, traced: set[str]) -> list[str]:
    """Deposit nodes, then places where a traced product is bought (it then comes from there)."""
    dug = [r.node for r in workbook.rows["deposits"]]
    bought = [r.node for r in workbook.rows["purchases"] if r.product in traced]
    return list(dict.fromkeys(dug + bought))


def _product(row: Any) -> Product:
    return Product(
        row.product,
        row.name or row.product,
        row.transport_class or "",
        bool(row.traced),
        row.value_usd_t or 0.0,
        row.disposal_usd_t,
        at(row, "product"),
    )


def _node(row: Any) -> Node:
    return Node(row.node, row.name or row.node, row.kind, row.territory or "", row.lat, row.lon, at(row, "node"))


def _process(row: Any) -> Process:
    return Process(
        row.process,
        row.name or row.process,
        row.build_years,
        row.lifetime_years,
        (row.ramp_1, row.ramp_2, row.ramp_3),
        row.requires or "",
        row.closing_cost_share,
        row.technology or "",
        at(row, "process"),
    )


def _formulas(workbook: Workbook) -> list[Formula]:
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    place: dict[tuple[str, str], str] = {}
    for r in workbook.rows["recipes"]:
        lines[r.process, r.recipe].append(Line(r.product, r.t_per_t, r.recovers or ""))
        place.setdefault((r.process, r.recipe), at(r, "recipe"))
    use: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for r in workbook.rows["utility_use"]:
        for process, recipe in lines:
            if process == r.process and r.recipe in (None, "", recipe):
                use[process, recipe][r.utility] += r.use_per_t
    return [Formula(*key, tuple(lines[key]), dict(use[key]), place[key]) for key in lines]


def _groups(rows: Sequence[Any]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for r in rows:
        groups[r.group].append(r.member)
    return {name: tuple(members) for name, members in groups.items()}


def _market(row: Any, composition: Composition, products: dict[str, Product], origins: list[str]) -> Market:
    component = row.component or ""
    content = {}
    for origin in origins if products[row.product].traced else [""]:
        share = composition.content(row.product, origin, component) if component else 1.0
        if share is not None:
            content[origin] = share
    return Market(
        key=TradeKey(row.node, row.product, row.tier, row.where.row),
        price_usd_t=row.price_usd_t or 0.0,
        max_t_y=row.max_t_y,
        min_t_y=row.min_t_y,
        shortfall_usd_t=row.shortfall_usd_t,
        payable_share=row.payable_share,
        profile=row.profile or "",
        component=component,
        content=content,
        window=window_of(row),
        at=at(row, "product"),
    )


def _purchase(row: Any, traced: set[str]) -> Purchase:
    return Purchase(
        key=TradeKey(row.node, row.product, 0, row.where.row),
        origin=row.node if row.product in traced else "",
        price_usd_t=row.price_usd_t,
        max_t_y=row.max_t_y,
        profile=row.profile or "",
        window=window_of(row),
        at=at(row, "product"),
    )


def _utility_step(row: Any) -> UtilityStep:
    key = StepKey(row.node, row.utility, row.where.row)
    return UtilityStep(key, row.price_usd, row.limit_y, window_of(row), at(row, "utility"))


def _stockpile(row: Any) -> Stockpile:
    return Stockpile(
        row.node,
        row.product,
        row.capacity_t,
        row.holding_usd_t_y,
        row.initial_t,
        row.final_min_t,
        at(row, "capacity_t"),
    )


def _profiles(rows: Sequence[Any]) -> dict[str, dict[int, float]]:
    profiles: dict[str, dict[int, float]] = defaultdict(dict)
    for r in rows:
        profiles[r.profile][r.year] = r.factor
    return dict(profiles)


def _scenarios(workbook: Workbook) -> tuple[Scenario, ...]:
    """The futures, or one certain future when the table is empty."""
    events: dict[str, list[Event]] = defaultdict(list)
    for r in workbook.rows["events"]:
        events[r.scenario].append(_event(r))
    rows = workbook.rows["scenarios"]
    if not rows:
        return (Scenario("certain", "One certain future", 1.0, (), "scenarios"),)
    return tuple(
        Scenario(r.scenario, r.name or r.scenario, r.probability, tuple(events[r.scenario]), at(r, "scenario"))
        for r in rows
    )


def _event(row: Any) -> Event:
    return Event(
        row.target_type,
        row.target,
        window_of(row),
        row.capacity_factor,
        row.cost_factor,
        row.price_factor,
        row.demand_factor,
        row.add_fee_usd_t,
        row.add_days,
        at(row, "target"),
    )


def _hazard(row: Any) -> Hazard:
    return Hazard(
        row.group,
        row.hazard or "",
        row.annual_probability,
        row.mean_years,
        row.capacity_factor,
        row.cost_factor,
        row.price_factor,
        row.markets,
        at(row, "group"),
    )


def _override(row: Any) -> Override:
    return Override(
        row.node or "",
        row.process or "",
        row.size or "",
        row.project or "",
        row.period or "",
        row.units,
        at(row, "units"),
    )


def _policy(row: Any) -> Policy:
    by_value = row.basis_unit == "value" or (row.basis_unit is None and row.measure == "processing_share")
    return Policy(
        name=row.policy,
        measure=row.measure,
        subject=row.subject or "",
        by_value=by_value,
        sense=row.sense,
        limit=row.limit,
        expected=row.scope == "expected",
        window=window_of(row),
        penalty_usd=row.penalty_usd,
        at=at(row, "limit"),
    )


def _refusals(workbook: Workbook) -> list[Issue]:
    """Rows whose meaning the model does not honour: said as errors, never dropped in silence."""
    rows, issues = workbook.rows, []
    shelf = {r.product: r.shelf_years for r in rows["products"] if r.shelf_years is not None}
    traced = {r.product for r in rows["products"] if r.traced}
    lifetimes = {r.process: r.lifetime_years for r in rows["processes"]}
    for r in rows["stockpiles"]:
        if r.product in shelf:
            issues.append(_issue(r, "product", r.product, "a product without shelf_years", _SHELF))
        if r.product in traced and (r.initial_t or r.final_min_t):
            issues.append(_issue(r, "initial_t", str(r.initial_t), "blank or 0", _TRACED_STOCK))
    if workbook.settings.terminal_value == "book":
        for r in rows["sites"]:
            if lifetimes[r.process] is None:
                issues.append(_issue(r, "process", r.process, "a process with lifetime_years", _BOOK))
    return issues


_SHELF = "khovor keeps no account of the age of a stock: remove the shelf life of this product or its stockpile."
_TRACED_STOCK = "The first and last stock of a traced product has no origin: store it from the first period on only."
_BOOK = "terminal_value = book writes capital off over lifetime_years, which this process leaves blank."


def _issue(row: Any, column: str, found: str, expected: str, message: str) -> Issue:
    place = at(row, column).split("!", 1)
    return Issue(place[0], place[1], found, expected, message)
