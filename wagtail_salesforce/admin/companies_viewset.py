"""Contacts → Companies."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _

from wagtail_salesforce.admin.companies_list import (
    CompanyAddView,
    CompanyDeleteView,
    CompanyEditView,
    CompanyForm,
    CompanyListView,
)
from wagtail_salesforce.admin.companies_membership import NAMESPACE
from wagtail_salesforce.admin.companies_page import CompanyPageView, RemoveMemberView
from wagtail_salesforce.admin.contacts_base import QuietViewSet
from wagtail_salesforce.contacts.models import Company


class CompanyViewSet(QuietViewSet):
    """Companies with their members."""

    model = Company
    form_class = CompanyForm
    url_prefix = "salesforce/companies"
    url_namespace = NAMESPACE
    menu_label = _("Companies")
    menu_name = "salesforce-companies"
    icon = "home"
    index_view_class = CompanyListView
    add_view_class = CompanyAddView
    edit_view_class = CompanyEditView
    delete_view_class = CompanyDeleteView
    inspect_view_class = CompanyPageView

    def get_urlpatterns(self) -> list[Any]:
        remove = self.construct_view(RemoveMemberView)
        own = path("<int:pk>/members/<int:contact_pk>/remove/", remove, name="remove_member")
        return [*super().get_urlpatterns(), own]
