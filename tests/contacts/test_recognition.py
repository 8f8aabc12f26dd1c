"""Who it is: by account, by cookie, by a typed e-mail address; see docs/visitors.md."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from tests.contacts.making import connect, make_form, submit
from tests.contacts.visiting import (
    MIDDLEWARE,
    browser,
    cookie_of,
    minute,
    own_settings,
)
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Activity, Contact, Visitor
from wagtail_salesforce.contacts.recognise import (
    Choice,
    Own,
    Recognised,
    Who,
    choose,
    keep_browser,
)
from wagtail_salesforce.contacts.request_context import entered
from wagtail_salesforce.contacts.visitors import new_cookie


ADA, BOB = "ada@example.org", "bob@example.org"


@pytest.fixture(autouse=True)
def site(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    settings.WAGTAIL_SALESFORCE = own_settings()


@pytest.fixture
def page(db):
    page = make_form()
    connect(page)
    return page


def make_user(email: str, **kwargs):
    return get_user_model().objects.create_user(email or "someone", email, "secret", **kwargs)


def anonymous(client, page):
    """A browser whose visits are recorded under an anonymous contact."""
    client.get(f"/{page.slug}/")
    client.get("/")
    assert minute() == 2
    return Contact.objects.get(visitors__key=cookie_of(client).key)


def owner(client):
    return Contact.objects.get(visitors__key=cookie_of(client).key)


# The rules alone: whose it is, and which anonymous contact is concerned.

KNOWN = Own(1, ADA)
NOBODY = Own(2)
THEIRS = Own(3, None, user_id=7)


class User:
    pk = 7


@pytest.mark.parametrize(
    ("account", "contact", "typed", "exists", "expected"),
    [
        (None, None, ADA, False, (Choice.TYPED, None)),
        (None, None, ADA, True, (Choice.TYPED, None)),
        # The cookie's contact has an address: it is left alone, whatever was typed.
        (None, KNOWN, ADA, True, (Choice.TYPED, None)),
        (None, KNOWN, BOB, True, (Choice.TYPED, None)),
        (None, KNOWN, BOB, False, (Choice.TYPED, None)),
        # The cookie's contact is anonymous.
        (None, NOBODY, ADA, False, (Choice.NAMED, NOBODY)),
        (None, NOBODY, ADA, True, (Choice.MERGED, NOBODY)),
        # Somebody is logged in.
        (KNOWN, None, BOB, True, (Choice.TYPED, None)),
        (KNOWN, NOBODY, ADA, True, (Choice.MERGED, NOBODY)),
        (KNOWN, NOBODY, BOB, True, (Choice.TYPED, None)),
        (KNOWN, NOBODY, BOB, False, (Choice.TYPED, None)),
        (THEIRS, None, ADA, False, (Choice.NAMED, THEIRS)),
        # An account is not handed over to whoever's address is typed.
        (THEIRS, None, ADA, True, (Choice.TYPED, None)),
    ],
)
def test_the_rules(account, contact, typed, exists, expected):
    who = Who(account, contact, User() if account else None)
    assert choose(who, typed, exists=exists) == expected


def test_the_contact_of_an_account_is_left_alone_by_others_at_its_browser():
    assert choose(Who(None, THEIRS), ADA, exists=False) == (Choice.TYPED, None)
    assert choose(Who(None, THEIRS), ADA, exists=True) == (Choice.TYPED, None)


# Through the doors.


def test_a_form_gives_the_browser_its_cookie(page):
    client = browser()
    submit(page, client, your_e_mail=ADA)

    assert owner(client).email == ADA
    assert Visitor.objects.get().key != cookie_of(client).token
    assert len(Visitor.objects.get().key) == 64


def test_without_consent_there_is_no_cookie_and_the_form_goes_by_e_mail(page):
    client = browser(consent=False)
    submit(page, client, your_e_mail=ADA)

    assert cookie_of(client) is None
    assert Contact.objects.get().email == ADA
    assert not Visitor.objects.exists()


def test_a_site_without_a_consent_hook_sets_no_cookie(page, settings):
    settings.WAGTAIL_SALESFORCE = {}
    client = browser()
    client.get(f"/{page.slug}/?utm_campaign=spring")
    submit(page, client, your_e_mail=ADA)

    assert list(client.cookies) == ["consent", "csrftoken"]
    assert Contact.objects.get().email == ADA


def test_the_first_form_gives_the_anonymous_contact_its_address(page):
    client = browser()
    nobody = anonymous(client, page)
    submit(page, client, your_e_mail=ADA, your_name="Lovelace")

    nobody.refresh_from_db()
    assert (nobody.email, nobody.email_key, nobody.last_name) == (ADA, ADA, "Lovelace")
    assert sorted(nobody.activities.values_list("type", flat=True)) == [
        "form_submission",
        "page_visit",
        "page_visit",
    ]
    assert Contact.objects.count() == 1


def test_the_anonymous_contact_is_merged_into_who_has_the_address(page):
    ada = Contact.objects.create(email=ADA, first_name="Ada")
    client = browser()
    anonymous(client, page)
    submit(page, client, your_e_mail="Ada@Example.org")

    assert Contact.objects.get() == ada
    assert ada.activities.count() == 3
    assert owner(client) == ada


def test_a_different_address_leaves_the_cookie_and_its_contact_alone(page):
    client = browser()
    submit(page, client, your_e_mail=ADA, your_name="Lovelace")
    for _each in range(2):
        submit(page, client, your_e_mail=BOB, your_name="Builder")

    ada, bob = Contact.objects.get(email=ADA), Contact.objects.get(email=BOB)
    assert owner(client) == ada
    assert (ada.last_name, ada.activities.count()) == ("Lovelace", 1)
    assert (bob.last_name, bob.activities.count()) == ("Builder", 2)
    assert Visitor.objects.count() == 1


def test_visits_before_the_next_batch_belong_to_who_sent_the_form(page):
    client = browser()
    for address in ("/", f"/{page.slug}/"):
        client.get(address)
    submit(page, client, your_e_mail=ADA)
    minute()

    assert Contact.objects.get().activities.filter(type="page_visit").count() == 2


def test_a_form_right_after_the_first_page_keeps_that_visit(page):
    client = browser()
    client.get(f"/{page.slug}/?utm_campaign=spring")
    submit(page, client, your_e_mail=ADA)
    minute()

    ada = Contact.objects.get()
    assert ada.activities.get(type="page_visit").page_id == page.pk
    assert {activity.campaign for activity in ada.activities.all()} == {"spring"}


def test_a_new_contact_belongs_to_the_account_with_its_address(page):
    user = make_user(ADA)
    client = browser()
    client.force_login(user)
    submit(page, client, your_e_mail=ADA)
    assert Contact.objects.get().user == user

    submit(page, client, your_e_mail=BOB)
    assert Contact.objects.get(email=BOB).user is None
    assert owner(client).email == ADA


def test_an_account_does_not_get_a_contact_by_an_address_that_nobody_verified(page):
    ada = Contact.objects.create(email=ADA)
    client = browser()
    client.force_login(make_user(ADA))
    submit(page, client, your_e_mail=ADA)

    ada.refresh_from_db()
    assert ada.user is None


def test_an_account_gets_its_contact_when_the_site_has_verified_the_address(page, settings):
    settings.WAGTAIL_SALESFORCE = own_settings(VERIFIED_USERS="tests.contacts.visiting.always")
    ada = Contact.objects.create(email=ADA)
    user = make_user(ADA)
    client = browser()
    client.force_login(user)
    submit(page, client, your_e_mail=ADA)

    ada.refresh_from_db()
    assert ada.user == user


def test_a_failing_hook_verifies_nobody_and_says_nothing_of_them(page, settings, caplog):
    settings.WAGTAIL_SALESFORCE = own_settings(VERIFIED_USERS="tests.contacts.visiting.failing")
    Contact.objects.create(email=ADA)
    client = browser()
    client.force_login(make_user(ADA))
    submit(page, client, your_e_mail=ADA)

    ada = Contact.objects.get()
    assert ada.user is None
    assert ada.activities.count() == 1
    assert "RuntimeError" in caplog.text
    assert ADA not in caplog.text


def test_the_account_comes_before_the_cookie(page):
    """A second person logs in at a computer whose cookie is the first one's."""
    client = browser()
    submit(page, client, your_e_mail=ADA)
    bob = Contact.objects.create(email=BOB, user=make_user(BOB))
    client.force_login(bob.user)
    client.get(f"/{page.slug}/")
    client.post("/")  # The site reads the user here or not: the form does.
    submit(page, client, your_e_mail=BOB)
    assert bob.activities.count() == 1
    assert owner(client).email == ADA


def test_what_staff_type_in_is_not_the_visitors(page, rf):
    client = browser()
    submit(page, client, your_e_mail=ADA)
    request = rf.get("/orders/", headers={"user-agent": "Firefox"})
    request.COOKIES = {"consent": "yes", "ws_visitor": client.cookies["ws_visitor"].value}
    with entered(request):
        bob = capture(email=BOB, by_visitor=False)
        carol = capture(email="carol@example.org")

    assert bob.activities.get().url == ""
    assert carol.activities.get().url == "http://testserver/orders/"
    assert not bob.visitors.exists()


def test_capture_knows_page_address_and_campaign(page, rf):
    request = rf.post(
        "/contact/",
        headers={
            "user-agent": "Firefox",
            "referer": "http://testserver/contact/?utm_campaign=autumn&x=1",
        },
    )
    with entered(request) as context:
        context.page_id = 5
        capture(email=ADA)
        capture(email=BOB, campaign="own", url="/other/", page_id=6, overwrite=True)

    activity = Activity.objects.get(contact__email=ADA)
    assert (activity.url, activity.page_id) == ("http://testserver/contact/", 5)
    assert (activity.campaign, activity.contact.campaign) == ("autumn", "autumn")
    activity = Activity.objects.get(contact__email=BOB)
    assert (activity.url, activity.page_id, activity.campaign) == ("/other/", 6, "own")


def test_a_campaign_of_before_is_kept_even_when_forms_overwrite(page, rf):
    Contact.objects.create(email=ADA, campaign="first")
    with entered(rf.get("/?utm_campaign=second")):
        capture(email=ADA, overwrite=True)

    contact = Contact.objects.get()
    assert contact.campaign == "first"
    assert contact.activities.get().campaign == "second"


def test_a_call_that_waits_keeps_page_address_and_campaign(page, rf, monkeypatch):
    from django.db import OperationalError

    from wagtail_salesforce.contacts import capture as module
    from wagtail_salesforce.contacts.models import LedgerEntry

    def locked(*args):
        raise OperationalError("locked")

    monkeypatch.setattr(module, "_record", locked)
    monkeypatch.setattr("wagtail_salesforce.contacts.attempts.PATIENCE_SECONDS", 0)
    with entered(rf.get("/a/?utm_campaign=spring")):
        capture(email=ADA)

    payload = LedgerEntry.objects.get().payload
    assert (payload["url"], payload["campaign"]) == ("http://testserver/a/", "spring")


def test_the_visitor_does_not_act_in_the_admin(page):
    """An editor's form in the admin is not what the editor did as a visitor."""
    from wagtail_salesforce.middleware import is_work

    class Request:
        path = "/admin/anything/"

    assert is_work(Request())
    Request.path = "/quote/"
    assert not is_work(Request())
    Request.is_dummy = True
    assert is_work(Request())


@pytest.mark.django_db(transaction=True)
def test_an_account_whose_contact_is_erased_meanwhile_stops_no_visitor():
    """The database would say so at the commit only, when nobody can help any more."""
    gone = Own(10**6, "gone@example.org", 5)
    visitor = SimpleNamespace(visitor=new_cookie(), bound=False)
    with transaction.atomic():
        contact = Contact.objects.create(email="typed@example.org")
        found = Recognised(contact, who=Who(account=gone))
        keep_browser(found, visitor)
    assert not Visitor.objects.exists()
