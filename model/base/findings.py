"""Findings and their remedies: what the user should know of a plan, and the click that mends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

from mitsumori.model.base.messages import text

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
    set: Mapping[str, Any]
    params: Mapping[str, Any] = default(default_factory=dict)
    recommended: bool = False
    gives: str = ""
    """Code of the text that says what it gives, where that belongs to its label."""

    def name(self, language: str) -> str:
        """What it does."""
        return text("findings", self.code, language, **self.params)

    def label(self, language: str) -> str:
        """What the button says: what it does, and what it gives."""
        if not self.gives:
            return self.name(language)
        given = text("findings", self.gives, language, **self.params)
        return text("findings", "remedy_gives", language, name=self.name(language), given=given)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the user should know, with the guilty field and remedies. Texts: ``resources/messages/findings.toml``."""

    code: str
    severity: Severity
    field: str = ""
    params: Mapping[str, Any] = default(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()

    @property
    def subject(self) -> Subject:
        """What it is about."""
        first: Any = self.code.split("_", 1)[0]
        subject: Subject = first
        return subject

    @property
    def about_the_hall(self) -> bool:
        """Whether it is about racks, power, cooling or their network."""
        return self.subject in ("facility", "network")

    def message(self, language: str) -> str:
        """The finding as one sentence."""
        return text("findings", self.code, language, **self.params)
