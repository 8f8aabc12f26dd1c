"""What refers to a contact status by its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.contacts.choices import folded
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.comparisons import comparisons
from wagtail_salesforce.scoring.models import Rule


def uses(name: str) -> list[str]:
    """What refers to the status, as phrases for a list. Counts the contacts."""
    return [*_contacts(name), *_rules(name)]


def in_use(name: str) -> bool:
    """Whether anything refers to the status; quicker than `uses`."""
    return Contact.objects.filter(status=name).exists() or any(_rules(name))


def _contacts(name: str) -> Iterator[str]:
    count = Contact.objects.filter(status=name).count()
    if count:
        yield ngettext(
            "the status of %(count)d contact", "the status of %(count)d contacts", count
        ) % {"count": count}


def _rules(name: str) -> Iterator[str]:
    for rule in Rule.objects.exclude(kind=Rule.Kind.ACTIVITY).select_related("score"):
        if any(_names(comparison, name) for comparison in comparisons(rule)):
            yield _("the rule “%(rule)s” of the score “%(score)s”") % {
                "rule": rule.name,
                "score": rule.score.name,
            }


def _names(comparison: dict[str, Any], name: str) -> bool:
    """Whether a comparison puts the contact's status beside this one."""
    source = comparison.get("source") or Rule.Source.FIELD
    if (source, comparison.get("field")) != (Rule.Source.FIELD, "status"):
        return False
    value = comparison.get("value")
    values = value if isinstance(value, list) else str(value or "").splitlines()
    return folded(name) in {folded(str(each)) for each in values}
