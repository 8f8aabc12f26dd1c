"""Who it is that did something: by the account, by the visitor cookie, by the e-mail address.

A typed e-mail address is not verified, so it moves nobody: what is done under another person's
address goes to that person, and the account and the browser stay with whom they belonged to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import connection
from django.db.models import CharField, Value

from wagtail_salesforce.contacts.changes import note_change
from wagtail_salesforce.contacts.emails import email_key
from wagtail_salesforce.contacts.merge import merge
from wagtail_salesforce.contacts.models import Contact, Visitor
from wagtail_salesforce.contacts.request_context import RequestContext
from wagtail_salesforce.contacts.visitors_hooks import has_verified_email
from wagtail_salesforce.exceptions import MergeRefused


@dataclass(frozen=True)
class Own:
    """The contact to whom an account or a browser belongs; anonymous without an e-mail."""

    contact_id: int
    email_key: str | None = None
    user_id: Any = None

    @property
    def is_anonymous(self) -> bool:
        return self.email_key is None


@dataclass(frozen=True)
class Who:
    """What is known of the visitor besides the e-mail address: to whom the account and the
    browser belong."""

    account: Own | None = None
    browser: Own | None = None
    user: Any = None

    @property
    def user_id(self) -> Any:
        return self.user.pk if self.user else None


class Choice(Enum):
    """To whom something goes that was done under an e-mail address."""

    TYPED = "the contact of the address, old or new"
    NAMED = "the anonymous contact, which gets the address"
    MERGED = "the contact of the address, into whom the anonymous contact is merged"


@dataclass
class Recognised:
    """The contact, locked or still to be made, and which of its columns are to be saved."""

    contact: Contact
    changed: set[str] = field(default_factory=set)
    who: Who = field(default_factory=Who)


def choose(who: Who, typed: str | None, *, exists: bool) -> tuple[Choice, Own | None]:
    """Whose it is, and which anonymous contact is concerned; `exists`: the address has a contact.

    Whoever has an account is never merged because of an address that was only typed.
    """
    if who.account and not who.account.is_anonymous:
        theirs = who.account.email_key == typed
        return (Choice.MERGED, who.browser) if theirs and _is_nobody(who) else (Choice.TYPED, None)
    own = who.account or who.browser
    if own is None or not own.is_anonymous or own.user_id not in (None, who.user_id):
        return Choice.TYPED, None
    if not exists:
        return Choice.NAMED, own
    return (Choice.MERGED, own) if own.user_id is None else (Choice.TYPED, None)


def _is_nobody(who: Who) -> bool:
    """Whether the browser belongs to a contact of whom nothing is known but visits."""
    return bool(who.browser and who.browser.is_anonymous and who.browser.user_id is None)


def recognise(email: str, visitor: RequestContext | None) -> Recognised:
    """Find the contact of an e-mail address and of the visitor who typed it, or make a new one.

    One statement, and for a visitor who is known by cookie or account at most two more. A merge,
    once in an anonymous visitor's life, costs what it costs.
    """
    typed = email_key(email)
    known = _locked(email_key=typed) if typed else None
    if visitor is None:
        return Recognised(known or Contact(email=email))
    who = look_up(visitor)
    choice, own = choose(who, typed, exists=known is not None)
    found = _carry_out(choice, own, known) or Recognised(Contact(email=email))
    if choice is Choice.NAMED and found.contact.pk:
        found.contact.email = email
        found.changed.add("email")
    found.who = who
    _link_account(found)
    return found


def _carry_out(choice: Choice, own: Own | None, known: Contact | None) -> Recognised | None:
    if own and choice is Choice.NAMED:
        # Another form of the same browser may have given it an address meanwhile.
        anonymous = _locked(pk=own.contact_id, email_key=None)
        return Recognised(anonymous) if anonymous else None
    if own and known and choice is Choice.MERGED:
        known = absorb(known.pk, own.contact_id) or known
    return Recognised(known) if known else None


def absorb(survivor_id: int, anonymous_id: int) -> Contact | None:
    """Merge an anonymous contact into one who is known; None when either is gone meanwhile."""
    try:
        return merge(survivor_id, anonymous_id)
    except MergeRefused:
        return None


def _locked(**lookup: Any) -> Contact | None:
    contact = Contact.objects.select_for_update().filter(**lookup).first()
    if contact:
        note_change(contact.pk, locked=True)
    return contact


def look_up(visitor: RequestContext) -> Who:
    """To whom the visitor's account and browser belong. One statement at most, the reading of
    the user apart."""
    user, cookie = visitor.user, visitor.cookie
    # Nothing has been stored yet under a cookie that still holds its first page.
    key = cookie.key if cookie and cookie.landing is None else ""
    asked = [_owners("account").filter(user_id=user.pk)] if user else []
    asked += [_owners("browser").filter(visitors__key=key)] if key else []
    rows = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else (asked or [[]])[0]
    owners = {by: Own(*values) for *values, by in rows}
    return Who(owners.get("account"), owners.get("browser"), user)


def _owners(by: str) -> Any:
    contacts = Contact.objects.order_by().annotate(by=Value(by, output_field=CharField()))
    return contacts.values_list("pk", "email_key", "user_id", "by")


def _link_account(found: Recognised) -> None:
    """The account is this contact's from now on, if its address is the contact's as well.

    An account can be made with anybody's address. So it gets a contact who was there before only
    when the site has verified the address; one that is new has nothing to be taken over.
    """
    contact, user = found.contact, found.who.user
    if user is None or found.who.account or contact.user_id is not None:
        return
    address = getattr(user, user.get_email_field_name(), "") or ""
    if email_key(address) is None or email_key(address) != email_key(contact.email):
        return
    is_new = contact.pk is None or "email" in found.changed
    if is_new or has_verified_email(user):
        contact.user = user
        found.changed.add("user")


def keep_browser(found: Recognised, visitor: RequestContext) -> None:
    """Remember whose browser it is, if the visitor agrees and nobody's it was. One statement, and
    one more where the account is another contact's than the address.

    On a computer on which somebody is logged in, it is theirs, whatever address was typed.
    """
    cookie = visitor.visitor
    if cookie is None:
        return
    visitor.bound = True
    if found.who.browser is None and (owner_id := _owner_of_new_browser(found)):
        fresh = Visitor(key=cookie.key, contact_id=owner_id)
        # Another request of the same browser may have been faster.
        Visitor.objects.bulk_create([fresh], ignore_conflicts=True)


def _owner_of_new_browser(found: Recognised) -> int | None:
    """A contact that this transaction holds, so that nobody erases it before the row is in.

    The account's contact may be gone, or somebody may hold it: waiting for it while holding
    another one could end in a deadlock. Then a later request remembers the browser.
    """
    account = found.who.account
    if account is None or account.contact_id == found.contact.pk:
        return int(found.contact.pk)
    skip = connection.features.has_select_for_update_skip_locked
    held = Contact.objects.select_for_update(skip_locked=skip).filter(pk=account.contact_id)
    return held.values_list("pk", flat=True).first()
