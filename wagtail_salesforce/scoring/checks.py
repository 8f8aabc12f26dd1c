"""A test with its operands, read once, so that a million contacts are tested without reading them
again. Operands are kept as text, one value per line, or as JSON (a value or a list).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.values import to_json, to_python
from wagtail_salesforce.scoring.tests import TESTS, TEXTS, FieldTest, Operands, Takes, fold


MOST_OPERANDS = 1000


@dataclass(frozen=True)
class Check:
    """A test with its operands, ready to be put to values of its type in their Python form."""

    test: FieldTest
    kind: FieldType
    operands: Operands
    words: tuple[str, ...]

    def holds(self, value: Any) -> bool:
        return self.test.holds(_prepared(value, self.kind), self.operands)


def check_of(kind: FieldType, name: Any, raw: Any) -> Check:
    """The check of this test name for this type with operands as text or JSON.

    Raises ValueError with a sentence that names the cure.
    """
    test = TESTS[kind].get(name) if isinstance(name, str) else None
    if test is None:
        names = ", ".join(TESTS[kind])
        raise ValueError(_("Choose a test that fits the type: %(names)s.") % {"names": names})
    given = [to_python(item, kind) for item in _as_list(raw, test.takes)]
    operands = tuple(item for item in given if item is not None)
    _count(test, operands)
    words = tuple(str(to_json(item, kind)) for item in operands)
    return Check(test, kind, tuple(_prepared(item, kind) for item in operands), words)


def value_text(raw: Any) -> str:
    """Operands given as JSON in the form that `Rule.value` keeps: one value per line."""
    if raw is None:
        return ""
    if isinstance(raw, (list, tuple)):
        return "\n".join(value_text(item) for item in raw)
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def _as_list(raw: Any, takes: Takes) -> list[Any]:
    if takes is Takes.NONE:
        return [] if raw in ("", None, []) else [raw]
    if isinstance(raw, str) and takes is not Takes.ONE:
        raw = raw.splitlines()
    return list(raw) if isinstance(raw, (list, tuple)) else [raw]


def _count(test: FieldTest, operands: Operands) -> None:
    if test.takes is Takes.NONE and operands:
        raise ValueError(_("This test compares with nothing. Leave the value empty."))
    if test.takes is Takes.ONE and len(operands) != 1:
        raise ValueError(_("Give one value to compare with."))
    if test.takes is Takes.TWO and (len(operands) != 2 or operands[0] > operands[1]):
        raise ValueError(_("Give two values, the lower one first, each on a line of its own."))
    if test.takes is Takes.MANY and not 1 <= len(operands) <= MOST_OPERANDS:
        raise ValueError(_("Give one value or more (at most 1,000), each on a line of its own."))


def _prepared(value: Any, kind: FieldType) -> Any:
    if kind in TEXTS:
        return fold(value) or None if value else None
    return value
