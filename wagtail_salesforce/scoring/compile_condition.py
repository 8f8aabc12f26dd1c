"""Reads conditions as they are stored, and finds everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.exceptions import Problem
from wagtail_salesforce.scoring.checks import Check, check_of
from wagtail_salesforce.scoring.comparisons import DEEPEST, comparison_of
from wagtail_salesforce.scoring.conditions import Comparison, Condition, Group
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.tests import TESTS


AttributeTypes = Mapping[str, FieldType]


@dataclass
class ConditionReader:
    """Reads the conditions of one rule; `problems` fills up on the way."""

    types: AttributeTypes
    problems: list[Problem] = field(default_factory=list)

    def complain(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def condition_of(self, rule: Rule) -> Condition | None:
        if rule.kind == Rule.Kind.CONDITION:
            return self._condition("condition", rule.condition, 1)
        if rule.kind == Rule.Kind.ATTRIBUTE:
            return self._comparison("", comparison_of(rule))
        self.complain("kind", one_of(*Rule.Kind.values))
        return None

    def _condition(self, path: str, raw: Any, depth: int) -> Condition | None:
        if not isinstance(raw, dict):
            self.complain(path, _("Give an object with a test, or with all or any."))
        elif depth > DEEPEST:
            self.complain(path, _("Nest conditions at most 10 levels deep."))
        elif "all" in raw or "any" in raw:
            return self._group(path, raw, depth)
        elif depth == 1:
            self.complain(path, _("Begin the condition with all or any."))
        else:
            return self._comparison(path, raw)
        return None

    def _group(self, path: str, raw: dict[str, Any], depth: int) -> Group | None:
        key = "all" if "all" in raw else "any"
        parts = raw[key]
        if len(raw) > 1:
            self.complain(path, _("Give either all or any, and nothing beside it."))
        elif not isinstance(parts, list) or not parts:
            self.complain(f"{path}.{key}", _("Give a list of one condition or more."))
        else:
            paths = (f"{path}.{key}[{number}]" for number in range(len(parts)))
            made = [
                self._condition(at, part, depth + 1) for at, part in zip(paths, parts, strict=True)
            ]
            return Group(key == "all", tuple(part for part in made if part is not None))
        return None

    def _comparison(self, path: str, raw: dict[str, Any]) -> Comparison | None:
        for key in raw.keys() - {"source", "field", "test", "value"}:
            self.complain(_join(path, str(key)), one_of("source", "field", "test", "value"))
        source, name = raw.get("source", "field"), raw.get("field")
        if source not in Rule.Source.values:
            self.complain(_join(path, "source"), one_of(*Rule.Source.values))
            return None
        kind = self._type_of(source, name)
        if kind is None:
            self.complain(_join(path, "field"), _unknown(source))
            return None
        check = self.check(path, kind, {key: raw.get(key) for key in ("test", "value")})
        return None if check is None else Comparison(source, str(name), check)

    def _type_of(self, source: str, name: Any) -> FieldType | None:
        if not isinstance(name, str):
            return None
        if source == Rule.Source.ATTRIBUTE:
            return self.types.get(name)
        return FIELDS[name].type if name in FIELDS else None

    def check(self, path: str, kind: FieldType, raw: Any) -> Check | None:
        if not isinstance(raw, dict) or raw.keys() - {"test", "value"}:
            self.complain(path, _("Give an object with a test and a value."))
            return None
        name = raw.get("test") or ""
        try:
            return check_of(kind, name, raw.get("value"))
        except ValueError as error:
            known = isinstance(name, str) and name in TESTS[kind]
            self.complain(_join(path, "value" if known else "test"), str(error))
            return None


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def one_of(*names: str) -> str:
    return _("Use one of: %(names)s.") % {"names": ", ".join(names)}


def _unknown(source: str) -> str:
    if source == Rule.Source.ATTRIBUTE:
        return _("Choose an attribute that exists.")
    return _("Choose a contact field. They are: %(names)s.") % {"names": ", ".join(FIELDS)}
