from dataclasses import replace
from math import inf

import pytest

from tests.support.world import World


@pytest.mark.parametrize(
    ("keeps", "runs", "limit_s"), [(True, None, 30.0), (False, None, inf), (True, 5, 30.0), (False, 5, inf)]
)
def test_time_is_limited_only_by_a_budget_that_was_asked_for(
    world: World, runs: int | None, limit_s: float, *, keeps: bool
) -> None:
    request = replace(world.request(budget="30s"), keeps_budget=keeps, runs=runs)
    assert request.limit_s == limit_s
