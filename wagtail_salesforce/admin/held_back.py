"""Why replication does not choose a contact: points, consent, or what the site's code says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.exceptions import ConnectorError
from wagtail_salesforce.replication.by_hand import check_chosen
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.queries import contacts_with_points


def what_it_takes(settings: ReplicationSettings) -> str:
    """What a contact needs to be chosen, in sentences; "" where everybody is chosen."""
    return " ".join(_needs(settings))


def _needs(settings: ReplicationSettings) -> Iterator[str]:
    if settings.by_score and settings.score:
        text = ngettext(
            "A contact goes once it has %(points)s point in “%(score)s”.",
            "A contact goes once it has %(points)s points in “%(score)s”.",
            settings.minimum_points,
        )
        yield text % _values(settings, settings.score)
    if settings.consent_attribute:
        text = _("It has to have given consent: “%(attribute)s” has to be yes.")
        yield text % {"attribute": _label(settings.consent_attribute)}


def _values(settings: ReplicationSettings, score: Score) -> dict[str, str]:
    points = number_format(settings.minimum_points, force_grouping=True)
    return {"points": points, "score": score.name}


def _label(name: str) -> str:
    return Attribute.objects.filter(name=name).values_list("label", flat=True).first() or name


@dataclass(frozen=True)
class HeldBack:
    """What keeps one contact from being sent, in sentences; "" where nothing does.

    A person may pass over the points, but over nothing else.
    """

    points: str = ""
    otherwise: str = ""


def held_back_by(link: LeadLink, settings: ReplicationSettings) -> HeldBack:
    """What keeps the contact of a link back. A lead, and who is required, needs no points."""
    contact = link.contact
    if contact is None or link.state == LeadLink.State.EXCLUDED:
        return HeldBack()
    asks_for_points = not (link.lead_id or link.required)
    points = _lacking_points(contact, settings) if asks_for_points else ""
    otherwise = _lacking_consent(contact, settings) or _sent_once(link, settings)
    return HeldBack(points, otherwise or _not_chosen(contact))


def _not_chosen(contact: Contact) -> str:
    """What the site's own code has against it."""
    try:
        check_chosen(contact.pk)
    except ConnectorError as error:
        return " ".join(filter(None, [error.message, error.cure]))
    return ""


def _sent_once(link: LeadLink, settings: ReplicationSettings) -> str:
    if not link.lead_id or settings.keep_leads_updated:
        return ""
    return _("Its lead stays as it is, as “Keep leads updated” is switched off.")


def _lacking_points(contact: Contact, settings: ReplicationSettings) -> str:
    score = settings.score if settings.by_score else None
    if score is None:
        return ""
    if contacts_with_points(score, settings.minimum_points).filter(pk=contact.pk).exists():
        return ""
    text = ngettext(
        "It has %(held)s of the %(points)s point in “%(score)s” that it needs.",
        "It has %(held)s of the %(points)s points in “%(score)s” that it needs.",
        settings.minimum_points,
    )
    return text % {**_values(settings, score), "held": _held(contact, score)}


def _held(contact: Contact, score: Score) -> str:
    rows = ScorePoints.objects.in_force(score).filter(contact=contact)
    points = rows.values_list("points", flat=True).first() or 0
    return str(number_format(points, force_grouping=True))


def _lacking_consent(contact: Contact, settings: ReplicationSettings) -> str:
    name = settings.consent_attribute
    if not name or contact.attributes.get(name) is True:
        return ""
    text = _("It has not given consent (“%(attribute)s” is not yes), so it is not sent.")
    return text % {"attribute": _label(name)}
