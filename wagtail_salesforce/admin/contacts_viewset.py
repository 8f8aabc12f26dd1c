"""Contacts → Contacts."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import ModelAdminURLFinder

from wagtail_salesforce.admin.contacts_access import NAMESPACE, contact_url, may_see_contacts
from wagtail_salesforce.admin.contacts_base import QuietViewSet
from wagtail_salesforce.admin.contacts_editing import (
    ContactAddView,
    ContactDeleteView,
    ContactEditView,
    ContactHistoryView,
)
from wagtail_salesforce.admin.contacts_export_person import ExportPersonView
from wagtail_salesforce.admin.contacts_find import ContactSuggestions
from wagtail_salesforce.admin.contacts_forms import ContactForm
from wagtail_salesforce.admin.contacts_job import ContactsJobView
from wagtail_salesforce.admin.contacts_list import ContactListView
from wagtail_salesforce.admin.contacts_merging import ChooseOtherView, MergeView
from wagtail_salesforce.admin.contacts_page import ContactPageView
from wagtail_salesforce.contacts.models import Contact


class ContactURLFinder(ModelAdminURLFinder):
    """Links from elsewhere in the admin lead to the contact's page, not to the form."""

    def construct_edit_url(self, instance: Contact) -> str:
        return contact_url(instance.pk)

    def get_edit_url(self, instance: Contact) -> str | None:
        seen = self.user is None or may_see_contacts(self.user)
        return self.construct_edit_url(instance) if seen else None


class ContactViewSet(QuietViewSet):
    """People: never a snippet and never in a chooser, as those check no permission."""

    model = Contact
    form_class = ContactForm
    url_prefix = "salesforce/contacts"
    url_namespace = NAMESPACE
    menu_label = _("Contacts")
    menu_name = "salesforce-contacts"
    icon = "user"
    index_results_template_name = "wagtail_salesforce/contacts/list_results.html"
    list_per_page = 25
    export_filename = "contacts"
    index_view_class = ContactListView
    add_view_class = ContactAddView
    edit_view_class = ContactEditView
    delete_view_class = ContactDeleteView
    history_view_class = ContactHistoryView
    inspect_view_class = ContactPageView

    @cached_property
    def url_finder_class(self) -> type[ModelAdminURLFinder]:
        return ContactURLFinder

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("suggestions/", ContactSuggestions.as_view(), name="suggestions"),
            path("job/<int:pk>/", ContactsJobView.as_view(), name="job"),
            path("export/<int:pk>/", ExportPersonView.as_view(), name="export_person"),
            path("merge/<int:pk>/", ChooseOtherView.as_view(), name="merge_choose"),
            path("merge/<int:pk>/<int:other_pk>/", MergeView.as_view(), name="merge"),
        ]
