"""How many contacts the settings mean: whom consent holds back, and who reaches a score."""

from __future__ import annotations

from collections.abc import Mapping as Given
from typing import Any

from django.db.models import Count, Q
from django.db.models.fields.json import KeyTransform
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import ngettext
from django.views import View

from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.admin.permissions import CHANGE_SETTINGS, PermissionRequiredMixin
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.replication.settings_check import MOST_POINTS
from wagtail_salesforce.scoring.models import Score, ScorePoints
from wagtail_salesforce.scoring.queries import contacts_with_points


#: Visitors without a name are not sent, so that they count for nothing here.
ANONYMOUS = Q(email="", first_name="", last_name="")


class SettingsCountsView(PermissionRequiredMixin, View):
    """The sentences for choices on the page, saved or not, as JSON: `consent` and `audience`."""

    http_method_names = ["get"]
    permissions = (CHANGE_SETTINGS,)

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse(sentences(request.GET))


def sentences(given: Given[str, Any]) -> dict[str, str]:
    """A sentence for each of the two choices; empty where it means everybody or nothing known."""
    return {
        "consent": _consent(given.get("consent", "")),
        "audience": _audience(given.get("audience", ""), given.get("minimum_points", "")),
    }


def _consent(name: str) -> str:
    known = Attribute.objects.filter(name=name, type=FieldType.BOOLEAN.value)
    if not name or not known.exists():
        return ""
    # Not "attributes__<name>", which means something else for an attribute named "contains".
    contacts = Contact.objects.exclude(ANONYMOUS).alias(answer=KeyTransform(name, "attributes"))
    agreed = Count("pk", filter=Q(answer=True))
    found = contacts.aggregate(all=Count("pk"), agreed=agreed)
    held_back = found["all"] - found["agreed"]
    return ngettext(
        "Holds back %(held)s of %(all)s contact now: everybody whose answer is no or not known.",
        "Holds back %(held)s of %(all)s contacts now: everybody whose answer is no or not known.",
        found["all"],
    ) % {"held": _shown(held_back), "all": _shown(found["all"])}


def _audience(chosen: str, points: str) -> str:
    score = Score.objects.filter(pk=id_or_none(chosen) or 0).first()
    minimum = id_or_none(points.strip())
    if score is None or minimum is None or minimum > MOST_POINTS:
        return ""
    number = _reaching(score, minimum)
    return ngettext(
        "%(number)s contact has enough points now.",
        "%(number)s contacts have enough points now.",
        number,
    ) % {"number": _shown(number)}


def _reaching(score: Score, minimum: int) -> int:
    """Above zero from the index of points alone; at zero those without points count, too."""
    if minimum == 0:
        return contacts_with_points(score, 0).exclude(ANONYMOUS).count()
    held = ScorePoints.objects.in_force(score).filter(points__gte=minimum)
    return held.exclude(expires_at__lte=timezone.now()).count()


def _shown(number: int) -> str:
    return number_format(number, force_grouping=True)
