"""The menu group Contacts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSetGroup

from wagtail_salesforce.admin.attributes_viewset import AttributeViewSet
from wagtail_salesforce.admin.companies_viewset import CompanyViewSet
from wagtail_salesforce.admin.contacts_activity_types import ActivityTypeViewSet
from wagtail_salesforce.admin.contacts_viewset import ContactViewSet
from wagtail_salesforce.admin.form_connections_viewset import FormConnectionViewSet
from wagtail_salesforce.admin.imports_viewset import ImportViewSet
from wagtail_salesforce.admin.inactive import InactiveViewSet
from wagtail_salesforce.admin.scores_viewset import ScoreViewSet
from wagtail_salesforce.admin.statuses_viewset import StatusViewSet


class ContactsGroup(ModelViewSetGroup):
    """People, what is known of them, and how promising they are."""

    menu_label = _("Contacts")
    menu_name = "salesforce-contacts-group"
    menu_icon = "group"
    menu_order = 450
    items = (
        ContactViewSet,
        CompanyViewSet,
        FormConnectionViewSet,
        ScoreViewSet,
        AttributeViewSet,
        StatusViewSet,
        ActivityTypeViewSet,
        InactiveViewSet,
        ImportViewSet,
    )
