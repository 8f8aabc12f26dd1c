"""Merging two contacts by hand: choose the second, look at the result, confirm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.log_actions import log

from wagtail_salesforce.admin.contacts_access import (
    MERGE,
    NAMESPACE,
    contact_url,
    may_see_contacts,
)
from wagtail_salesforce.admin.contacts_find import ContactReferenceField
from wagtail_salesforce.admin.contacts_protected import merge_protected_message
from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.admin.words import in_words
from wagtail_salesforce.contacts.merge import MergePreview, MergeRow, merge, preview_merge
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.exceptions import MergeRefused


class MergingMixin(WagtailAdminTemplateMixin):
    """What both pages share: who may, the first contact, the way back."""

    page_title = gettext_lazy("Merge contacts")
    header_icon = "group"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (may_see_contacts(request.user) and request.user.has_perm(MERGE)):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def contact(self) -> Contact:
        return get_object_or_404(Contact, pk=self.kwargs["pk"])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(f"{NAMESPACE}:index"), "label": _("Contacts")},
            {"url": contact_url(self.contact.pk), "label": str(self.contact)},
            {"url": "", "label": self.page_title},
        ]


class OtherContactForm(forms.Form):
    """Names the contact to merge with."""

    other = ContactReferenceField(
        label=gettext_lazy("The other contact"),
        help_text=gettext_lazy("Type an e-mail address, or a part of a name and choose."),
        max_length=254,
    )

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact

    def clean_other(self) -> Contact:
        other = self.cleaned_data["other"]
        if other == self.contact:
            raise ValidationError(in_words(MergeRefused(code="merge_same")), code="same")
        return other


class ChooseOtherView(MergingMixin, FormView):
    """Asks for the second contact. What is typed is posted, so that no address gets into a log."""

    template_name = "wagtail_salesforce/contacts/merge_choose.html"
    form_class = OtherContactForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "contact": self.contact}

    def form_valid(self, form: OtherContactForm) -> HttpResponse:
        return redirect(f"{NAMESPACE}:merge", self.contact.pk, form.cleaned_data["other"].pk)


class MergeView(MergingMixin, TemplateView):
    """Both contacts side by side and what will be; a POST merges them.

    The first number in the address is the survivor's; the page of the two numbers the other way
    round keeps the other contact.
    """

    template_name = "wagtail_salesforce/contacts/merge.html"
    http_method_names = ["get", "post"]
    choices: dict[str, str] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except MergeRefused as refused:
            messages.error(request, in_words(refused))
        except (ProtectedError, RestrictedError):
            messages.error(request, merge_protected_message())
        return redirect(self.way_out())

    def way_out(self) -> str:
        """The page of whichever contact is still there."""
        left = Contact.objects.filter(pk__in=map(id_or_none, self.numbers)).first()
        return contact_url(left.pk) if left else reverse(f"{NAMESPACE}:index")

    @cached_property
    def pair(self) -> tuple[Contact, Contact]:
        """The survivor and the other; MergeRefused when one is gone."""
        numbers = self.numbers
        if None in map(id_or_none, numbers):
            raise MergeRefused(code="merge_gone")
        found = Contact.objects.select_related("owner", "user").in_bulk(numbers)
        if not found.keys() >= set(numbers):
            raise MergeRefused(code="merge_gone")
        return found[numbers[0]], found[numbers[1]]

    @property
    def contact(self) -> Contact:
        return self.pair[0]

    @cached_property
    def preview(self) -> MergePreview:
        return preview_merge(*self.pair, choices=self.choices)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        survivor, other = self.pair
        return super().get_context_data(
            preview=self.preview,
            seen={"survivor_seen": stamp(survivor), "other_seen": stamp(other)},
            other_way_url=reverse(f"{NAMESPACE}:merge", args=[other.pk, survivor.pk]),
            cancel_url=contact_url(survivor.pk),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            if self.pair and self.changed_since_seen():
                return self.show_again()
            survivor = merge(*self.numbers, choices=self.chosen())
            data = {"merged_contact_id": self.kwargs["other_pk"]}
            log(survivor, "wagtail_salesforce.merge", user=request.user, data=data)
        messages.success(request, _("The two contacts are one now."))
        return redirect(contact_url(survivor.pk))

    @property
    def numbers(self) -> tuple[int, int]:
        return self.kwargs["pk"], self.kwargs["other_pk"]

    def changed_since_seen(self) -> bool:
        """Whether the contacts are not what the page showed; both are held from here on."""
        held = Contact.objects.select_for_update().filter(pk__in=self.numbers).order_by("pk")
        stamps = {contact.pk: stamp(contact) for contact in held}
        sent = (self.request.POST.get(name, "") for name in ("survivor_seen", "other_seen"))
        return len(stamps) == 2 and [stamps[pk] for pk in self.numbers] != list(sent)

    def show_again(self) -> HttpResponse:
        text = _("A contact has changed since you looked. Look at both again, then confirm.")
        messages.warning(self.request, text)
        return self.render_to_response(self.get_context_data())

    def chosen(self) -> dict[str, str]:
        """Whose value stays, for the fields in which both have one."""
        sent = {row.name: self.request.POST.get(field_name(row)) for row in self.preview.rows}
        return {name: side for name, side in sent.items() if side is not None}


def field_name(row: MergeRow) -> str:
    """The name of the radio buttons of a row."""
    return f"keep-{row.name}"


def stamp(contact: Contact) -> str:
    """What tells one version of a contact from another."""
    moment: datetime = contact.modified_at
    return moment.isoformat()
