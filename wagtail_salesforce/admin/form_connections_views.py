"""Form connections: the list of forms, connecting one, and a connection's own page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.form_connections_forms import ConnectionForm
from wagtail_salesforce.admin.form_connections_overview import (
    Counts,
    FormRow,
    counts,
    overview,
    vanished,
)
from wagtail_salesforce.admin.form_connections_pages import form_fields, form_pages, page_titles
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.guess import Consent, guess_consent, guess_fields
from wagtail_salesforce.contacts.models import Attribute, FormConnection, LedgerEntry


NAMESPACE = "wagtail_salesforce_form_connections"
PER_PAGE = 50
# In the address of the second step, when there was a first.
CHOSEN = "chosen"


def connection_url(connection: FormConnection) -> str:
    """The page of a form connection."""
    return reverse(f"{NAMESPACE}:inspect", args=[connection.pk])


class FormListView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Every form the editor may edit, connected or not, with what became of its submissions."""

    model = FormConnection
    permission_policy = ModelPermissionPolicy(FormConnection)
    any_permission_required: list[str] | None = ["add", "change", "delete", "view"]
    template_name = "wagtail_salesforce/form_connections/list.html"
    page_title = gettext_lazy("Form connections")
    header_icon = "form"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paginator = WagtailPaginator(self.forms(), PER_PAGE)
        page = paginator.get_page(self.request.GET.get("p"))
        return super().get_context_data(
            rows=self.rows(page.object_list),
            page_obj=page,
            elided_page_range=paginator.get_elided_page_range(page.number),
            waiting=LedgerEntry.objects.filter(state=LedgerEntry.State.WAITING).count(),
            may_add=self.user_has_permission("add"),
            may_change=self.user_has_permission("change"),
            **kwargs,
        )

    def forms(self) -> list[FormRow]:
        return overview(self.request.user)

    def rows(self, shown: Any) -> list[dict[str, Any]]:
        found = counts(row.connection.page_id for row in shown if row.connection)
        gone = vanished(shown)
        return [
            {
                "row": row,
                "vanished": gone.get(row.connection.pk, 0) if row.connection else 0,
                "counts": found.get(row.connection.page_id, Counts()) if row.connection else None,
                "url": connection_url(row.connection) if row.connection else "",
            }
            for row in shown
        ]


class ChooseFormView(FormListView):
    """The first step of connecting: which form?"""

    any_permission_required = None
    permission_required = "add"
    template_name = "wagtail_salesforce/form_connections/choose.html"
    page_title = gettext_lazy("Connect a form")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        before = {"url": reverse(f"{NAMESPACE}:index"), "label": FormListView.page_title}
        return [*items[:-1], before, items[-1]]

    def forms(self) -> list[FormRow]:
        return [row for row in super().forms() if row.connection is None]


class ConnectionFormMixin:
    """What connecting a form and changing a connection share."""

    form_class = ConnectionForm
    template_name = "wagtail_salesforce/form_connections/form.html"

    @cached_property
    def form_page(self) -> Any:
        """The page, when it still exists and the editor may edit it."""
        return form_pages(self.request.user).filter(pk=self.page_id).first()  # type: ignore[attr-defined]

    @cached_property
    def form_fields(self) -> list[Any]:
        return form_fields(self.form_page) if self.form_page else []

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"form_fields": self.form_fields}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form_page=self.form_page, **kwargs)  # type: ignore[misc]

    def get_success_url(self) -> str:
        return connection_url(self.object)  # type: ignore[attr-defined]

    def get_success_buttons(self) -> list[Any]:
        return []


class ConnectView(ConnectionFormMixin, generic.CreateView):
    """The second step: which field of the form is what? A guess is offered."""

    page_title = gettext_lazy("Connect a form")
    submit_button_label = gettext_lazy("Connect the form")
    success_message = gettext_lazy("“%(object)s” is connected.")

    @property
    def page_id(self) -> int:
        return self.kwargs["page_id"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        existing = FormConnection.objects.filter(page_id=self.page_id).first()
        if existing and request.user.has_perm("wagtail_salesforce.change_formconnection"):
            return redirect(f"{NAMESPACE}:edit", existing.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        if self.form_page is None:
            raise PermissionDenied
        guess = guess_fields(self.form_fields, self._attributes())
        # Consent alone sets its attribute, and its box fills nothing else.
        consent = self.consent
        for name, target in [*guess.items()] if consent.attribute else []:
            if name == consent.field or target == {"attribute": consent.attribute}:
                del guess[name]
        return super().get_form_kwargs() | {"guess": guess}

    @cached_property
    def consent(self) -> Consent:
        """The box that seems to ask for consent."""
        return guess_consent(self.form_fields, self._attributes(type=FieldType.BOOLEAN.value))

    @staticmethod
    def _attributes(**which: str) -> dict[str, str]:
        return dict(Attribute.objects.filter(**which).values_list("name", "label"))

    def get_initial_form_instance(self) -> FormConnection:
        title = self.form_page.get_admin_display_title()
        connection = FormConnection(page_id=self.page_id, name=free_name(title))
        if self.consent.attribute:
            connection.consent_field, connection.consent_attribute = self.consent
        return connection

    def get_add_url(self) -> str:
        address = reverse(f"{NAMESPACE}:connect", args=[self.page_id])
        return f"{address}?{CHOSEN}=1" if self.chosen else address

    @property
    def chosen(self) -> bool:
        """Whether the form was chosen in a first step, not in the list of forms."""
        return CHOSEN in self.request.GET

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(chosen=self.chosen, **kwargs)

    def get_page_subtitle(self) -> str:
        return _("Connect “%(title)s”") % {"title": self.form_page.get_admin_display_title()}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = super().get_breadcrumbs_items()
        return [*items[:-1], {"url": "", "label": self.page_title}]


def free_name(title: str) -> str:
    """The title, or with a number when a connection of that name exists."""
    name, number = title[:190], 1
    while FormConnection.objects.filter(name=name).exists():
        number += 1
        name = f"{title[:190]} ({number})"
    return name


class ConnectionEditView(ConnectionFormMixin, generic.EditView):
    """Which field of the form is what, for a form that is connected already."""

    @property
    def page_id(self) -> int:
        return self.object.page_id

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without its page there is nothing to edit; the connection's page says what to do."""
        self.object = get_object_or_404(FormConnection, pk=self.object_pk)
        if not page_titles([self.page_id]):
            return redirect(connection_url(self.object))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        if self.form_page is None:
            raise PermissionDenied
        return super().get_form_kwargs()


class ConnectionDeleteView(generic.DeleteView):
    """Ends a connection; what was captured stays."""

    @property
    def confirmation_message(self) -> str:
        return _(
            "Delete this form connection? The contacts and activities that came from the form "
            "stay; new submissions of it become no contacts any more."
        )
