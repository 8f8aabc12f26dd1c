"""Contacts → Form connections."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.admin.contacts_base import QuietViewSet
from wagtail_salesforce.admin.form_connections_forms import ConnectionForm
from wagtail_salesforce.admin.form_connections_page import ConnectionPageView, TryAgainView
from wagtail_salesforce.admin.form_connections_refused import (
    ImportPastView,
    RefusedView,
    TakeRefusedView,
)
from wagtail_salesforce.admin.form_connections_views import (
    NAMESPACE,
    ChooseFormView,
    ConnectionDeleteView,
    ConnectionEditView,
    ConnectView,
    FormListView,
)
from wagtail_salesforce.contacts.models import FormConnection


class FormConnectionViewSet(QuietViewSet):
    """Which form's submissions become contacts, and how."""

    model = FormConnection
    form_class = ConnectionForm
    url_prefix = "salesforce/form-connections"
    url_namespace = NAMESPACE
    menu_label = _("Form connections")
    menu_name = "salesforce-form-connections"
    icon = "form"
    index_view_class = FormListView
    # The list has neither search nor filters, so nothing asks for its results alone.
    index_results_template_name = ""
    add_view_class = ChooseFormView
    edit_view_class = ConnectionEditView
    delete_view_class = ConnectionDeleteView
    inspect_view_class = ConnectionPageView

    @property
    def connect_view(self) -> Any:
        """The second step of adding: the fields of the chosen form."""
        return self.construct_view(ConnectView, form_class=ConnectionForm)

    def get_urlpatterns(self) -> list[Any]:
        patterns = super().get_urlpatterns()
        return [
            *(pattern for pattern in patterns if pattern.name != "index_results"),
            path("new/<int:page_id>/", self.connect_view, name="connect"),
            path("try-again/", TryAgainView.as_view(), name="try_again"),
            path("inspect/<int:pk>/refused/", RefusedView.as_view(), name="refused"),
            path("inspect/<int:pk>/refused/take/", TakeRefusedView.as_view(), name="take_refused"),
            path("inspect/<int:pk>/past/", ImportPastView.as_view(), name="import_past"),
        ]
