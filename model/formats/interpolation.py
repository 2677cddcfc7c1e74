"""References between the values of a settings file, as OmegaConf writes them: ``${a.b}``, ``${.b}``, ``${multiply:4, ${.b}}``.

Syntax: https://omegaconf.readthedocs.io (variable interpolation; a leading dot is the mapping of the reference itself, each
further dot one level up); ``multiply``, ``divide`` and ``sum`` are the resolvers that NeMo registers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mitsumori.model.formats.arithmetic import reckoned

_INNERMOST: Final = re.compile(r"\$\{([^${}]{1,200})\}")
_SIGNS: Final = {"multiply": "*", "divide": "/", "sum": "+"}
_DEEPEST: Final = 12
_LONGEST: Final = 500


def resolved(flat: Mapping[str, object]) -> dict[str, object]:
    """Dotted keys with the references in their values replaced as far as the file says them.

    Parameters
    ----------
    flat
        Values by dotted key (:func:`model.formats.reading.flattened`). What only the machine knows (``${oc.env:X}``) stays.
    """
    walk = _Walk(flat)
    return {path: walk.value(path, 0) for path in flat}


class _Walk:
    """Each value is worked out once, so that chains and circles of references cost no more than their number."""

    def __init__(self, flat: Mapping[str, object]) -> None:
        self.flat = flat
        self.known: dict[str, object] = {}

    def value(self, path: str, depth: int) -> object:
        """The value of a key; as it is written where a reference in it is open or goes in a circle."""
        written = self.flat[path]
        if not isinstance(written, str) or "${" not in written or len(written) > _LONGEST or depth > _DEEPEST:
            return written
        if path not in self.known:
            self.known[path] = written  # for a circle
            self.known[path] = self._filled(written, path, depth)
        return self.known[path]

    def _filled(self, written: str, path: str, depth: int) -> object:
        text = written
        for _ in range(_DEEPEST):
            whole = _INNERMOST.fullmatch(text.strip())
            if whole is not None:
                meant = self._meant(whole.group(1), path, depth)
                return written if meant is None or "${" in str(meant) else meant
            filled = _INNERMOST.sub(lambda found: self._text(found, path, depth), text)
            if filled == text or len(filled) > _LONGEST:
                return written
            text = filled
            if "${" not in text:
                return text
        return written

    def _text(self, found: re.Match[str], path: str, depth: int) -> str:
        meant = self._meant(found.group(1), path, depth)
        return found.group(0) if meant is None or "${" in str(meant) else str(meant)

    def _meant(self, reference: str, path: str, depth: int) -> object:
        """What stands between the braces; None where it is open."""
        name, colon, rest = reference.partition(":")
        if colon and name in _SIGNS:
            parts = [part.strip() for part in rest.split(",")]
            whole = all(re.fullmatch(r"-?\d{1,15}", part) for part in parts)
            return reckoned(f" {_SIGNS[name]} ".join(parts)) if whole else None
        if colon:
            default = rest.partition(",")[2].strip() if name in ("oc.env", "oc.select") else ""
            return (int(default) if re.fullmatch(r"-?\d{1,15}", default) else default) or None
        key = reference.lstrip(".")
        dots = len(reference) - len(key)
        if dots:
            key = ".".join([*path.split(".")[:-dots], key])
        return self.value(key, depth + 1) if key in self.flat else None
