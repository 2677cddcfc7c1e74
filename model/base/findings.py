"""Findings and their remedies: what the user should know of a plan, and the click that mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

from mitsumori.model.base.messages import Sentence

Severity = Literal["bad", "warn", "ask", "info"]
"""``bad``: the plan is impossible; ``warn``: possible with a risk; ``ask``: an input is missing; ``info``: a suggestion."""


Subject = Literal[
    "memory", "training", "deadline", "facility", "network", "cost", "price", "serving", "override", "plan"
]
"""What a finding is about; every code of a finding begins with its subject."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One click that mends or improves: plan paths and the values to set."""

    code: str
    set: Mapping[str, object]
    params: Mapping[str, object] = default(default_factory=dict)
    recommended: bool = False
    gives: str = ""
    """Code of the text that says what it gives, where that belongs to its label."""

    @property
    def sentence(self) -> Sentence:
        """What it does."""
        return Sentence("findings", self.code, self.params)

    def name(self, language: str) -> str:
        """What it does, in a language."""
        return self.sentence.text(language)

    def label(self, language: str) -> str:
        """What the button says: what it does, and what it gives."""
        if not self.gives:
            return self.name(language)
        given = Sentence("findings", self.gives, self.params)
        return Sentence("findings", "remedy_gives", {"name": self.sentence, "given": given}).text(language)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the user should know, with the guilty field and remedies. Texts: ``resources/messages/findings.toml``."""

    code: str
    severity: Severity
    field: str = ""
    params: Mapping[str, object] = default(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()

    @property
    def subject(self) -> Subject:
        """What it is about."""
        first: Any = self.code.split("_", 1)[0]
        subject: Subject = first
        return subject

    @property
    def sentence(self) -> Sentence:
        """What it says."""
        return Sentence("findings", self.code, self.params)

    def message(self, language: str) -> str:
        """The finding as one sentence in a language."""
        return self.sentence.text(language)
