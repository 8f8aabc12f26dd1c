"""What rules can test of a contact or an activity: the names, the types and the tests to choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.contacts.countries import country_code
from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.contacts.models import Attribute, ContactStatus
from wagtail_salesforce.contacts.values import to_json, to_python
from wagtail_salesforce.scoring.models import Rule
from wagtail_salesforce.scoring.tests import TESTS, FieldTest, Takes


#: Types that share their tests. A test is chosen as "family:test", because "greater" means more
#: for numbers and later for dates. A type that is not named here is a family of its own.
FAMILY_OF = {
    "text": "text",
    "long_text": "text",
    "integer": "number",
    "decimal": "number",
    "float": "number",
    "date": "date",
    "datetime": "date",
}
FAMILY_LABELS: dict[str, str | Promise] = {
    "text": gettext_lazy("Text"),
    "number": gettext_lazy("Numbers"),
    "date": gettext_lazy("Dates"),
    "boolean": gettext_lazy("Yes or no"),
    "choice": gettext_lazy("Choices"),
}
#: Tests that compare with a country as a whole, so that it may be entered by its name.
WHOLE_TEXT = ("equals", "not_equals", "in_list")


def family_of(kind: FieldType) -> str:
    """The family of a type."""
    return FAMILY_OF.get(kind.value, kind.value)


def tests_of(family: str) -> dict[str, FieldTest]:
    """The tests of all types of a family by name."""
    kinds = [kind for kind in FieldType if family_of(kind) == family]
    return {name: test for kind in kinds for name, test in TESTS[kind].items()}


@dataclass(frozen=True)
class Subjects:
    """Everything that a rule can test of a contact; subjects are "field:name" or "attribute:name".

    `choices` are the values of those subjects that have a fixed set of them.
    """

    kinds: Mapping[str, FieldType]
    attributes: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Subjects:
        """Read in two statements."""
        attributes = list(Attribute.objects.all())
        kinds = {f"field:{name}": known.type for name, known in FIELDS.items()}
        kinds |= {f"attribute:{item.name}": FieldType(item.type) for item in attributes}
        choices = {f"attribute:{item.name}": item.choices.splitlines() for item in attributes}
        choices["field:status"] = list(ContactStatus.objects.values_list("name", flat=True))
        labels = {f"attribute:{item.name}": item.label for item in attributes}
        return cls(kinds, labels, {name: lines for name, lines in choices.items() if lines})

    @property
    def types(self) -> dict[str, FieldType]:
        """The types of the attributes by name, as rules are compiled with them."""
        return {name.partition(":")[2]: self.kinds[name] for name in self.attributes}

    def options(self) -> list[Any]:
        """The choices of a select, in groups."""
        fields = [(f"field:{name}", known.label) for name, known in FIELDS.items()]
        groups: list[Any] = [("", _("Choose…")), (_("Contact fields"), fields)]
        return [*groups, (_("Attributes"), list(self.attributes.items()))][
            : 2 + bool(self.attributes)
        ]

    def option_data(self) -> dict[str, dict[str, str]]:
        """What the page's script knows of each option."""
        return {name: {"data-kind": kind.value} for name, kind in self.kinds.items()}


def test_options(kinds: Iterable[FieldType] = tuple(FieldType)) -> list[Any]:
    """The choices of a select of tests for these types, in groups by family."""
    families = dict.fromkeys(family_of(kind) for kind in kinds)
    return [
        (
            FAMILY_LABELS.get(family, family),
            [(f"{family}:{name}", test.label) for name, test in tests_of(family).items()],
        )
        for family in families
    ]


def test_data() -> dict[str, dict[str, str]]:
    """What the page's script knows of each test: the types it is for, and what it takes."""
    data: dict[str, dict[str, str]] = {}
    for kind in FieldType:
        for name, test in TESTS[kind].items():
            entry = data.setdefault(
                f"{family_of(kind)}:{name}", {"data-kinds": "", "data-takes": test.takes.value}
            )
            entry["data-kinds"] = f"{entry['data-kinds']} {kind.value}".strip()
    return data


def takes(kind: FieldType, test: str) -> Takes | None:
    """How many values a test takes; None when the type has no such test."""
    found = TESTS[kind].get(test)
    return found.takes if found else None


def operands(subject: str, kind: FieldType, test: str, text: str) -> list[str]:
    """The values that were entered, one a line, in the form that rules keep.

    Countries are stored by their codes, moments in UTC; people write names and local times.
    """
    if takes(kind, test) is Takes.NONE:
        return []
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if subject == f"{Rule.Source.FIELD}:country" and test in WHOLE_TEXT:
        return [country_code(line) or line for line in lines]
    return [_moment(line) for line in lines] if kind is FieldType.DATETIME else lines


def _moment(line: str) -> str:
    """In UTC, so that it means the same to everybody; what is no moment is complained of later."""
    try:
        return str(to_json(line, FieldType.DATETIME))
    except ValueError:
        return line


def shown(kind: FieldType | None, text: str) -> str:
    """Stored values, one a line, as people read and write them."""
    if kind is not FieldType.DATETIME:
        return text
    return "\n".join(_local(line) for line in text.splitlines())


def _local(line: str) -> str:
    try:
        moment = to_python(line, FieldType.DATETIME)
    except ValueError:
        return line
    return localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""
