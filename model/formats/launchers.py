"""Command lines that name their tool: reinforcement learning, the Hugging Face Trainer, today's torchtitan, serving."""

from __future__ import annotations

import re
from typing import Final

from mitsumori.model.formats import megatron, recipe_commands, rl_launchers, serving_commands, torchtitan
from mitsumori.model.formats.imported import Imported, Origin
from mitsumori.model.formats.shell import script_of

_COMMANDS: Final = {
    "Hugging Face Trainer": recipe_commands.read_trainer_command, "MaxText": recipe_commands.read_maxtext_command,
    "LitGPT": recipe_commands.read_litgpt_command, "torchtune": recipe_commands.read_torchtune_command,
}  # fmt: skip


def tool_of(text: str) -> str | None:
    """The tool that a command line calls; None when it is none of these."""
    bare = re.sub(r"(?m)^\s*#.*$", "", text)
    if re.search(
        r"-m\s+(verl|recipe)\.|\bverl/trainer/\w*(main|sft)\w*\.py|(^|[\s\"'+])actor_rollout_ref\.[\w.]+\s*=", bare
    ):
        return "verl"
    if "openrlhf.cli." in bare:
        return "OpenRLHF"
    if re.search(r"--rollout[-_](num[-_]gpus|batch[-_]size)|--actor[-_]num[-_]gpus[-_]per[-_]node", bare):
        return "slime"
    if re.search(r"--per[-_]device[-_]train[-_]batch[-_]size\b", bare):
        return "Hugging Face Trainer"
    if re.search(r"--base[-_]model[ =]", bare) and re.search(r"--lora[-_]r[ =]", bare) and "--num-layers" not in bare:
        return "Hugging Face Trainer"  # alpaca-lora and its like
    if re.search(r"torchtitan\.train\b", bare) and "--module" in bare:
        return "torchtitan"
    if re.search(r"\brun_train\.sh\b", bare) and re.search(r"\b(CONFIG_FILE|CONFIG|MODULE)=|--module\b", bare):
        return "torchtitan"
    if re.search(r"\bmax_?text(\.|/)(\w+(\.|/))*train\b", bare, re.IGNORECASE):
        return "MaxText"
    if re.search(r"(?m)(^|\s)litgpt\s+(finetune|pretrain)", bare):
        return "LitGPT"
    if re.search(r"(?m)(^|\s)tune\s+run\s", bare):
        return "torchtune"
    return next((name for name, (pattern, _) in serving_commands.TOOLS.items() if re.search(pattern, bare)), None)


def read(text: str, tool: str, origin: Origin) -> Imported:
    """Read a command line of a tool that :func:`tool_of` named.

    Parameters
    ----------
    text
        The file's content, its lines ended by line feeds.
    tool
        A name that :func:`tool_of` gave.
    origin
        Its name, and the records.

    Raises
    ------
    Refusal
        For values that are not accepted.
    """
    if tool == "verl":
        return rl_launchers.verl(text, origin.catalogue)
    if tool == "OpenRLHF":
        return rl_launchers.openrlhf(text, origin.catalogue)
    if tool == "slime":
        return rl_launchers.slime(text, origin)
    if tool == "torchtitan":
        return _titan(text, origin)
    if (reader := _COMMANDS.get(tool)) is not None:
        return reader(text, origin)
    return serving_commands.read(text, tool, origin.catalogue)


def _titan_environment(text: str) -> dict[str, str]:
    """Model and configuration that the variables of torchtitan's ``run_train.sh`` name.

    ``MODULE`` and ``CONFIG`` since 2026; before, ``CONFIG_FILE`` with the path of a TOML, ``MODEL/train_configs/NAME.toml``.
    """
    found = {name.lower(): value for name, value in re.findall(r"\b(MODULE|CONFIG)=[\"']?([\w.-]+)", text)}
    path = re.search(r"\bCONFIG_FILE=[\"']?\S*?(\w+)/train_configs/([\w.-]+)\.toml", text)
    if path is not None:
        found = {"module": path.group(1), "config": path.group(2)} | found
    return dict(found)


def _titan(text: str, origin: Origin) -> Imported:
    """Torchtitan since February 2026: ``--module`` and ``--config`` name the model, dotted options the rest."""
    script = script_of(text)
    options: dict[str, str] = _titan_environment(text)
    for words in script.commands:
        for word, following in zip(words, [*words[1:], ""], strict=True):
            if found := re.fullmatch(r"--([a-z_]+\.[\w.-]+|module|config)(?:=(.*))?", word):
                value = found.group(2) if found.group(2) is not None else following
                options[found.group(1)] = "true" if value.startswith("--") or not value else value
    module, config = str(options.pop("module", "")), str(options.pop("config", ""))
    module, config = module.lower(), config.lower()
    flavor = config[len(module) + 1 :] if config.startswith(module + "_") else config
    numbers = {key: int(value) if re.fullmatch(r"-?\d{1,12}", str(value)) else value for key, value in options.items()}
    found_, unresolved = megatron.arguments(text)
    gpus, _, _ = megatron.gpus_of(found_, unresolved, text)
    if gpus is None and (asked := re.search(r"\bNGPU=[\"']?(\d{1,6})\b", text)) is not None:
        gpus = int(asked.group(1))
    return torchtitan.read({"model.name": module, "model.flavor": flavor, **numbers}, origin, gpus)
