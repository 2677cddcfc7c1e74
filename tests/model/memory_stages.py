"""Stages of a step whose memory is counted by hand."""

from __future__ import annotations

from mitsumori.model.architecture.parallelism import RECOMPUTES, STACKS, Parallel, code
from mitsumori.model.architecture.transformer import Architecture
from mitsumori.model.memory.fsdp import FsdpStages
from mitsumori.model.memory.megatron import MegatronStages
from mitsumori.model.memory.options import StagePeak
from mitsumori.model.memory.peak import MemoryOptions
from mitsumori.model.memory.states import layer_parameters, stage_of
from tests.model import memory_twin as twin
from tests.model.test_memory_states import (
    BASE,
    TITAN,
)

FULL, SELECTIVE = code(RECOMPUTES, "full"), code(RECOMPUTES, "selective")

OTHER = code(STACKS, "other")


def stage_peak(arch: Architecture, plan: Parallel, index: int, options: MemoryOptions) -> StagePeak:
    layer = layer_parameters(arch, plan, options.lora_rank, options.lora_all_linear)
    family = FsdpStages if twin.is_fsdp(plan) else MegatronStages
    return family(arch, plan, options, layer).of(stage_of(arch, plan, index))


TITAN_BASE = BASE.with_(stack=TITAN, zero_stage=3, stack_year=2024.9)
