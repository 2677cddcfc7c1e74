"""Where the answers of a training come from, in one sentence; the text, the window and the workbook show it."""

from __future__ import annotations

from mitsumori.model.base import format as fmt
from mitsumori.model.base.messages import text
from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.training.results import RolloutResult


def rollout_words(found: RolloutResult, catalogue: Catalogue, language: str) -> str:
    """Servers and replicas that generate, memory of one of their accelerators, and how busy both sides are.

    Parameters
    ----------
    found
        The rollouts of an estimate (``training.details.rollout``).
    catalogue
        Records, for the server's name.
    language
        Of the sentence, ``ja`` or ``en``.
    """
    trainer, generator = found.trainer_busy_share, found.generator_busy_share
    if trainer is None or generator is None:
        return text("report", "rollout_none", language)
    record = catalogue.servers().get(found.server)
    shown = {
        "servers": fmt.whole(found.servers), "server": found.server if record is None else record.name,
        "gpus": fmt.whole(found.accelerators), "replicas": fmt.whole(found.replicas), "size": fmt.whole(found.tp * found.pp),
        "sequences": fmt.whole(found.sequences), "weights": fmt.gigabytes(found.memory_per_gpu["weights_bytes"]),
        "cache": fmt.gigabytes(found.memory_per_gpu["cache_bytes"]),
        "capacity": fmt.gigabytes(found.memory_per_gpu["capacity_bytes"]),
        "trainer": fmt.whole(100.0 * trainer), "generator": fmt.whole(100.0 * generator),
    }  # fmt: skip
    return text("report", f"rollout_{found.placement}", language, **shown)
