"""What the window says of an API: owning is not called cheaper from a load that the servers cannot carry."""

from __future__ import annotations

import pytest

from mitsumori.gui.tabs.serving_view import token_cost_texts
from mitsumori.gui.words.serving_cards import _money
from mitsumori.model.estimate.estimate import estimate
from mitsumori.model.plan.project import load_sample


@pytest.mark.parametrize(("price", "beyond"), [(8.0, True), (2000.0, False)])
def test_owning_wins_from_a_load_only_where_the_servers_carry_it(price: float, beyond: bool) -> None:
    listed = {f"serving.api_price.{name}": price for name in ("input", "output")}
    plan = load_sample("serve-chat-500").plans[0].with_values(listed | {"serving.api_price.currency": "JPY"})
    result = estimate(plan)
    assert result.serving is not None
    assert result.serving.tokens is not None
    even = result.serving.figures.break_even_tokens_per_day.value
    assert even is not None
    assert (even > result.serving.tokens.most_per_day) == beyond
    refused = "The API costs less at every load that these servers carry"
    assert (refused in token_cost_texts(plan, result)[0]) == beyond
    reasons = " ".join(map(str, _money(result, result.serving).reason))
    assert (refused in reasons) == beyond
    assert ("Owning wins" in reasons) != beyond
