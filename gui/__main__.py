"""The command ``mitsumori``: hands subcommands to :mod:`mitsumori.model.cli`, opens the window otherwise.

Nothing of Qt is imported before it is certain that a window can open.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mitsumori.model.base.messages import Sentence

if TYPE_CHECKING:
    from mitsumori.model.slides.blocks import Deck

DEFAULT_SAMPLE = "llama3-70b-continual"


def main(argv: list[str] | None = None) -> int:
    """Run ``mitsumori``; returns the exit status."""
    from mitsumori.model import cli
    from mitsumori.model.commands import COMMANDS
    from mitsumori.model.commands.answers import write
    from mitsumori.model.commands.arguments import user_language

    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments and (arguments[0] in COMMANDS or arguments[0] in ("-h", "--help", "--version")):
        return cli.main(arguments, draw=_draw)
    said = not_a_plan(arguments)
    if said is not None:
        write(sys.stderr, said.text(user_language(arguments)) + "\n")
        return 2
    from mitsumori.gui.display import why_no_window

    reason = why_no_window()
    if reason is not None:
        print(reason, file=sys.stderr)
        return cli.main(["estimate", *(arguments or [DEFAULT_SAMPLE])])
    from mitsumori.gui.app import run

    return run(arguments)


def not_a_plan(arguments: list[str]) -> Sentence | None:
    """What is said to words that name no plan; None where they may. A word that is nearly a command is taken for one."""
    from mitsumori.model.base.near import nearest
    from mitsumori.model.commands import COMMANDS
    from mitsumori.model.plan.project import sample_names

    if not arguments:
        return None
    samples = sample_names()
    first = next((word for word in arguments if word.startswith("-") and word != "-"), arguments[0])
    known = first in samples or first == "-" or _exists(Path(first))
    near = "" if known else nearest(first, [*COMMANDS, *samples])
    if near:
        return Sentence("commands", "plan_or_command_near", {"value": repr(first[:60]), "near": near})
    if first.startswith("-") or len(arguments) > 1:
        value = first if first.startswith("-") else arguments[1]
        return Sentence("commands", "one_plan", {"value": repr(value[:60]), "names": ", ".join(COMMANDS)})
    return None


def _draw(deck: Deck) -> bytes:
    """The slides of a proposal as a PDF, drawn without a window."""
    from mitsumori.gui.display import why_no_drawing
    from mitsumori.model.base.refusal import Refusal

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    reason = why_no_drawing(deck.language)
    if reason is not None:
        raise Refusal(reason)
    from mitsumori.gui.app import create_application
    from mitsumori.gui.present.deck_pdf import pdf_of

    application = create_application()
    data = pdf_of(deck)
    application.shutdown()
    return data


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(main())
