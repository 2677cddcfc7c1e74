"""The headless commands, a module each: what they take, what they answer and in which form.

``COMMANDS`` lists them; a module is imported when its command is given. A module has ``arguments(parser)`` and
``run(arguments)``, which returns an :class:`~model.commands.answers.Answer` to be printed in the form that was asked for, or
the exit status where it has printed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the module that runs it and what it does in a few words."""

    module: str
    help: str


COMMANDS: Final = {
    "estimate": Command("estimate", "every result of a plan"),
    "table": Command("table", "the training-time table"),
    "advise": Command("advise", "the ranked parallel configurations, or a goal"),
    "serve": Command("serve", "the serving plan: replicas, latency, cost per token"),
    "calendar": Command("calendar", "hours, utilization by month and conflicts of a project's plans"),
    "export": Command("export", "write the proposal"),
    "backtest": Command("backtest", "predictions against measured runs"),
    "fit": Command("fit", "refit the constants from measured runs"),
    "import": Command("import_file", "another tool's configuration, or a returned workbook, as a plan"),
    "samples": Command("samples", "the plans that ship with the program"),
    "fields": Command("fields", "every input with unit, bounds and standard"),
    "catalogue": Command("catalogue", "every record with source and date; catalogue packs written and taken"),
    "published": Command("published", "trainings from papers beside the estimate"),
    "doctor": Command("doctor", "versions, libraries, fonts, folders, age of prices"),
    "completion": Command("completion", "completion for a shell"),
}
