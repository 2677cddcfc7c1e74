"""Shell scripts as a shell reads them, as far as a reader may: nothing is executed.

The text is parsed with tree-sitter-bash (https://github.com/tree-sitter/tree-sitter-bash). Assignments, arrays, arithmetic,
functions, counted loops and conditions on known values are followed; where a condition depends on what only the machine
knows, every branch is followed, and a variable that they set differently stays open. An open part of a word keeps its
``$NAME``.
"""

from __future__ import annotations

import fnmatch
import re
from functools import cache
from typing import Final

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from mitsumori.model.formats.arithmetic import settled
from mitsumori.model.formats.imported import NamedRefusal
from mitsumori.model.formats.shell_conditions import holds
from mitsumori.model.formats.shell_words import LONGEST, Script, Value, Words

_STEPS: Final = 40_000
_DEEPEST: Final = 60
_LEAVES: Final = {
    "word",
    "string_content",
    "number",
    "variable_name",
    "extglob_pattern",
    "test_operator",
    "special_variable_name",
    "regex",
}
_BODIES: Final = {"program", "pipeline", "subshell", "compound_statement", "redirected_statement", "do_group",
                  "negated_command"}  # fmt: skip


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def script_of(text: str, known: dict[str, str] | None = None) -> Script:
    """Follow a script.

    Parameters
    ----------
    text
        The script, or a part of a command line.
    known
        Variables that the environment sets (``SLURM_NNODES`` of the header).
    """
    # a comment is never continued: tree-sitter agrees, and only joins other lines; but it lets a comment in backticks
    # (``--x 1 `# note` \``) run to the end of the line, where the shell ends it at the second backtick
    source = re.sub(r"`[ \t]*#[^`\n]*`", "", text).encode("utf-8", "surrogatepass")
    walk = _Walk(source, Script(variables=dict(known or {})))
    try:
        walk.run(_parser().parse(source).root_node, 0)
    except RecursionError:
        raise NamedRefusal("script_too_deep") from None
    return walk.script


class _Walk(Words):
    """One pass over the tree."""

    def __init__(self, source: bytes, script: Script) -> None:
        super().__init__(source, script)
        self.steps = 0

    def run(self, node: Node, depth: int) -> None:
        """Follow a statement."""
        self.steps += 1
        if self.steps > _STEPS or depth > _DEEPEST:
            return
        kind = node.type
        if kind == "variable_assignment":
            if option := self._option(node):
                self.script.commands.append(option)
            else:
                self._assign(node)
        elif kind == "command":
            self._command(node, depth)
        elif kind == "redirected_statement" and (given := self.heredoc(node)) is not None:
            self._given(node, given, depth)
        elif kind in ("declaration_command", "variable_assignments"):
            for child in node.named_children:
                if child.type == "variable_assignment":
                    self._assign(child)
        elif kind == "if_statement":
            self._if(node, depth)
        elif kind == "case_statement":
            self._case(node, depth)
        elif kind == "compound_statement" and self.text(node).startswith("(("):
            self._set(re.sub(r"^\(\(|\)\)$", "", self.text(node)))
        elif kind in ("for_statement", "c_style_for_statement"):
            self._for(node, depth)
        elif kind == "while_statement":
            self._branches([[child for child in node.named_children if child.type == "do_group"]], False, depth)
        elif kind == "list":
            self._chain(node, depth)
        elif kind == "function_definition":
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name is not None and body is not None:
                self.functions[self.text(name)] = body
        elif kind in _BODIES or kind == "ERROR":
            loose: list[str] = []
            for child in node.named_children:
                if kind == "ERROR" and child.type in (*_LEAVES, "string", "raw_string", "concatenation", "expansion"):
                    loose += self.words(child)
                else:
                    self.run(child, depth + 1)
            if loose:
                self.script.commands.append(loose)

    def expanded(self, word: str) -> str | None:
        """The value of a word as the shell reads it; None where it is open."""
        if "$" not in word and "`" not in word:
            return re.sub(r"^([\"'])(.*)\1$", r"\2", word, flags=re.DOTALL)
        walk = Words(f": {word}".encode("utf-8", "surrogatepass"), self.script)
        command = _parser().parse(walk.source).root_node.named_children
        said = [walk.joined(part) for part in command[0].named_children[1:]] if command else []
        value = " ".join(said)
        return None if "$" in value or "`" in value else value

    def _option(self, node: Node) -> list[str]:
        """``--name=value`` without a program before it, which the grammar takes for an assignment."""
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or not self.text(name).startswith("-"):
            return []
        return [f"{self.text(name)}={'' if value is None else self.joined(value)}"]

    def _assign(self, node: Node) -> None:
        name_node, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name_node is None:
            return
        name = self.element(name_node) if name_node.type == "subscript" else self.text(name_node)
        new: Value
        if value is None:
            new = ""
        elif value.type == "array":
            new = [word for child in value.named_children if child.type != "comment" for word in self.words(child)]
            keyed = [found for word in new if (found := re.fullmatch(r"\[([^\]]+)\]=(.*)", word, re.DOTALL))]
            if new and len(keyed) == len(new):  # an associative array: each entry is a variable ``NAME[key]``
                self.script.variables.update({f"{name}[{entry.group(1)}]": entry.group(2) for entry in keyed})
                return
        else:
            new = self.joined(value)
        if any(child.type == "+=" for child in node.children):
            old = self.script.variables.get(name, [] if isinstance(new, list) else "")
            if isinstance(old, list):
                new = old + (new if isinstance(new, list) else [new])
            elif isinstance(new, str):
                new = old + new
        if len(new) < LONGEST:
            self.script.variables[name] = new

    def _command(self, node: Node, depth: int) -> None:
        words: list[str] = []
        for child in node.named_children:
            if child.type == "variable_assignment":
                words += self._option(child)
                continue
            if child.type == "command_name":
                words += [word for part in child.named_children for word in self.words(part)]
            elif child.type not in ("file_redirect", "heredoc_redirect", "herestring_redirect", "comment"):
                words += self.words(child)
        if not words:
            return
        if words[0] in ("source", ".") and len(words) > 1:
            self.script.sourced.append(words[1])
        elif words[0] == "read" and (told := self.herestring(node)) is not None:
            names = [word for word in words[1:] if re.fullmatch(r"[A-Za-z_]\w*", word)]
            parts = told.split(None, len(names) - 1) if names else []
            self.script.variables.update(zip(names, parts, strict=False))
        elif words[0] == "let":
            for word in words[1:]:
                self._set(word)
        elif words[0] == "shift" and isinstance(passed := self.script.variables.get("@"), list):
            self._pass(passed[1:], len(passed))
        elif words[0] == "eval" and depth < 8:
            inner = " ".join(words[1:])
            if len(inner) < LONGEST:
                self._within(inner, depth)
        elif words[0] in self.functions and depth < 8:
            kept = {key: value for key, value in self.script.variables.items() if key.isdigit() or key == "@"}
            self._pass(words[1:], 0)
            self.run(self.functions[words[0]], depth + 1)
            for index in range(1, len(words)):
                self.script.variables.pop(str(index), None)
            self.script.variables.pop("@", None)
            self.script.variables.update(kept)
        else:
            self.script.commands.append(words)

    def _set(self, expression: str) -> None:
        """Set what an arithmetic expression sets; what is open becomes open."""
        plain = re.sub(r"\$\{(\w+)\}|\$(\w+)", lambda found: found.group(1) or found.group(2), expression)
        for name, value in settled(plain, self.number).items():
            if value is None:
                self.script.variables.pop(name, None)
            else:
                self.script.variables[name] = str(value)

    def _case(self, node: Node, depth: int) -> None:
        """Take the first pattern that a known word matches, else follow all."""
        items = [item for item in node.named_children if item.type == "case_item"]
        value = node.child_by_field_name("value")
        word = None if value is None else self.joined(value)
        branches, closed = [], False
        for item in items:
            patterns = item.children_by_field_name("value")
            body = [child for child in item.named_children if child not in patterns]
            texts = [self.joined(pattern) for pattern in patterns]
            if word is not None and "$" not in word and not any("$" in text for text in texts):
                if any(fnmatch.fnmatchcase(word, text) for text in texts):
                    for part in body:
                        self.run(part, depth + 1)
                    return
                continue
            branches.append(body)
            closed = closed or "*" in texts
        if branches:
            self._branches(branches, closed, depth)

    def _given(self, node: Node, body: str, depth: int) -> None:
        """A statement with a heredoc: a variable that it fills, a script that it writes or hands to a shell, or neither."""
        whole = self.text(node).split("\n", 1)[0]
        command = next((child for child in node.named_children if child.type == "command"), None)
        words = [] if command is None else [word for child in command.named_children for word in self.words(child)]
        if words[:1] == ["read"] and re.fullmatch(r"[A-Za-z_]\w*", words[-1]):
            self.script.variables[words[-1]] = body.strip()
        elif words[:1] in (["sbatch"], ["bash"], ["sh"], ["qsub"], ["ssh"]) or (
            words[:1] == ["cat"] and re.search(r"\.(sh|sbatch|slurm|job|pbs|bash)\b|\|\s*(ba)?sh\b", whole)
        ):
            if depth < 8:
                self._within(body, depth)
        elif command is not None:
            self._command(command, depth)

    def _within(self, text: str, depth: int) -> None:
        """Follow a script within the script: what it sets stays inside."""
        known: dict[str, Value] = {key: value for key, value in self.script.variables.items() if isinstance(value, str)}
        walk = _Walk(text.encode("utf-8", "surrogatepass"), Script(variables=known))
        walk.run(_parser().parse(walk.source).root_node, depth + 1)
        self.script.commands += walk.script.commands

    def _pass(self, words: list[str], before: int) -> None:
        """Set the arguments of a function, ``$1`` to ``$N`` and ``$@``, over ``before`` former ones."""
        for index in range(1, before + 1):
            self.script.variables.pop(str(index), None)
        self.script.variables.update({str(index): word for index, word in enumerate(words, 1)})
        self.script.variables["@"] = words

    def _if(self, node: Node, depth: int) -> None:
        """Take the branch of a decided condition, else follow all."""
        groups: list[tuple[bool | None, list[Node]]] = []
        condition, body = self._parts(node, True)
        groups.append((self._holds(condition), body))
        closed = False
        for child in node.named_children:
            if child.type == "elif_clause":
                condition, body = self._parts(child, True)
                groups.append((self._holds(condition), body))
            elif child.type == "else_clause":
                groups.append((True, self._parts(child, False)[1]))
                closed = True
        open_branches: list[list[Node]] = []
        for truth, body in groups:
            if truth is False:
                continue
            open_branches.append(body)
            if truth:
                closed = True
                break
        else:
            closed = False
        if closed and len(open_branches) == 1:
            for part in open_branches[0]:
                self.run(part, depth + 1)
        elif open_branches:
            self._branches(open_branches, closed, depth)

    def _chain(self, node: Node, depth: int) -> bool | None:
        """Follow ``A && B`` and ``A || B``; the truth of the whole, None where it is open. Commands succeed."""
        left, right = node.named_children[0], node.named_children[-1]
        if left.type == "list":
            truth = self._chain(left, depth + 1) if depth < _DEEPEST else None
        elif left.type == "test_command" or self._asks(left):
            truth = self._holds(left)
        else:
            self.run(left, depth + 1)
            truth = True
        wanted = any(child.type == "&&" for child in node.children)
        if truth is None:
            self._branches([[right]], False, depth)
        elif truth is wanted:
            self.run(right, depth + 1)
            return True
        return truth

    def _parts(self, node: Node, conditional: bool) -> tuple[Node | None, list[Node]]:
        named = [child for child in node.named_children if child.type not in ("elif_clause", "else_clause", "comment")]
        return (named[0], named[1:]) if conditional and named else (None, named)

    def _asks(self, node: Node) -> bool:
        """Whether a statement only asks something: ``test``, ``(( A > 3 ))``, ``! [ ... ]``."""
        return bool(re.match(r"test\s|\(\((?!.*[^=!<>]=[^=])|!\s|\[|command\s|which\s|grep\s", self.text(node)))

    def _holds(self, condition: Node | None) -> bool | None:
        """Truth of a condition; None where it depends on what only the machine knows."""
        if condition is None:
            return None
        if condition.type == "negated_command":
            truth = self._holds(condition.named_children[-1]) if condition.named_children else None
            return None if truth is None else not truth
        if condition.type == "list":
            left, right = self._holds(condition.named_children[0]), self._holds(condition.named_children[-1])
            deciding = not any(child.type == "&&" for child in condition.children)
            return deciding if deciding in (left, right) else None if None in (left, right) else not deciding
        text = self.text(condition)
        if text in ("true", ":", "false"):
            return text != "false"
        if not re.match(r"\[|test\s|\(\(", text):
            return None
        return holds(text, self.expanded)

    def _branches(self, branches: list[list[Node]], closed: bool, depth: int) -> None:
        """Follow every branch from the same state and join what they set."""
        self.script.conditional = True
        before = dict(self.script.variables)
        ends: list[dict[str, Value]] = []
        for body in branches:
            self.script.variables = dict(before)
            for part in body:
                self.run(part, depth + 1)
            for name, value in list(
                self.script.variables.items()
            ):  # --tp) TP="$2": what a caller may give, else as before
                if isinstance(value, str) and re.fullmatch(r"\$\{?\d\}?", value) and name not in before:
                    del self.script.variables[name]
            ends.append(self.script.variables)
        if not closed:
            ends.append(before)
        joined: dict[str, Value] = {}
        for name in dict.fromkeys(name for end in ends for name in end):
            values: list[Value] = []
            for end in ends:
                if name in end and end[name] not in values:
                    values.append(end[name])
            longest = max(values, key=len)
            if len(values) == 1 or all(value == longest[: len(value)] and "--" in str(longest) for value in values):
                joined[name] = longest  # one branch adds arguments to the other's
            else:
                self.script.differing[name] = [" ".join(v) if isinstance(v, list) else v for v in values]
        self.script.variables = joined

    def _for(self, node: Node, depth: int) -> None:
        body = [child for child in node.named_children if child.type == "do_group"]
        variable = node.child_by_field_name("variable")
        if node.type == "c_style_for_statement" or variable is None:
            self._branches([body], False, depth)
            return
        items = [word for child in node.named_children if child not in (variable, *body) for word in self.words(child)]
        if any("$" in item for item in items) or len(items) > 2000:
            self._branches([body], False, depth)
            return
        name, before, first = self.text(variable), dict(self.script.variables), len(self.script.commands)
        started: list[list[list[str]]] = []
        for item in items:
            self.script.variables[name] = item
            start = len(self.script.commands)
            for part in body:
                self.run(part, depth + 1)
            started.append([words for words in self.script.commands[start:] if any("--" in word for word in words)])
        if any(commands != started[0] for commands in started[1:]):
            # A command for each item: which of them is meant is the user's to say, so what differs stays open.
            del self.script.commands[first:]
            self.script.variables = {key: value for key, value in before.items() if key != name}
            self.script.differing[name] = list(dict.fromkeys(items))
            for part in body:
                self.run(part, depth + 1)


__all__ = ["Script", "script_of"]
