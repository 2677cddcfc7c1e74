"""Headers of batch schedulers: how many nodes a job asks for, and GPUs of each (Slurm, PBS, Grid Engine)."""

from __future__ import annotations

import re
from collections.abc import Iterable


def header_of(lines: Iterable[str]) -> tuple[int | None, int | None]:
    """Nodes and GPUs of a node that ``#SBATCH``, ``#PBS`` and ``#$`` lines ask for; None where they do not say."""
    nodes: int | None = None
    each: int | None = None
    total: int | None = None
    tasks = of_task = whole_tasks = 0
    open_nodes = False
    for line in lines:
        found = re.match(r"\s*#\s*(SBATCH|PBS|\$)\s+(.*)", line)
        if found is None:
            continue
        asked = found.group(2).partition(" #")[0]
        open_nodes = open_nodes or re.search(r"(--nodes[= ]|-N\s*|select=)\$", asked) is not None
        if count := re.search(r"(?:--nodes[= ]|-N\s*)(\d{1,6})(?![\d-])", asked):
            nodes = int(count.group(1))
        if count := re.search(r"(?:--gpus-per-node[= ]|--gres[= ]gpu:)(?:[\w.-]+:)?(\d{1,3})", asked):
            each = int(count.group(1))
        if count := re.search(r"(?:--gpus[= ]|-G\s*)(?:[\w.-]+:)?(\d{1,6})", asked):
            total = int(count.group(1))
        if count := re.search(r"--ntasks-per-node[= ](\d{1,3})", asked):
            tasks = int(count.group(1))
        if count := re.search(r"(?:--ntasks[= ]|-n\s*)(\d{1,6})", asked):
            whole_tasks = int(count.group(1))
        if count := re.search(r"--gpus-per-task[= ](?:[\w.-]+:)?(\d{1,3})", asked):
            of_task = int(count.group(1))
        if count := re.search(r"select=(\d{1,6})", asked):
            nodes = int(count.group(1))
        if count := re.search(r"ngpus=(\d{1,3})", asked):
            each = int(count.group(1))
        # ABCI (https://docs.abci.ai): whole nodes of 8 GPUs (A, H) and of 4 (the older F)
        if re.search(r"-q\s+rt_[AH]F\b", asked):
            each = 8
        if count := re.search(r"\brt_(AF|HF|F)=(\d{1,6})", asked):
            nodes, each = int(count.group(2)), 4 if count.group(1) == "F" else 8
    if each is None and tasks and of_task:
        each = tasks * of_task
    if total is None and whole_tasks and of_task:
        total = whole_tasks * of_task
    if total is not None and each is None and nodes and total % nodes == 0:
        each = total // nodes
    if nodes is None and open_nodes:  # a script that writes the header: not one node
        return None, None
    return nodes, each
