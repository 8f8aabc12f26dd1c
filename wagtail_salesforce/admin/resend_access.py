"""Who may send contacts again that have a lead, and the way to where it is decided."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin import messages

from wagtail_salesforce.admin.permissions import CHANGE_MAPPING, CHANGE_SETTINGS, RUN, may
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.again import is_asked
from wagtail_salesforce.replication.models import ReplicationSettings


#: Where somebody came from, and goes back to.
FROM_MAPPING = "mapping"


def may_resend(user: Any) -> bool:
    """Whoever may run replication, and change what is written into leads."""
    return may(user, RUN) and may(user, CHANGE_MAPPING, CHANGE_SETTINGS)


def resend_url(*, from_mapping: bool = False) -> str:
    """The page that asks whether contacts are sent again."""
    url = reverse("wagtail_salesforce:resend")
    return f"{url}?from={FROM_MAPPING}" if from_mapping else url


def question_after_saving(request: HttpRequest, mapping: Mapping | None = None) -> str:
    """Where to go after a save that leads should perhaps follow; "" when there is nothing to ask.

    `mapping` is the one that was saved, None for the settings. Who may not decide is told that
    nothing happens to the leads by itself.
    """
    settings = ReplicationSettings.load()
    in_use = mapping is None or settings.mapping_id == mapping.pk
    if not in_use or not is_asked(settings):
        return ""
    if may_resend(request.user):
        return resend_url(from_mapping=mapping is not None)
    messages.info(
        request,
        _(
            "Leads that exist keep what they have until their contacts change. Somebody who may "
            "run replication can send all of them again from the Salesforce panel."
        ),
    )
    return ""
