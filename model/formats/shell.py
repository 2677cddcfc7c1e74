"""Shell scripts as a shell reads them, as far as a reader may: nothing is executed.

The text is parsed with tree-sitter-bash (https://github.com/tree-sitter/tree-sitter-bash). Assignments, arrays, arithmetic,
functions, counted loops and conditions on known values are followed; where a condition depends on what only the machine
knows, every branch is followed, and a variable that they set differently stays open. An open part of a word keeps its
``$NAME``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from mitsumori.model.formats.arithmetic import reckoned
from mitsumori.model.formats.imported import NamedRefusal

Value = str | list[str]

_STEPS: Final = 40_000
_LONGEST: Final = 200_000
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


class _Walk:
    """One pass over the tree."""

    def __init__(self, source: bytes, script: Script) -> None:
        self.source, self.script, self.steps = source, script, 0
        self.functions: dict[str, Node] = {}

    def text(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

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
        elif kind in ("declaration_command", "variable_assignments"):
            for child in node.named_children:
                if child.type == "variable_assignment":
                    self._assign(child)
        elif kind == "if_statement":
            self._if(node, depth)
        elif kind == "case_statement":
            branches = [list(item.named_children[1:]) for item in node.named_children if item.type == "case_item"]
            self._branches(branches, True, depth)
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
        name = self._element(name_node) if name_node.type == "subscript" else self.text(name_node)
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
        if len(new) < _LONGEST:
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
        elif words[0] == "shift" and isinstance(passed := self.script.variables.get("@"), list):
            self._pass(passed[1:], len(passed))
        elif words[0] == "eval" and depth < 8:
            inner = " ".join(words[1:])
            if len(inner) < _LONGEST:
                known = {name: value for name, value in self.script.variables.items() if isinstance(value, str)}
                walk = _Walk(inner.encode("utf-8", "surrogatepass"), Script(variables=dict(known)))
                walk.run(_parser().parse(walk.source).root_node, depth + 1)
                self.script.commands += walk.script.commands
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
        elif left.type == "test_command":
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

    def _holds(self, condition: Node | None) -> bool | None:
        """Truth of ``[ A = B ]`` and of number comparisons; None where a side is open."""
        if condition is None or condition.type not in ("test_command", "command"):
            return None
        words = re.sub(r"^\[\[?|\]\]?$", "", self.text(condition).strip()).strip()
        if (found := re.fullmatch(r"""-([nz])\s+"?(\$\{?\w+\}?)"?""", words)) is not None:
            filled = self.script.filled(found.group(2))
            return None if "$" in filled else bool(filled) is (found.group(1) == "n")
        found = re.fullmatch(r"""(\S+)\s+(==?|!=|-eq|-ne|-lt|-le|-gt|-ge)\s+(\S+)""", words)
        if found is None:
            return None
        left, right = (self.script.filled(found.group(index).strip("\"'")) for index in (1, 3))
        if "$" in left + right or "*" in right:
            return None
        sign = found.group(2)
        if sign in ("=", "==", "!="):
            return (left == right) is (sign != "!=")
        try:
            difference = int(left) - int(right)
        except ValueError:
            return None
        return {"-eq": difference == 0, "-ne": difference != 0, "-lt": difference < 0, "-le": difference <= 0,
                "-gt": difference > 0, "-ge": difference >= 0}[sign]  # fmt: skip

    def _branches(self, branches: list[list[Node]], closed: bool, depth: int) -> None:
        """Follow every branch from the same state and join what they set."""
        self.script.conditional = True
        before = dict(self.script.variables)
        ends: list[dict[str, Value]] = []
        for body in branches:
            self.script.variables = dict(before)
            for part in body:
                self.run(part, depth + 1)
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

    def _element(self, subscript: Node) -> str:
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
        name = self._element(named) if named is not None and named.type == "subscript" else text.strip("${}")
        if named is not None and named.type == "variable_name":
            name = self.text(named)
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

    def _arithmetic(self, node: Node) -> str:
        text = self.text(node)
        inner = re.sub(r"\$\(\(|\)\)$", "", text, count=2)
        filled = re.sub(r"\$?\{?\b([A-Za-z_]\w*)\b\}?", lambda found: self.script.filled("$" + found.group(1)), inner)
        result = reckoned(filled)
        return text if result is None else str(result)

    def _substitution(self, node: Node) -> list[str]:
        inner = [child for child in node.named_children if child.type == "command"]
        if len(inner) == 1 and len(node.named_children) == 1:
            parts = [word for child in inner[0].named_children for word in self.words(child)]
            parts = [word for word in parts if word]
            numbers = parts[1:]
            if inner[0].named_children and self.text(inner[0].named_children[0]) == "seq":
                numbers = [word for child in inner[0].named_children[1:] for word in self.words(child)]
                if 1 <= len(numbers) <= 3 and all(re.fullmatch(r"-?\d{1,6}", number) for number in numbers):
                    values = [int(number) for number in numbers]
                    first, step, last = (1, 1, values[0]) if len(values) == 1 else (
                        (values[0], 1, values[1]) if len(values) == 2 else (values[0], values[1] or 1, values[2]))  # fmt: skip
                    if abs(last - first) // abs(step) < 2000:
                        return [str(number) for number in range(first, last + (1 if step > 0 else -1), step)]
            elif self.text(inner[0].named_children[0]) in ("echo", "expr"):
                said = [word for child in inner[0].named_children[1:] for word in self.words(child)]
                if self.text(inner[0].named_children[0]) == "echo":
                    return said
                result = reckoned(" ".join(said))
                return [self.text(node)] if result is None else [str(result)]
        return [self.text(node)]


def _split(text: str) -> list[str]:
    """Word splitting of an unquoted variable; an open part stays whole."""
    return [text] if text.startswith(("$(", "${")) and "--" not in text else text.split()
