"""Which contacts somebody has chosen in the list: these ones, or all that the list shows."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest

from wagtail_salesforce.admin.contacts_filters import ContactFilterSet
from wagtail_salesforce.admin.contacts_query import search
from wagtail_salesforce.admin.numbers import id_or_none
from wagtail_salesforce.contacts.models import Contact


class FiltersBroken(Exception):
    """The filters of the list make no sense, so nobody knows who is meant."""


def chosen(request: HttpRequest) -> QuerySet[Contact]:
    """The contacts that a request of a bulk action names.

    `id=5&id=6` means those; `id=all` everybody whom the list shows with the filters and the
    search of the same address. Raises BadRequest for what is no number, FiltersBroken when a
    filter is not valid: it must not be taken for "everybody".
    """
    ids = request.GET.getlist("id")
    return _shown(request) if "all" in ids else Contact.objects.filter(pk__in=map(_number, ids))


def _shown(request: HttpRequest) -> QuerySet[Contact]:
    filters = ContactFilterSet(request.GET, Contact.objects.all(), request=request)
    if not filters.is_valid():
        raise FiltersBroken
    return search(filters.qs, request.GET.get("q", "").replace("\0", "").strip())


def _number(text: str) -> int:
    number = id_or_none(text)
    if number is None:
        raise BadRequest("The id of a contact is a number.")
    return number
