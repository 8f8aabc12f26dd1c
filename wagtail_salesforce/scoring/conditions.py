"""Conditions on a contact's fields and attributes, as pure values."""

from __future__ import annotations

from dataclasses import dataclass

from wagtail_salesforce.scoring.checks import Check
from wagtail_salesforce.scoring.facts import ContactFacts


@dataclass(frozen=True, slots=True)
class Comparison:
    """A test of a contact field or of an attribute."""

    source: str
    name: str
    check: Check

    def holds(self, facts: ContactFacts) -> bool:
        values = facts.fields if self.source == "field" else facts.attributes
        return self.check.holds(values.get(self.name))


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions, of which all or any must hold."""

    every: bool
    parts: tuple[Condition, ...]

    def holds(self, facts: ContactFacts) -> bool:
        return (all if self.every else any)(part.holds(facts) for part in self.parts)


Condition = Comparison | Group
