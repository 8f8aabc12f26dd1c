"""The list of companies, and the forms to add, change and delete one."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, NumberColumn
from wagtail.admin.views import generic

from wagtail_salesforce.admin.companies_membership import NAMESPACE
from wagtail_salesforce.admin.contacts_access import may_see_contacts
from wagtail_salesforce.admin.contacts_columns import InspectColumn
from wagtail_salesforce.admin.contacts_query import begins
from wagtail_salesforce.contacts.models import Company, CompanyMembership


class CompanyForm(WagtailAdminModelForm):
    """A company's own fields; its members are kept on its page."""

    class Meta(WagtailAdminModelForm.Meta):
        model = Company
        fields = ["name", "website"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


def members_count() -> Any:
    """The number of members, counted for the shown rows only."""
    counted = (
        CompanyMembership.objects.filter(company=OuterRef("pk"))
        .order_by()
        .values("company")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


class CompanyListView(generic.IndexView):
    """Companies by name. Their contacts are named only to those who may see contacts."""

    # Says that there is a search box; what it looks for is in `search_queryset`.
    search_fields = ["name"]
    default_ordering = "name"

    @cached_property
    def columns(self) -> list[Any]:
        columns = [
            InspectColumn(self, label=_("Name"), sort_key="name"),
            Column("website", label=_("Website")),
            NumberColumn("members_count", label=_("Members")),
        ]
        if may_see_contacts(self.request.user):
            columns.append(Column("primary_contact", label=_("Primary contact")))
        return columns

    def get_base_queryset(self) -> QuerySet[Company]:
        companies = super().get_base_queryset().annotate(members_count=members_count())
        return companies.prefetch_related("primary_contact")

    def search_queryset(self, queryset: QuerySet[Company]) -> QuerySet[Company]:
        """Companies whose name begins with the text, through the index of the name."""
        text = self.search_query.replace("\0", "").strip()
        return queryset.filter(begins("name", text)) if text else queryset


class ToCompanyPage:
    """After adding or changing a company its page is shown, where its members are kept."""

    form_class = CompanyForm

    def get_success_url(self) -> str:
        return reverse(f"{NAMESPACE}:inspect", args=[self.object.pk])  # type: ignore[attr-defined]

    def get_success_buttons(self) -> list[Any]:
        return []


class CompanyAddView(ToCompanyPage, generic.CreateView):
    """A new company; then its page, to add members."""


class CompanyEditView(ToCompanyPage, generic.EditView):
    """A company's own fields."""


class CompanyDeleteView(generic.DeleteView):
    """Deletes a company; the people stay."""

    @property
    def confirmation_message(self) -> str:
        return " ".join([gettext("Delete this company?"), self.members_sentence])

    @cached_property
    def members_sentence(self) -> str:
        """Who stays, and what changes for them."""
        count = self.object.memberships.count()
        if not count:
            return gettext("Nobody belongs to it.")
        text = ngettext(
            "Its contact (%(count)d) stays, but belongs to it no longer. Without a company name "
            "of its own, it gets another company's name, or the default one, in Salesforce.",
            "Its contacts (%(count)d) stay, but belong to it no longer. Those without a company "
            "name of their own get another company's name, or the default one, in Salesforce.",
            count,
        )
        return text % {"count": count}
