"""The command ``mitsumori``: hands subcommands to :mod:`mitsumori.model.cli`, opens the window otherwise.

Nothing of Qt is imported before it is certain that a window can open.
"""

from __future__ import annotations

import sys

DEFAULT_SAMPLE = "llama3-70b-continual"


def main(argv: list[str] | None = None) -> int:
    """Run ``mitsumori``; returns the exit status."""
    from mitsumori.model import cli

    arguments = sys.argv[1:] if argv is None else argv
    if arguments and (arguments[0] in cli.COMMANDS or arguments[0] in ("-h", "--help", "--version")):
        return cli.main(arguments)
    unknown = [word for word in arguments if word.startswith("-")]
    if unknown or len(arguments) > 1:
        print(f"{(unknown or arguments[1:])[0]!r} is not accepted: mitsumori takes one plan or a command "
              f"({', '.join(cli.COMMANDS)}).", file=sys.stderr)  # fmt: skip
        return 2
    from mitsumori.gui.display import why_no_window

    reason = why_no_window()
    if reason is not None:
        print(reason, file=sys.stderr)
        return cli.main(["estimate", *(arguments or [DEFAULT_SAMPLE])])
    from mitsumori.gui.app import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
