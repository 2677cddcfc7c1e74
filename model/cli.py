"""The headless commands. Standard output carries the answer, standard error one sentence when refused.

Exit status: 0 done, 2 bad input, 1 an unexpected fault of the machine (a full disk), 130 stopped by Ctrl-C. The commands
themselves are in :mod:`model.commands`, a module each.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.near import nearest
from mitsumori.model.base.refusal import Refusal, cause_of
from mitsumori.model.commands import COMMANDS
from mitsumori.model.commands.answers import Answer, give, write
from mitsumori.model.commands.arguments import Parser, check_out, user_language

if TYPE_CHECKING:
    from mitsumori.model.slides.blocks import Deck


INTERRUPTED: Final = 130
"""Exit status after Ctrl-C, as shells give it: 128 and the number of the signal."""


def main(argv: Sequence[str] | None = None, draw: Callable[[Deck], bytes] | None = None) -> int:
    """Run one command and return its exit status; ``draw`` makes a PDF of slides, where the program can draw."""
    words = list(sys.argv[1:] if argv is None else argv)
    language = user_language(words)
    try:
        status = _run(words, language, draw)
        sys.stdout.flush()
        return status
    except Refusal as refusal:
        write(sys.stderr, " ".join(refusal.text(language).split()) + "\n")
        return 2
    except KeyboardInterrupt:  # Ctrl-C is the user's wish and no fault
        return INTERRUPTED
    except OSError as error:
        if _no_reader(error):  # head, a pager: it has seen enough; Python would complain again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        values = {"path": str(error.filename or "-"), "why": cause_of(error)}
        write(sys.stderr, Sentence("commands", "file_fault", values).text(language) + "\n")
        return 1


def _no_reader(error: OSError) -> bool:
    """Whether a pipe has lost its reader; Windows, which has no SIGPIPE, calls it an invalid argument."""
    return isinstance(error, BrokenPipeError) or (error.errno == errno.EINVAL and error.filename is None)


def _run(words: list[str], language: str, draw: Callable[[Deck], bytes] | None) -> int:
    name = words[0] if words else ""
    if name in ("-h", "--help"):
        print(help_text(language), end="")
        return 0
    if name == "--version":
        from mitsumori.model.commands.doctor import version_line

        print(version_line())
        return 0
    if name not in COMMANDS:
        raise Refusal(unknown_command(name))
    command = COMMANDS[name]
    module = importlib.import_module(f"mitsumori.model.commands.{command.module}")
    parser = Parser(prog=f"mitsumori {name}", description=command.help[:1].upper() + command.help[1:] + ".")
    module.arguments(parser)
    try:
        given = parser.parse_args(words[1:])
    except SystemExit as done:  # --help has printed
        return int(done.code or 0)
    check_out(given)
    given.draw = draw
    answer = module.run(given)
    if isinstance(answer, Answer):
        return give(answer, given.format, given.out)
    return int(answer)


def unknown_command(name: str) -> Sentence:
    """What is said to a word that is no command: the nearest one, or all of them."""
    near = nearest(name, COMMANDS)
    if not name:
        return Sentence("commands", "command_missing", {"names": ", ".join(COMMANDS)})
    values = {"value": repr(name[:60]), "near": near, "names": ", ".join(COMMANDS)}
    return Sentence("commands", "command_unknown_near" if near else "command_unknown", values)


def help_text(language: str) -> str:
    """``mitsumori --help``."""
    lines = [Sentence("commands", "usage").text(language), ""]
    lines += [f"  {name:12} {command.help}" for name, command in COMMANDS.items()]
    lines += ["", Sentence("commands", "usage_more").text(language)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
