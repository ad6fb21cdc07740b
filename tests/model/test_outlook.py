"""The conditions of all futures side by side say what each future resolved alone says."""

from __future__ import annotations

import pytest
from random_worlds import eventful

from khovor.case import conditions, outlook_of


@pytest.mark.parametrize("seed", range(6))
def test_outlook_is_each_future_resolved_alone(seed: int) -> None:
    """Every factor, the largest of all, what differs and what is shut, who is alike when: as told one by one."""
    case = eventful(seed, stored=False)
    outlook = outlook_of(case)
    alone = {s.name: conditions(case, s) for s in case.scenarios}
    assert set(outlook.hits) >= {hit for future in alone.values() for hit in future.effects}
    for hit in outlook.hits:
        plain = 0.0 if hit.aspect in ("fee", "days") else 1.0
        for t in case.horizon.indices:
            told = [future.effects[hit][t] if hit in future.effects else plain for future in alone.values()]
            assert [outlook[w].effects[hit][t] for w in alone] == told
            assert (t in outlook.differing[hit]) == (len(set(told)) > 1)
            assert ((hit, t) in outlook.shut) == (0.0 in told)
            if hit.aspect in ("capacity", "demand"):
                assert outlook.most(hit.aspect, hit.kind, hit.key, t) == max(told)
    for t in case.horizon.indices:
        ranks = outlook.ranks(t).tolist()
        same = [tuple(outlook[w].effects[hit][t] for hit in outlook.hits) for w in alone]
        pairs = [(a, b) for a in range(len(same)) for b in range(a)]
        assert [ranks[a] == ranks[b] for a, b in pairs] == [same[a] == same[b] for a, b in pairs]
