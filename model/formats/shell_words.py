"""Words of a shell script, expanded as far as they are known: variables, arrays, arithmetic, substitutions, heredocs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Node

from mitsumori.model.formats.arithmetic import reckoned, sequence

Value = str | list[str]

LONGEST: Final = 200_000
"""Characters of a value; a longer one is not built."""


@dataclass(slots=True)
class Script:
    """What a script says.

    Attributes
    ----------
    commands
        Words of every command in order, expanded as far as they are known.
    variables
        Values at the end; a name that is not here is open.
    differing
        Variables that branches set differently, with their values.
    sourced
        Files that the script reads in and that are not here.
    conditional
        Whether a condition could not be decided.
    """

    commands: list[list[str]] = field(default_factory=list)
    variables: dict[str, Value] = field(default_factory=dict)
    differing: dict[str, list[str]] = field(default_factory=dict)
    sourced: list[str] = field(default_factory=list)
    conditional: bool = False

    def filled(self, text: str) -> str:
        """A text with ``$NAME`` and ``${NAME}`` replaced where they are known."""
        return re.sub(r"\$\{?(\w+)\}?", lambda found: self._flat(found.group(1), found.group(0)), text)

    def _flat(self, name: str, otherwise: str) -> str:
        value = self.variables.get(name)
        return otherwise if value is None or isinstance(value, list) else value


class Words:
    """The values of nodes of a script's tree."""

    def __init__(self, source: bytes, script: Script) -> None:
        self.source, self.script = source, script
        self.functions: dict[str, Node] = {}

    def text(self, node: Node) -> str:
        """A node as it stands in the script."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def heredoc(self, node: Node) -> str | None:
        """The text of a statement's heredoc, its variables replaced unless the delimiter is quoted; None without one."""
        redirect = next((child for child in node.named_children if child.type == "heredoc_redirect"), None)
        body = next(
            (child for child in (redirect.named_children if redirect else ()) if child.type == "heredoc_body"), None
        )
        if redirect is None or body is None or len(self.text(body)) > LONGEST:
            return None
        quoted = self.text(redirect.named_children[0])[:1] in "'\"\\"
        return (
            self.text(body) if quoted else self.script.filled(self.text(body)).replace("\\$", "$").replace("\\`", "`")
        )

    def herestring(self, command: Node) -> str | None:
        """The text behind ``<<<``; None where there is none or it is open."""
        found = next((child for child in command.named_children if child.type == "herestring_redirect"), None)
        said = "" if found is None else " ".join(self.joined(child) for child in found.named_children)
        return None if found is None or "$" in said else said

    def words(self, node: Node) -> list[str]:
        """A word of a command, split where the shell splits: unquoted variables, arrays, ``$(seq ...)``."""
        kind = node.type
        if kind in ("simple_expansion", "expansion"):
            value = self._expansion(node)
            return _split(value) if isinstance(value, str) else value
        if (
            kind == "string"
            and len(inner := node.named_children) == 1
            and inner[0].type in ("expansion", "simple_expansion")
        ):
            value = self._expansion(inner[0])
            if isinstance(value, list) and ("[@]" in self.text(inner[0]) or "@" in self.text(inner[0])):
                return value
        if kind == "command_substitution":
            return self._substitution(node)
        if kind == "brace_expression":
            found = re.fullmatch(r"\{(\d{1,6})\.\.(\d{1,6})\}", self.text(node))
            if found and int(found.group(2)) - int(found.group(1)) < 2000:
                return [str(number) for number in range(int(found.group(1)), int(found.group(2)) + 1)]
        if kind == "concatenation" and any(
            child.type in ("expansion", "simple_expansion") for child in node.named_children
        ):
            return _split(self.joined(node)) if "--" in self.joined(node) else [self.joined(node)]
        return [self.joined(node)]

    def joined(self, node: Node) -> str:
        """The value of a node as one string."""
        kind = node.type
        if kind in ("simple_expansion", "expansion"):
            value = self._expansion(node)
            return value if isinstance(value, str) else " ".join(value)
        if kind == "arithmetic_expansion":
            return self._arithmetic(node)
        if kind == "command_substitution":
            return " ".join(self._substitution(node))
        if kind == "raw_string":
            return self.text(node)[1:-1]
        if kind == "ansi_c_string":
            return self.text(node)[2:-1]
        if kind == "word":
            return re.sub(r"\\(\n?)(.?)", lambda found: "" if found.group(1) else found.group(2), self.text(node))
        if kind in ("string", "concatenation", "translated_string"):
            return self._between(node, quoted=kind == "string")
        return self.text(node)

    def _between(self, node: Node, quoted: bool) -> str:
        """Children with the text between them (spaces within quotation marks belong to no node)."""
        start, end = node.start_byte, node.end_byte
        if quoted:
            start, end = start + 1, end - 1
        parts: list[str] = []
        at = start
        for child in node.named_children:
            parts.append(self.source[at : child.start_byte].decode("utf-8", "replace"))
            parts.append(self.text(child) if child.type == "string_content" else self.joined(child))
            at = child.end_byte
        parts.append(self.source[at : max(at, end)].decode("utf-8", "replace"))
        result = "".join(parts).replace("\\\n", " ")
        return result.replace('\\"', '"') if quoted else result

    def element(self, subscript: Node) -> str:
        """The name ``NAME[key]`` of an element of an array, its key expanded."""
        name, *index = subscript.named_children
        return f"{self.text(name)}[{''.join(self.joined(part) for part in index)}]"

    def _value(self, name: str) -> Value | None:
        """The value of a variable or of an element of an array; None where it is open."""
        found = re.fullmatch(r"(\w+)\[(.*)\]", name, re.DOTALL)
        if found is None or found.group(2) in ("@", "*"):
            return self.script.variables.get(found.group(1) if found else name)
        if name in self.script.variables:
            return self.script.variables[name]
        whole, index = self.script.variables.get(found.group(1)), found.group(2)
        if isinstance(whole, list):
            return whole[int(index)] if re.fullmatch(r"\d{1,4}", index) and int(index) < len(whole) else None
        return whole if index == "0" else None

    def _expansion(self, node: Node) -> Value:
        text = self.text(node)
        if node.type == "simple_expansion":
            value = self.script.variables.get(text[1:])
            return text if value is None else value
        inner = [child for child in node.named_children if child.type not in ("variable_name", "subscript")]
        named = next((child for child in node.named_children if child not in inner), None)
        name = self.element(named) if named is not None and named.type == "subscript" else text.strip("${}")
        if named is not None and named.type == "variable_name":
            name = self.text(named)
        if (changed := self._changed(text)) is not None:
            return changed
        found = re.match(r"\$\{(?:\w+|[@*])(?:\[[^\]]*\])?(:?[-=+?]|\})", text)
        if found is None and not re.match(r"\$\{\d+(:?[-=+?]|\})", text):
            return text  # a length, a part, a replacement: open
        sign = (found.group(1) if found else "}").lstrip(":")
        value = self._value(name)
        if sign == "+":
            return text if value is None else "".join(self.joined(child) for child in inner) if value else ""
        if value is not None and (value or sign in "}?"):
            return value
        if sign not in "-=":
            return text
        otherwise = "".join(self.joined(child) for child in inner)
        if sign == "=":
            self.script.variables[name] = otherwise
        return otherwise

    def _changed(self, text: str) -> str | None:
        """``${A//X/Y}``, ``${A%X}``, ``${A#X}``, ``${A,,}``, ``${#A[@]}`` and their like, of a known value, plain patterns."""
        if found := re.fullmatch(r"\$\{#(\w+)(\[[@*]\])?\}", text):
            value = self.script.variables.get(found.group(1))
            counted = len(value) if isinstance(value, list) == bool(found.group(2)) and value is not None else None
            return None if counted is None else str(counted)
        found = re.fullmatch(r"\$\{(\w+)(//?|%%?|##?|,,?|\^\^?)([\w.,:_ -]*)(?:/([\w.,:_ -]*))?\}", text)
        value = self.script.variables.get(found.group(1)) if found else None
        if found is None or not isinstance(value, str) or "$" in value:
            return None
        sign, pattern, instead = found.group(2), found.group(3), found.group(4) or ""
        if sign[0] == "/":
            return value.replace(pattern, instead, -1 if sign == "//" else 1) if pattern else value
        if sign[0] in "%#":
            return value.removesuffix(pattern) if sign[0] == "%" else value.removeprefix(pattern)
        return value.lower() if sign == ",," else value.upper() if sign == "^^" else None

    def _spoken(self, node: Node) -> str | None:
        """What ``cat`` with a heredoc prints, or a function that does nothing else; None for any other statement."""
        if node.type == "command" and (body := self.functions.get(self.text(node))) is not None:
            node = body.named_children[0] if len(body.named_children) == 1 else node
        if node.type == "redirected_statement" and re.match(r"cat\s+<<", self.text(node)):
            return self.heredoc(node)
        return None

    def number(self, name: str) -> str | None:
        """The text of a variable in arithmetic, where its name stands without ``$``; None where it is open."""
        value = self._value(name)
        return value if isinstance(value, str) and "$" not in value else None

    def _arithmetic(self, node: Node) -> str:
        text = self.text(node)
        parts: list[str] = []
        at = node.start_byte
        stack = list(reversed(node.named_children))
        while stack:  # what stands with a dollar sign is expanded first, names alone by the arithmetic
            child = stack.pop()
            if child.type in ("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"):
                parts += [self.source[at : child.start_byte].decode("utf-8", "replace"), self.joined(child)]
                at = child.end_byte
            else:
                stack.extend(reversed(child.named_children))
        parts.append(self.source[at : node.end_byte].decode("utf-8", "replace"))
        inner = re.sub(r"^\$\(\(|\)\)$|^\$\[|\]$", "", "".join(parts))
        result = None if "$" in inner else reckoned(inner, self.number)
        return text if result is None else str(result)

    def _substitution(self, node: Node) -> list[str]:
        spoken = self._spoken(node.named_children[0]) if len(node.named_children) == 1 else None
        if spoken is not None:
            return _split(spoken)
        inner = [child for child in node.named_children if child.type == "command"]
        if len(inner) == 1 and len(node.named_children) == 1 and inner[0].named_children:
            program = self.text(inner[0].named_children[0])
            said = [word for child in inner[0].named_children[1:] for word in self.words(child)]
            if program == "seq" and (numbers := sequence(said)) is not None:
                return numbers
            if program == "echo":
                return said
            if program == "expr" and (result := reckoned(" ".join(said))) is not None:
                return [str(result)]
        return [self.text(node)]


def _split(text: str) -> list[str]:
    """Word splitting of an unquoted variable; an open part stays whole."""
    return [text] if text.startswith(("$(", "${")) and "--" not in text else text.split()
