"""A number with a unit behind it means the same in a field of the window and on the command line."""

from __future__ import annotations

import pytest

from mitsumori.gui.inputs import typed
from mitsumori.gui.inputs.fields import FIELDS
from mitsumori.model.base.format import MONEY
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.commands.arguments import apply_changes
from mitsumori.model.plan.inputs import input_of, inputs
from mitsumori.model.plan.plan import Plan, PlanError
from mitsumori.model.plan.typed import NUMBERS, typed_number

NUMBER_PATHS = [path for path, item in inputs().items() if item.kind in NUMBERS]
CASES = [
    (path, word, factor)
    for path in NUMBER_PATHS
    for word, factor in (
        *((name, inputs()[path].shown.scale) for name in inputs()[path].shown.names.values() if name),
        *inputs()[path].shown.typed.items(),
    )
]


@pytest.mark.parametrize(("path", "word", "factor"), CASES)
def test_every_word_of_a_unit_counts_what_the_table_says(path: str, word: str, factor: float) -> None:
    item, plan = inputs()[path], Plan()
    currency = item.currency_in(plan.value)
    for sign in MONEY.get(currency, ("",)):
        for text in (f"3{sign}{word}", f"３ {sign}{word}"):
            assert typed_number(item, text, currency=currency) == pytest.approx(3 * factor, rel=1e-12), text
            if (field := FIELDS.get(path)) is not None and field.kind in ("slider", "number"):
                assert typed.read(field, text, plan) == pytest.approx(3 * factor, rel=1e-12), text


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("money.horizon_months", "3 years", 36),
        ("money.horizon_months", "5年", 60),
        ("money.horizon_months", "36ヶ月", 36),
        ("network.restart_s", "90秒", 90),
        ("network.restart_s", "0.5 h", 1800),
        ("serving.ttft_limit_s", "500 ms", 0.5),
        ("serving.tpot_limit_ms", "0.05 s", 50),
        ("facility.rack_width_m", "60cm", 0.6),
        ("facility.rack_width_m", "0.6m", 0.6),
        ("facility.water_delta_k", "10K", 10),
        ("facility.rack_weight_limit_kg", "1.5t", 1500),
        ("network.bandwidth_gbps", "3.2 Tb/s", 3200),
        ("workload.tokens", "300,000,000 tokens", 3e8),
        ("workload.tokens", "2T tokens", 2e12),
        ("workload.tokens", "3兆5000億トークン", 3.5e12),
        ("workload.tokens", "1兆5000億", 1.5e12),
        ("workload.tokens", "1T 500B", 1.5e12),
        ("workload.deadline_days", "6 weeks", 42),
        ("money.electricity_jpy_per_kwh", "26円", 26),
        ("money.electricity_jpy_per_kwh", "26 円/kWh", 26),
        ("money.usd_jpy", "150円", 150),
        ("money.onprem.server_price", "¥5000万", 5e7),
        ("money.onprem.server_price", "JPY 50,000,000", 5e7),
        ("money.cloud.storage_gb", "500 GB", 500),
        ("money.discount_rate", "5%/年", 0.05),
    ],
)
def test_window_and_command_read_the_same_value(path: str, text: str, value: float) -> None:
    plan = Plan()
    assert apply_changes(plan, [f"{path}={text}"]).value(path) == pytest.approx(value)
    if path in FIELDS:
        assert typed.read(FIELDS[path], text, plan) == pytest.approx(value)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("money.horizon_months", "36日"),
        ("cluster.servers", "32 GPUs"),
        ("cluster.servers", "4%"),
        ("facility.rack_kva", "30kW"),
        ("facility.rack_kva", "30 円"),
        ("network.restart_s", "3 TB"),
        ("money.usd_jpy", "$150"),
        ("money.electricity_jpy_per_kwh", "$26"),
        ("money.utilization", "70 円"),
    ],
)
def test_another_unit_is_refused_in_window_and_command(path: str, text: str) -> None:
    """36 days were 36 months in the window, and 32 GPUs were 32 servers."""
    with pytest.raises(Refusal):
        typed.read(FIELDS[path], text, Plan())
    with pytest.raises(PlanError):
        apply_changes(Plan(), [f"{path}={text}"])


def test_an_amount_is_in_the_currency_its_price_was_quoted_in() -> None:
    """Also where the same command names that currency."""
    quoted = Plan().with_values({"money.onprem.price_currency": "USD"})
    path = "money.onprem.server_price"
    assert apply_changes(quoted, [f"{path}=$300,000"]).value(path) == 3e5
    assert apply_changes(Plan(), ["money.onprem.price_currency=USD", f"{path}=$300k"]).value(path) == 3e5
    assert input_of(path).currency_in(quoted.value) == "USD"
    with pytest.raises(PlanError):
        apply_changes(quoted, [f"{path}=5000万円"])
