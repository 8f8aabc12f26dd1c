"""Retry, Exclude, Include again and Replicate now, for one contact. POST only."""

from __future__ import annotations

from collections.abc import Callable
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

from wagtail_salesforce.admin.permissions import REPLICATE_CONTACT, PermissionRequiredMixin
from wagtail_salesforce.replication import due, tasks
from wagtail_salesforce.replication.models import LeadLink, Run


Links = QuerySet[LeadLink]

#: action: (what it does with the links, what it says afterwards)
ACTIONS: dict[str, tuple[Callable[[Links], int], Any]] = {
    "retry": (due.retry, _("The contact is tried again in the next run.")),
    "exclude": (due.exclude, _("The contact is excluded and is not sent to Salesforce any more.")),
    "include": (due.include, _("The contact is included again.")),
    "replicate": (due.require, _("The contact is being sent to Salesforce.")),
}
NOTHING_TO_DO = _("Nothing was changed: the contact is in another state by now.")


class LeadLinkAction(PermissionRequiredMixin, View):
    """Does one of ACTIONS to a link and goes back to where the button was."""

    http_method_names = ["post"]
    permissions = (REPLICATE_CONTACT,)

    def post(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        link = get_object_or_404(LeadLink, pk=pk, contact__isnull=False)
        perform, text = ACTIONS[action]
        with transaction.atomic():
            changed = perform(LeadLink.objects.filter(pk=link.pk))
            if changed:
                self._follow_up(link, action)
        messages.success(request, text) if changed else messages.warning(request, NOTHING_TO_DO)
        return redirect(get_valid_next_url_from_request(request) or "wagtail_salesforce:attention")

    def _follow_up(self, link: LeadLink, action: str) -> None:
        """Log it on the link, whose name tells nothing about the person; start the run."""
        log(
            link,
            f"wagtail_salesforce.{action}",
            user=self.request.user,
            data={"contact_id": link.contact_id},
        )
        if action == "replicate":
            tasks.replicate_now(Run.Trigger.PANEL.value, link.contact_id)
