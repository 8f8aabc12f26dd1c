"""A company's page: its members, and adding, changing and removing them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.companies_membership import (
    NAMESPACE,
    Standing,
    members,
    remove_member,
    save_member,
    standing_of,
    standing_without_membership,
)
from wagtail_salesforce.admin.contacts_access import contact_url, may_see_contacts
from wagtail_salesforce.admin.contacts_find import ContactReferenceField, reference
from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.contacts.models import Company, Contact


PER_PAGE = 50


class MemberForm(forms.Form):
    """Names a contact and says what they are to the company."""

    contact = ContactReferenceField(
        label=_("Contact"),
        help_text=_("Type an e-mail address, or a part of a name and choose."),
        max_length=254,
    )
    role = forms.CharField(
        label=_("Role"), help_text=_("For example: purchasing."), max_length=100, required=False
    )
    standing = forms.ChoiceField(
        label=_("Standing"),
        help_text=_("There is one primary and one secondary contact."),
        choices=[(choice.value, choice.label) for choice in reversed(Standing)],
        required=False,
    )


class CompanyPageView(generic.InspectView):
    """A company and its members; the members only for those who may see contacts."""

    template_name = "wagtail_salesforce/companies/company.html"
    page_title = _("Company")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add a member, or change one that is there already."""
        if not self.may_change_members:
            raise PermissionDenied
        form = MemberForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(member_form=form))
        self.save(form.cleaned_data)
        return redirect(request.path)

    def save(self, data: dict[str, Any]) -> None:
        contact = data["contact"]
        created = save_member(self.object, contact, data["role"], Standing(data["standing"]))
        text = gettext("%(contact)s added.") if created else gettext("%(contact)s changed.")
        messages.success(self.request, text % {"contact": contact})

    @cached_property
    def may_change_members(self) -> bool:
        return self.user_has_permission("change") and may_see_contacts(self.request.user)

    @cached_property
    def header_buttons(self) -> list[Any]:
        url = self.get_edit_url()
        return [HeaderButton(gettext("Edit"), url=url, icon_name="edit")] if url else []

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        url = self.get_delete_url()
        return [Button(gettext("Delete"), url=url, icon_name="bin", priority=20)] if url else []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Without the link to the edit form that Wagtail puts on the name."""
        items = super().get_breadcrumbs_items()
        return [*items[:2], {"url": "", "label": str(self.object)}]

    def get_fields_context(self) -> list[Any]:
        """The page shows its own sections instead of Wagtail's list of columns."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["members_count"] = self.object.memberships.count()
        if may_see_contacts(self.request.user):
            context.update(self.members_context())
        if self.may_change_members:
            context.setdefault("member_form", MemberForm(initial=self.member_initial))
        return context

    def members_context(self) -> dict[str, Any]:
        paginator = WagtailPaginator(members(self.object), PER_PAGE)
        page = paginator.get_page(self.request.GET.get("p"))
        return {
            "rows": self.rows(page),
            "page_obj": page,
            "elided_page_range": paginator.get_elided_page_range(page.number),
        }

    def rows(self, page: Any) -> list[dict[str, Any]]:
        """The members of this page; on the first also those who only stand for the company."""
        extra = standing_without_membership(self.object) if page.number == 1 else []
        rows = [self.row(contact, "") for contact in extra]
        return rows + [self.row(member.contact, member.role) for member in page.object_list]

    def row(self, contact: Contact, role: str) -> dict[str, Any]:
        standing = standing_of(self.object, contact.pk)
        return {
            "contact": contact,
            "url": contact_url(contact.pk),
            "role": role,
            "standing": standing.label if standing else "",
            "change_url": f"{self.request.path}?member={contact.pk}#member",
            "remove_url": reverse(f"{NAMESPACE}:remove_member", args=[self.object.pk, contact.pk]),
        }

    @cached_property
    def member_initial(self) -> dict[str, Any]:
        """The member to change, when the address names one."""
        number = id_or_none(self.request.GET.get("member", ""))
        contact = Contact.objects.filter(pk=number or 0).first()
        if contact is None:
            return {}
        member = self.object.memberships.filter(contact=contact).first()
        return {
            "contact": reference(contact),
            "role": member.role if member else "",
            "standing": standing_of(self.object, contact.pk).value,
        }


class RemoveMemberView(PermissionCheckedMixin, View):
    """Ends a membership; the contact stays."""

    model = Company
    permission_policy = ModelPermissionPolicy(Company)
    permission_required = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, contact_pk: int) -> HttpResponse:
        if not may_see_contacts(request.user):
            raise PermissionDenied
        company = get_object_or_404(Company, pk=pk)
        contact = get_object_or_404(Contact, pk=contact_pk)
        remove_member(company, contact.pk)
        messages.success(
            request, gettext("%(contact)s no longer belongs to it.") % {"contact": contact}
        )
        return redirect(f"{NAMESPACE}:inspect", company.pk)
