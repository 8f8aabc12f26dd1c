"""The submissions of a form that were refused, with the reasons, and taking them after all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.form_connections_pages import form_pages, page_titles
from wagtail_salesforce.admin.form_connections_views import (
    NAMESPACE,
    FormListView,
    connection_url,
)
from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.contacts.models import FormConnection
from wagtail_salesforce.contacts.past import KIND, past, start_import, subject_of
from wagtail_salesforce.contacts.spam_refused import (
    TakenAfterAll,
    refused_entries,
    take_after_all,
)
from wagtail_salesforce.jobs.models import latest_job


PER_PAGE = 50
# A request should not last: the rest takes another press.
AT_ONCE = 200


class OfConnection(PermissionCheckedMixin):
    """A view about one form connection."""

    model = FormConnection
    permission_policy = ModelPermissionPolicy(FormConnection)

    @cached_property
    def connection(self) -> FormConnection:
        return get_object_or_404(FormConnection, pk=self.kwargs["pk"])

    @cached_property
    def may_edit_page(self) -> bool:
        """Whether somebody may see the submissions of the form, by Wagtail's own rule."""
        user = self.request.user
        return form_pages(user).filter(pk=self.connection.page_id).exists()


class RefusedView(OfConnection, WagtailAdminTemplateMixin, TemplateView):
    """What was refused, the latest first."""

    any_permission_required = ["add", "change", "delete", "view"]
    template_name = "wagtail_salesforce/form_connections/refused.html"
    page_title = gettext_lazy("Refused submissions")
    header_icon = "form"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse(f"{NAMESPACE}:index"), "label": FormListView.page_title},
            {"url": connection_url(self.connection), "label": str(self.connection)},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paginator = WagtailPaginator(refused_entries(self.connection), PER_PAGE)
        page = paginator.get_page(self.request.GET.get("p"))
        return super().get_context_data(
            connection=self.connection,
            page_obj=page,
            elided_page_range=paginator.get_elided_page_range(page.number),
            may_take=self.may_edit_page and self.user_has_permission("change"),
            submissions_url=self._submissions_url(),
            **kwargs,
        )

    def _submissions_url(self) -> str:
        if not self.may_edit_page:
            return ""
        return reverse("wagtailforms:list_submissions", args=[self.connection.page_id])


class ActOnConnection(OfConnection, View):
    """Does something with the submissions of a form; only for who may edit the form."""

    permission_required = "change"
    http_method_names = ["post"]

    def check(self) -> None:
        if not self.may_edit_page and page_titles([self.connection.page_id]):
            raise PermissionDenied


class TakeRefusedView(ActOnConnection):
    """Takes one refused submission after all, or all of them."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.check()
        if not self.connection.enabled:
            messages.error(request, _("The connection is switched off. Switch it on first."))
            return redirect(f"{NAMESPACE}:refused", pk)
        entry = request.POST.get("entry")
        ids = None if entry is None else [id_or_none(entry) or 0]
        done = take_after_all(self.connection, ids, limit=AT_ONCE)
        _tell(request, done)
        if ids is None and refused_entries(self.connection).count() > done.refused + done.failed:
            messages.info(request, _("There are more of them. Press the button once more."))
        return redirect(f"{NAMESPACE}:refused", pk)


def _tell(request: HttpRequest, done: TakenAfterAll) -> None:
    if done.captured:
        text = ngettext(
            "%(number)s submission was taken after all.",
            "%(number)s submissions were taken after all.",
            done.captured,
        )
        messages.success(request, text % {"number": done.captured})
    if done.refused:
        text = ngettext(
            "%(number)s submission could not be taken. The reason stands beside it.",
            "%(number)s submissions could not be taken. The reasons stand beside them.",
            done.refused,
        )
        messages.warning(request, text % {"number": done.refused})
    if done.failed:
        text = ngettext(
            "An error stopped %(number)s submission. Try again later; the log says where it was.",
            "An error stopped %(number)s submissions. Try again later; the log says where it was.",
            done.failed,
        )
        messages.error(request, text % {"number": done.failed})
    if done == TakenAfterAll():
        messages.info(request, _("There was nothing left to take."))


class ImportPastView(ActOnConnection):
    """Starts taking over everything that was submitted to the form in the past."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.check()
        job = latest_job(KIND, subject_of(self.connection))
        if not self.connection.enabled:
            messages.error(request, _("The connection is switched off. Switch it on first."))
        elif job and not job.is_over:
            messages.info(request, _("Past submissions are being taken over already."))
        elif not past(self.connection).number:
            messages.info(request, _("Every submission of this form is on the ledger already."))
        else:
            start_import(self.connection, request.user)
            messages.success(request, _("The past submissions are being taken over."))
        return redirect(connection_url(self.connection))
