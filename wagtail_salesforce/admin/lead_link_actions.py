"""Retry, Exclude, Include again and Replicate now, for one contact. POST only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.log_actions import log

from wagtail_salesforce.admin.held_back import held_back_by
from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.admin.permissions import REPLICATE_CONTACT, PermissionRequiredMixin
from wagtail_salesforce.contacts.collisions import despite_collisions
from wagtail_salesforce.exceptions import REASONS
from wagtail_salesforce.replication import due, preflight, tasks
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run


Links = QuerySet[LeadLink]

#: action: (what it does with the links, what it says afterwards)
ACTIONS: dict[str, tuple[Callable[[Links], int], Any]] = {
    "retry": (due.retry, _("The contact is tried again in the next run.")),
    "exclude": (due.exclude, _("The contact is excluded and is not sent to Salesforce any more.")),
    "include": (due.include, _("The contact is included again.")),
    "replicate": (due.require, _("The contact is being sent to Salesforce.")),
}
NOTHING_TO_DO = _("Nothing was changed: the contact is in another state by now.")
NOT_SENT = _("The contact is not sent. %(reason)s")
WAITS = _(
    "The contact goes to Salesforce with the next run, whatever its points. No run is possible at "
    "present: %(reason)s The Salesforce settings say what to do."
)

#: How to tell somebody, and what.
Told = tuple[Callable[[HttpRequest, Any], None], Any]


class LeadLinkAction(PermissionRequiredMixin, View):
    """Does one of ACTIONS to a link and goes back to where the button was."""

    http_method_names = ["post"]
    permissions = (REPLICATE_CONTACT,)

    def post(self, request: HttpRequest, pk: str, action: str) -> HttpResponse:
        link = get_object_or_404(LeadLink, pk=id_or_none(pk) or 0, contact__isnull=False)
        level, text = self._refused(link, action) or self._act(link, action)
        level(request, text)
        return redirect(get_valid_next_url_from_request(request) or "wagtail_salesforce:attention")

    def _refused(self, link: LeadLink, action: str) -> Told | None:
        """Why a contact cannot be sent, whoever asks for it."""
        if action != "replicate":
            return None
        why = held_back_by(link, ReplicationSettings.load()).otherwise
        return (messages.warning, NOT_SENT % {"reason": why}) if why else None

    def _act(self, link: LeadLink, action: str) -> Told:
        stopped = preflight.problems() if action == "replicate" else []
        now = action == "replicate" and not stopped
        if not despite_collisions(partial(self._carry_out, link, action, now)):
            return messages.warning, NOTHING_TO_DO
        if stopped:
            return messages.warning, WAITS % {"reason": REASONS[stopped[0]].text}
        return messages.success, ACTIONS[action][1]

    def _carry_out(self, link: LeadLink, action: str, now: bool) -> bool:
        """Do it, and replicate the contact `now`; whether there was anything to do."""
        perform, _text = ACTIONS[action]
        with transaction.atomic():
            if not perform(LeadLink.objects.filter(pk=link.pk)):
                return False
            self._log(link, action)
            if now:
                tasks.replicate_now(Run.Trigger.PANEL.value, link.contact_id)
        return True

    def _log(self, link: LeadLink, action: str) -> None:
        """Log it on the link, whose name tells nothing about the person."""
        log(
            link,
            f"wagtail_salesforce.{action}",
            user=self.request.user,
            data={"contact_id": link.contact_id},
        )
