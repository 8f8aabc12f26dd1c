"""What the replication settings offer to choose from, also where what was chosen is gone."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Score


ALL_CONTACTS = "all"

Choices = list[tuple[str, str]]


def audiences(settings: ReplicationSettings) -> Choices:
    """All contacts, and the scores. A deleted score never means everyone: choose anew."""
    scores = [
        (str(score.pk), _("Contacts with enough points in “%(score)s”") % {"score": score.name})
        for score in Score.objects.all()
    ]
    gone = settings.by_score and settings.score is None
    prompt = [("", _("The score was deleted: choose again"))] if gone else []
    return [*prompt, (ALL_CONTACTS, _("All contacts")), *scores]


def consents() -> Choices:
    """No consent, and the yes-or-no attributes."""
    attributes = Attribute.objects.filter(type=FieldType.BOOLEAN.value)
    choices = [(attribute.name, attribute.label) for attribute in attributes]
    return [("", _("Consent is not asked for")), *choices]


def lost(name: str) -> tuple[str, str]:
    """The choice of an attribute that is gone: it stays chosen, and cannot be saved."""
    return (name, _("%(name)s (no longer a yes-or-no attribute)") % {"name": name})
