"""What the memory of a GPU holds that serves, and how much of its cache the peak uses: for the tabs that show it."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from mitsumori.gui.charts.bars import Part
from mitsumori.gui.charts.numbers import UNKNOWN, count, number, percent
from mitsumori.gui.tables.facts import Fact
from mitsumori.model.base.format import gigabytes
from mitsumori.model.serving.results import ServingResult

translate = QCoreApplication.translate

_INKS = {
    "weights_bytes": "mem_weights", "kv_bytes": "mem_gradients", "activations_bytes": "mem_activations",
    "reserve_bytes": "mem_reserve",
}  # fmt: skip


def memory_parts(result: ServingResult) -> tuple[list[Part], str]:
    """The parts of one GPU's memory, and their sum in words (empty where nothing is known)."""
    names = {
        "weights_bytes": translate("Serving", "Weights"), "kv_bytes": translate("Serving", "KV cache"),
        "activations_bytes": translate("Serving", "Workspace"), "reserve_bytes": translate("Serving", "Reserve"),
    }  # fmt: skip
    parts = [
        Part(names[key], figure.value, _INKS[key], f"{gigabytes(figure.value)} GB" if figure.value else UNKNOWN)
        for key, figure in result.memory_per_gpu.items()
    ]
    whole = sum(figure.value or 0.0 for figure in result.memory_per_gpu.values())
    return parts, f"{gigabytes(whole)} GB" if whole else ""


def part_facts(result: ServingResult) -> tuple[Fact, ...]:
    """The same parts as a list of sizes in GB."""
    return tuple(
        Fact(part.name, gigabytes(part.value), "GB", raw=part.value / 1e9) if part.value else Fact(part.name, UNKNOWN)
        for part in memory_parts(result)[0]
    )


def memory_texts(result: ServingResult) -> tuple[str, str]:
    """How many sequences the cache of a replica holds, and what a token takes of it."""
    room, token = result.figures.max_concurrency.value, result.figures.kv_bytes_per_token.value
    title = translate("Serving", "The cache of a replica holds {count} sequences").format(
        count=UNKNOWN if room is None else count(math.floor(room))
    )
    under = translate("Serving", "{bytes} kB of KV cache a token")
    return title, "" if token is None else under.format(bytes=number(token / 1e3))


def batch_facts(result: ServingResult) -> tuple[Fact, ...]:
    """What is in flight at the peak, of the cache, and what a token and a GPU give."""
    figures, held = result.figures, held_share(result)
    flight, energy = figures.concurrency.value, figures.joules_per_output_token.value
    output = figures.output_tokens_per_s_per_gpu.value
    return (
        Fact(
            translate("Serving", "In flight at the peak"), number(flight), translate("Serving", "sequences"), raw=flight
        ),
        Fact(translate("Serving", "Of what the cache holds"), share_words(held), raw=held),
        Fact(translate("Serving", "An output token"), number(energy), "J", raw=energy),
        Fact(translate("Serving", "Output of a GPU"), number(output), translate("Serving", "tokens/s"), raw=output),
    )


def share_words(share: float | None) -> str:
    """A share in percent, with its digits where a whole percent would say nothing."""
    return f"{number(100 * share)} %" if share is not None and 0 < share < 0.01 else percent(share)


def held_share(result: ServingResult) -> float | None:
    """Which share of all caches the peak uses; None where the model does not fit."""
    room, flight = result.figures.max_concurrency.value, result.figures.concurrency.value
    replicas = result.figures.replicas.value
    if not room or flight is None or not replicas:
        return None
    return flight / (room * replicas)
