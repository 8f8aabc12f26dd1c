"""Two editors save one mapping: what the second one is told."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from dataclasses import dataclass

from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from wagtail_salesforce.admin.mapping_rows import NOT_MAPPED, Chosen
from wagtail_salesforce.mapping.choices import CONSTANT, from_token, label_of, to_token
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.mapping.structure import structure_problems
from wagtail_salesforce.salesforce.describe import ObjectDescribe


Difference = tuple[str, str, str]


@dataclass(frozen=True)
class Conflict:
    """What is saved meanwhile. `differences` are (what, the saved words, the words sent)."""

    saved: Mapping
    differences: list[Difference]

    @property
    def revision(self) -> int:
        return int(self.saved.revision)

    @property
    def url(self) -> str:
        viewset = Mapping.snippet_viewset  # type: ignore[attr-defined]
        return reverse(viewset.get_url_name("edit"), args=[quote(self.saved.pk)])


def stored_rows(mapping: Mapping) -> dict[str, Chosen]:
    """Token and constant by Lead field; none for a mapping that is not to be understood."""
    if structure_problems(mapping.fields):
        return {}
    return {name: to_token(entry) for name, entry in mapping.fields.items()}


def compare(
    saved: Mapping,
    sent: Mapped[str, str],
    rows: Mapped[str, Chosen],
    describe: ObjectDescribe,
    attribute_labels: Mapped[str, str],
) -> Conflict:
    """Hold what was sent (`sent` has the plain fields by name) against what is saved."""
    found = [
        *_plain(_("Name"), saved.name, sent.get("name", "")),
        *_plain(
            _("External identifier"), saved.external_id_field, sent.get("external_id_field", "")
        ),
    ]
    theirs = stored_rows(saved)
    for name in {**theirs, **rows}:
        pair = theirs.get(name, NOT_MAPPED), rows.get(name, NOT_MAPPED)
        field = describe.fields.get(name)
        words = (_words(each, attribute_labels) for each in pair)
        found += _plain(field.label if field else name, *words)
    return Conflict(saved, found)


def _plain(what: str | Promise, theirs: str, mine: str) -> list[Difference]:
    return [] if theirs == mine else [(str(what), theirs, mine)]


def _words(chosen: Chosen, attribute_labels: Mapped[str, str]) -> str:
    token, constant = chosen
    if not token or token == CONSTANT:
        return constant if token else ""
    try:
        return label_of(from_token(token), attribute_labels)
    except (ValueError, KeyError):
        return token
