"""What is known of the published weights of models: precision, block scales, draft layers, names in measured runs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from mitsumori import resources


@functools.cache
def published_models() -> Mapping[str, Mapping[str, Any]]:
    """Entries of ``resources/runs/serving_models.toml`` by the names that runs use."""
    table = resources.read_table("runs", "serving_models.toml")["models"]
    return {name: entry for entry in table for name in entry["names"]}


def model_facts(key: str) -> Mapping[str, Any]:
    """What is known of a catalogue model's published weights: precision, block scales, draft layers (empty: nothing)."""
    for entry in published_models().values():
        if entry.get("catalogue") == key:
            return entry
    return {}
