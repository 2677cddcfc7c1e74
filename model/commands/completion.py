"""``mitsumori completion SHELL``: a script that completes commands, options, samples and plan paths."""

from __future__ import annotations

import argparse
import importlib
from typing import Final

from mitsumori.model.base.messages import Sentence
from mitsumori.model.base.refusal import Refusal
from mitsumori.model.commands import COMMANDS
from mitsumori.model.commands.answers import say
from mitsumori.model.commands.arguments import Parser
from mitsumori.model.plan.project import sample_names

SHELLS: Final = ("bash", "zsh", "fish", "powershell")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("shell", metavar="SHELL", help=f"{', '.join(SHELLS)}; put the output where the shell reads it")


def run(given: argparse.Namespace) -> int:
    """Print the script."""
    if given.shell not in SHELLS:
        raise Refusal(
            Sentence("commands", "completion_shell", {"value": repr(given.shell[:40]), "names": ", ".join(SHELLS)})
        )
    say({"bash": bash, "zsh": zsh, "fish": fish, "powershell": powershell}[given.shell]())
    return 0


def options() -> dict[str, list[str]]:
    """The options of each command."""
    found = {}
    for name, command in COMMANDS.items():
        parser = Parser(prog=f"mitsumori {name}")
        importlib.import_module(f"mitsumori.model.commands.{command.module}").arguments(parser)
        found[name] = sorted(option for action in parser._actions for option in action.option_strings)
    return found


def _paths() -> list[str]:
    from mitsumori.model.plan.inputs import inputs

    return list(inputs())


def bash() -> str:
    """For bash: ``mitsumori completion bash > ~/.local/share/bash-completion/completions/mitsumori``."""
    cases = "\n".join(f'    {name}) words="{" ".join(words)} $samples" ;;' for name, words in options().items())
    return f"""_mitsumori() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" words
  local samples="{" ".join(sample_names())}" paths="{" ".join(_paths())}"
  if [ "$previous" = --set ]; then
    compopt -o nospace
    COMPREPLY=($(compgen -W "$paths" -S = -- "$current"))
    return
  fi
  if [ "$COMP_CWORD" = 1 ]; then
    words="{" ".join(COMMANDS)} $samples --help --version"
  else
    case "${{COMP_WORDS[1]}}" in
{cases}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}}
complete -o filenames -F _mitsumori mitsumori
"""


def zsh() -> str:
    """For zsh: in a folder of ``$fpath`` as ``_mitsumori``."""
    cases = "\n".join(
        f"    {name}) compadd -- {' '.join(words)} $samples; _files ;;" for name, words in options().items()
    )
    return f"""#compdef mitsumori
local -a samples paths
samples=({" ".join(sample_names())})
paths=({" ".join(_paths())})
if [[ $words[CURRENT-1] == --set ]]; then
  compadd -S = -- $paths
elif (( CURRENT == 2 )); then
  compadd -- {" ".join(COMMANDS)} $samples --help --version; _files
else
  case $words[2] in
{cases}
  esac
fi
"""


def fish() -> str:
    """For fish: ``~/.config/fish/completions/mitsumori.fish``."""
    lines = []
    for name, command in COMMANDS.items():
        lines.append(f"complete -c mitsumori -n __fish_use_subcommand -a {name} -d '{command.help}'")
        lines += [
            f"complete -c mitsumori -n '__fish_seen_subcommand_from {name}' -l {option[2:]}"
            for option in options()[name] if option.startswith("--")
        ]  # fmt: skip
    lines.append(f"complete -c mitsumori -a '{' '.join(sample_names())}'")
    lines.append(
        f"complete -c mitsumori -n '__fish_prev_arg_in --set' -a '{' '.join(f'{path}=' for path in _paths())}'"
    )
    return "\n".join(lines) + "\n"


def powershell() -> str:
    """For PowerShell: add to ``$PROFILE``."""
    table = "\n".join(f"    '{name}' = '{' '.join(words)}'" for name, words in options().items())
    return f"""Register-ArgumentCompleter -Native -CommandName mitsumori -ScriptBlock {{
  param($word, $tree, $position)
  $samples = '{" ".join(sample_names())}'
  $paths = '{" ".join(_paths())}'
  $options = @{{
{table}
  }}
  $typed = @($tree.CommandElements | ForEach-Object {{ $_.ToString() }})
  $previous = if ($word) {{ $typed[-2] }} else {{ $typed[-1] }}
  if ($previous -eq '--set') {{ $found = $paths -split ' ' | ForEach-Object {{ "$_=" }} }}
  elseif ($typed.Count -le 1 -or ($typed.Count -eq 2 -and $word)) {{ $found = ('{" ".join(COMMANDS)} ' + $samples) -split ' ' }}
  else {{ $found = ($options[$typed[1]] + ' ' + $samples) -split ' ' }}
  $found | Where-Object {{ $_ -like "$word*" }} | ForEach-Object {{ [System.Management.Automation.CompletionResult]::new($_) }}
}}
"""
