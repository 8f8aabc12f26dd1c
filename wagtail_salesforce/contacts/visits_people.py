"""Whose page visits these are: by account first, then by browser; for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.models import Contact, VisitBuffer, Visitor
from wagtail_salesforce.contacts.recognise import Own, absorb
from wagtail_salesforce.contacts.visitors_hooks import has_verified_email


def people_of(rows: Sequence[VisitBuffer]) -> dict[int, int]:
    """The id of the contact of each row, by the row's id.

    A browser that nobody knows yet gets an anonymous contact. Rows of people who work in the
    admin are left out.
    """
    staff, accounts = _staff_and_accounts({row.user_pk for row in rows if row.user_pk})
    visits = [row for row in rows if row.user_pk not in staff]
    browsers = _browsers({row.key for row in visits})
    # Of a browser first its accounts: what it did before its user logged in is the user's as well.
    # All workers take the browsers in one order, so that they wait for each other in no circle.
    for row in sorted(visits, key=lambda row: (row.key, not row.user_pk)):
        browsers[row.key] = _settled(row, accounts.get(row.user_pk), browsers.get(row.key))
    owners = {row.pk: accounts.get(row.user_pk) or browsers[row.key] for row in visits}
    return {pk: owner.contact_id for pk, owner in owners.items()}


def _settled(row: VisitBuffer, account: Own | None, browser: Own | None) -> Own:
    """To whom the browser of a visit belongs from now on."""
    if browser is None:
        return _new_browser(row, account)
    if account and _is_nobody(browser, account):
        absorb(account.contact_id, browser.contact_id)
        return account
    return browser


def _is_nobody(browser: Own, account: Own) -> bool:
    """Whether nothing is known of the browser's contact but visits; they are the account's now."""
    different = browser.contact_id != account.contact_id
    return different and browser.is_anonymous and browser.user_id is None


def _browsers(keys: Iterable[str]) -> dict[str, Own]:
    rows = Visitor.objects.filter(key__in=keys).values_list(
        "key", "contact_id", "contact__email_key", "contact__user_id"
    )
    return {row[0]: Own(*row[1:]) for row in rows}


def _new_browser(row: VisitBuffer, account: Own | None) -> Own:
    """Remember a browser; IntegrityError when a form of the same visitor was faster, or (at the
    commit) when the contact was erased meanwhile. The chunk is moved once more then."""
    owner = account or Own(Contact.objects.create(created_at=row.occurred_at).pk)
    Visitor.objects.create(key=row.key, contact_id=owner.contact_id)
    return owner


def _staff_and_accounts(user_pks: set[str]) -> tuple[set[str], dict[str, Own]]:
    """Which users work in the admin, and the contacts of the others, by the user's key as text."""
    users = {str(user.pk): user for user in _users(user_pks)}
    ids = [user.pk for user in users.values()]
    staff = (
        {str(pk) for pk in _with_admin_access(ids).values_list("pk", flat=True)} if ids else set()
    )
    accounts = _accounts([user.pk for text, user in users.items() if text not in staff])
    for text, user in users.items():
        if text not in staff and text not in accounts and has_verified_email(user):
            accounts[text] = _linked(user)
    return staff, accounts


def _users(user_pks: set[str]) -> list[Any]:
    model = get_user_model()
    found = []
    for text in user_pks:
        try:
            found.append(model._meta.pk.to_python(text))
        except ValidationError:
            continue
    return list(model._default_manager.filter(pk__in=found)) if found else []


def _with_admin_access(ids: list[Any]) -> QuerySet[Any]:
    """Those of the users who may open Wagtail's admin, in one statement."""
    access = Permission.objects.filter(
        content_type__app_label="wagtailadmin", codename="access_admin"
    )
    allowed = Q(is_superuser=True) | Q(user_permissions__in=access)
    allowed |= Q(groups__permissions__in=access)
    return get_user_model()._default_manager.filter(allowed, pk__in=ids).distinct()


def _accounts(ids: list[Any]) -> dict[str, Own]:
    rows = Contact.objects.filter(user_id__in=ids).values_list("pk", "email_key", "user_id")
    return {str(row[2]): Own(*row) for row in rows} if ids else {}


def _linked(user: Any) -> Own:
    """The contact of a user whose address the site has verified, old or new; theirs from now on.

    A contact that another account has already stays with it; this user's visits go to it too.
    """
    address = getattr(user, user.get_email_field_name(), "") or ""
    key = email_key(address)
    contact = Contact.objects.select_for_update().filter(email_key=key).first() if key else None
    contact = contact or Contact(email=address)
    if contact.user_id is None:
        contact.user = user
        contact.save(**({"update_fields": {"user"}} if contact.pk else {}))
    return Own(contact.pk, contact.email_key, contact.user_id)
