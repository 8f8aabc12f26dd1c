"""What the columns of a file fill: which targets there are, a guess, and what is wrong.

A target is the name of a contact field or of an attribute (which never share a name),
"full_name", or "" for a column that is left out. Targets stand in the order of the columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail_salesforce.contacts import guess_words
from wagtail_salesforce.contacts.fields import WRITABLE
from wagtail_salesforce.contacts.guess import guess_fields
from wagtail_salesforce.contacts.names import FULL_NAME, NAME_FIELDS


EMAIL = "email"
FULL_NAME_LABEL = gettext_lazy("Full name, to be divided")


@dataclass(frozen=True)
class _Column:
    """A column as the guesser of form fields wants to see it."""

    clean_name: str
    label: str
    field_type: str = "singleline"


@dataclass(frozen=True)
class ColumnProblem:
    """What is wrong with a column, or with all of them when `column` is None."""

    column: int | None
    message: str


def field_labels() -> dict[str, str | Promise]:
    """The contact fields that a column may fill, with the full name among the names."""
    labels: dict[str, str | Promise] = {}
    for name, field in WRITABLE.items():
        if name == "first_name":
            labels[FULL_NAME] = FULL_NAME_LABEL
        labels[name] = field.label
    return labels


def guess_targets(header: Sequence[str], attributes: Mapping[str, str]) -> list[str]:
    """What each column probably fills. `attributes` are labels by name.

    Names and labels as this app writes them count most, such as in its own exports.
    """
    targets = [""] * len(header)
    known = _known_names(attributes)
    for index, heading in enumerate(header):
        target = known.get(heading.strip().casefold(), "")
        if target and target not in targets:
            targets[index] = target
    others = [_Column(str(i), text) for i, text in enumerate(header) if text and not targets[i]]
    for position, guess in guess_fields(others, attributes).items():
        found = guess.get("field") or guess.get("attribute") or FULL_NAME
        if found not in targets:
            targets[int(position)] = found
    return _with_full_name(header, targets)


def _known_names(attributes: Mapping[str, str]) -> dict[str, str]:
    known = {}
    for name, label in {**attributes, **field_labels()}.items():
        known[str(label).casefold()] = known[name] = name
    return known


def _with_full_name(header: Sequence[str], targets: list[str]) -> list[str]:
    """A column with whole names is guessed to be the last name; here it can be divided."""
    if "first_name" in targets or "last_name" not in targets:
        return targets
    index = targets.index("last_name")
    phrases = (phrase.strip(" =\n") for phrase in guess_words.WORDS["last_name"].split(","))
    if header[index].strip().casefold() in {
        "last_name",
        *phrases,
        str(WRITABLE["last_name"].label).casefold(),
    }:
        return targets
    return [FULL_NAME if target == "last_name" else target for target in targets]


def check_targets(targets: Sequence[str], attributes: Mapping[str, str]) -> Iterator[ColumnProblem]:
    """What must be mended before anything can be imported."""
    times = Counter(target for target in targets if target)
    for index, target in enumerate(targets):
        if target and target not in {*WRITABLE, FULL_NAME, *attributes}:
            yield ColumnProblem(index, _("There is no such field any more. Choose another."))
        elif times[target] > 1:
            message = _("Another column fills this too. Keep one of them and leave the other out.")
            yield ColumnProblem(index, message)
        elif target in NAME_FIELDS and times[FULL_NAME]:
            message = _("The full name fills this too. Leave one of the two columns out.")
            yield ColumnProblem(index, message)
    if not times[EMAIL]:
        message = _(
            "No column fills the e-mail address, by which contacts are recognised. Choose “E-mail” "
            "for the column that holds it."
        )
        yield ColumnProblem(None, message)
