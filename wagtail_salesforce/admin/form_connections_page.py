"""A form connection's page: what fills what, what became of the submissions, and trying again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.form_connections_overview import Counts, Status, counts, status_of
from wagtail_salesforce.admin.form_connections_pages import form_fields, page_model
from wagtail_salesforce.admin.form_connections_targets import target_label
from wagtail_salesforce.admin.form_connections_views import NAMESPACE
from wagtail_salesforce.admin.form_connections_warnings import refused_since_stamp, warnings
from wagtail_salesforce.contacts import activity_types, spam
from wagtail_salesforce.contacts.models import Attribute, FormConnection, LedgerEntry
from wagtail_salesforce.contacts.past import KIND, Past, past, subject_of
from wagtail_salesforce.contacts.reconcile import Reconciled, reconcile
from wagtail_salesforce.contacts.spam_conditions import Conditions
from wagtail_salesforce.jobs.models import latest_job


SHOWN_ENTRIES = 20
# A request should not last: the rest takes another press, or the daily reconciliation.
AT_ONCE = 200
TROUBLE = (LedgerEntry.State.WAITING, LedgerEntry.State.REFUSED)


@dataclass(frozen=True)
class Pair:
    """A field of the form and what it fills; `dangling` when the form has no such field."""

    form_field: str
    target: str
    dangling: bool


class ConnectionPageView(generic.InspectView):
    """A form connection for reading, with the ledger of its submissions."""

    template_name = "wagtail_salesforce/form_connections/connection.html"
    page_title = gettext_lazy("Form connection")

    @cached_property
    def page(self) -> Any:
        """The form page, or None when it is gone."""
        page = page_model().objects.filter(pk=self.object.page_id).first()
        return page and page.specific

    @cached_property
    def header_buttons(self) -> list[Any]:
        url = self.get_edit_url() if self.page else None
        return [HeaderButton(_("Edit"), url=url, icon_name="edit")] if url else []

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        url = self.get_delete_url()
        return [Button(_("Delete"), url=url, icon_name="bin", priority=20)] if url else []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Without the link to the edit form that Wagtail puts on the name."""
        items = super().get_breadcrumbs_items()
        return [*items[:2], {"url": "", "label": str(self.object)}]

    def get_fields_context(self) -> list[Any]:
        """The page shows its own sections instead of Wagtail's list of columns."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        connection = self.object
        labels = {info.name: info.label for info in form_fields(self.page)} if self.page else {}
        attributes = dict(Attribute.objects.values_list("name", "type")) if self.page else {}
        found = counts([connection.page_id])
        job = latest_job(KIND, subject_of(connection))
        return super().get_context_data(
            form_page=self.page,
            status=status_of(connection) if self.page else Status.GONE,
            pairs=list(pairs(connection, labels)),
            value_field=labels.get(connection.value_field, connection.value_field),
            consent=self.consent(labels),
            conditions=list(condition_words(connection, labels)),
            warnings=self.warnings(labels, attributes),
            job=job,
            running=job is not None and not job.is_over,
            past=past(connection) if self.page and connection.enabled else Past(),
            activity_label=activity_types.labels().get(
                connection.activity_type, connection.activity_type
            ),
            counts=found.get(connection.page_id, Counts()),
            entries=entries(connection),
            may_change=self.user_has_permission("change"),
            edit_url=self.get_edit_url() if self.page else None,
            delete_url=self.get_delete_url(),
            **kwargs,
        )

    def consent(self, labels: dict[str, str]) -> dict[str, str]:
        """The consent box and the attribute that it sets, as they are called."""
        field, name = self.object.consent_field, self.object.consent_attribute
        known = Attribute.objects.filter(name=name).values_list("label", flat=True) if name else []
        return {"field": labels.get(field, field), "attribute": next(iter(known), name)}

    def warnings(self, labels: dict[str, str], attributes: dict[str, str]) -> list[str]:
        if not self.page:
            return []
        refused = refused_since_stamp(self.object)
        return list(warnings(self.object, labels, attributes, refused))


def condition_words(connection: FormConnection, labels: dict[str, str]) -> Iterator[str]:
    """The conditions against spam, in sentences."""
    conditions = Conditions.of(connection.conditions)
    if conditions.honeypot:
        text = _("The field “%(field)s” must stay empty.")
        yield text % {"field": labels.get(conditions.honeypot, conditions.honeypot)}
    if conditions.seconds:
        text = ngettext(
            "Filling in the form must take %(number)d second at least.",
            "Filling in the form must take %(number)d seconds at least.",
            conditions.seconds,
        )
        yield text % {"number": conditions.seconds}
    if conditions.check:
        check = spam.checks().get(conditions.check)
        text = _("It must pass the check “%(check)s”.")
        yield text % {"check": check.label if check else conditions.check}


def pairs(connection: FormConnection, labels: dict[str, str]) -> Iterator[Pair]:
    """What fills what, in the order of the form, vanished fields last."""
    attributes = dict(Attribute.objects.values_list("name", "label"))
    order = {name: place for place, name in enumerate(labels)}
    for name in sorted(connection.fields, key=lambda name: order.get(name, len(order))):
        target = connection.fields[name]
        yield Pair(labels.get(name, name), target_label(target, attributes), name not in labels)


def entries(connection: FormConnection) -> list[LedgerEntry]:
    """The latest submissions of the form that became no contact, with the reason."""
    found = LedgerEntry.objects.filter(page_id=connection.page_id, state__in=TROUBLE)
    return list(found.order_by("-recorded_at", "-pk")[:SHOWN_ENTRIES])


class TryAgainView(PermissionCheckedMixin, View):
    """Captures what could not be captured before, of all connected forms."""

    model = FormConnection
    permission_policy = ModelPermissionPolicy(FormConnection)
    permission_required = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        done = reconcile(limit=AT_ONCE)
        if done.captured:
            messages.success(request, _captured(done.captured))
        if done.refused:
            messages.warning(request, _refused(done.refused))
        if done.waiting:
            messages.warning(request, _still_waiting(done.waiting))
        if done.more:
            messages.info(request, _("There are more of them. Press Try again once more."))
        if done == Reconciled():
            messages.info(request, _("Every submission of a connected form is captured already."))
        return redirect(get_valid_next_url_from_request(request) or f"{NAMESPACE}:index")


def _captured(number: int) -> str:
    text = ngettext(
        "%(number)s submission was captured.", "%(number)s submissions were captured.", number
    )
    return text % {"number": number}


def _refused(number: int) -> str:
    text = ngettext(
        "%(number)s submission was refused. The reason stands on the page of its connection.",
        "%(number)s submissions were refused. The reasons stand on the pages of the connections.",
        number,
    )
    return text % {"number": number}


def _still_waiting(number: int) -> str:
    text = ngettext(
        "%(number)s submission has to wait on. It is tried again every day.",
        "%(number)s submissions have to wait on. They are tried again every day.",
        number,
    )
    return text % {"number": number}
