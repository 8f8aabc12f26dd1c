"""Page visits: which are recorded, how they become activities, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from unittest import mock

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from tests.contacts.making import connect, home, make_form, submit
from tests.contacts.test_statements import counted
from tests.contacts.visiting import (
    FIREFOX,
    GOOGLEBOT,
    MIDDLEWARE,
    browser,
    cookie_of,
    minute,
    own_settings,
)
from wagtail_salesforce.contacts import visits_batch
from wagtail_salesforce.contacts.models import Activity, Contact, VisitBuffer, Visitor
from wagtail_salesforce.contacts.visits_bots import is_ahead, is_crawler
from wagtail_salesforce.replication.due import mint_missing
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints


ADA = "ada@example.org"


@pytest.fixture(autouse=True)
def site(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    settings.WAGTAIL_SALESFORCE = own_settings()


@pytest.fixture
def page(db):
    page = make_form()
    connect(page)
    return page


def waiting():
    return VisitBuffer.objects.count()


def known(client, page, email=ADA):
    """A browser whose contact is known and whose cookie has nothing left to tell."""
    client.get("/")
    submit(page, client, your_e_mail=email)
    minute()
    Activity.objects.filter(type="page_visit").delete()
    return Contact.objects.get(email=email)


def later(minutes):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def test_a_visit_becomes_an_activity(page):
    client = browser()
    ada = known(client, page)
    before = ada.modified_at
    with later(5):
        client.get(f"/{page.slug}/?utm_campaign=spring&token=secret")
        now = timezone.now()
    assert waiting() == 1
    assert minute() == 1

    visit = ada.activities.get(type="page_visit")
    assert (visit.page_id, visit.title) == (page.pk, page.title)
    assert visit.url == f"http://testserver/{page.slug}/"
    assert visit.campaign == "spring"
    assert abs(visit.occurred_at - now) < timedelta(seconds=1)
    ada.refresh_from_db()
    assert ada.last_activity_at == visit.occurred_at
    assert ada.campaign == "spring"
    assert ada.modified_at == before
    assert waiting() == 0


def test_a_contact_is_made_once_the_browser_sends_the_cookie_back(page):
    client = browser()
    client.get("/?utm_campaign=spring")
    assert (waiting(), minute()) == (0, 0)
    with later(2):
        client.get(f"/{page.slug}/")
    assert (waiting(), minute()) == (2, 2)

    contact = Contact.objects.get()
    assert (contact.email, contact.campaign) == ("", "spring")
    visits = contact.activities.order_by("occurred_at").values_list("page_id", "campaign")
    assert list(visits) == [(home().pk, "spring"), (page.pk, "")]
    assert Visitor.objects.get().key == cookie_of(client).key


def test_programs_that_keep_no_cookie_leave_no_row(page):
    for _each in range(3):
        browser().get("/")
    assert (waiting(), minute(), Contact.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": GOOGLEBOT},
        {"user-agent": ""},
        {"user-agent": "curl/8.5"},
        {"user-agent": FIREFOX + "x" * 400},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
    ],
)
def test_what_is_no_visit_of_a_person(page, headers):
    client = browser()
    known(client, page)
    client.get("/", headers=headers)
    assert waiting() == 0


def test_other_answers_are_no_visits(page):
    client = browser()
    known(client, page)
    client.head("/")
    client.post("/")
    client.get("/nowhere/")
    client.get(f"/{page.slug}")
    client.get("/admin/login/")
    assert waiting() == 0


def test_pages_behind_a_password_are_visited_once_it_is_given(page):
    client = browser()
    known(client, page)
    secret = home().add_child(instance=Page(title="Secret", slug="secret"))
    PageViewRestriction.objects.create(page=secret, restriction_type="password", password="x")
    assert client.get("/secret/").status_code == 200
    assert waiting() == 0


def test_previews_are_no_visits(page):
    client = browser()
    known(client, page)
    request = client.get("/").wsgi_request
    minute()
    page.make_preview_request(original_request=request)
    assert waiting() == 0


def test_switched_off_nothing_is_recorded(page, settings):
    client = browser()
    known(client, page)
    settings.WAGTAIL_SALESFORCE = own_settings(PAGE_VISITS=False)
    client.get("/")
    assert waiting() == 0


def test_without_consent_nothing_is_recorded(page):
    client = browser(consent=False)
    client.force_login(get_user_model().objects.create_user("ada", ADA, "secret"))
    for _each in range(3):
        client.get("/")
    assert waiting() == 0


def test_reloads_count_once(page):
    client = browser()
    ada = known(client, page)
    for seconds in (0, 10, 29, 31, 45, 70):
        with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
            client.get("/")
            client.get(f"/{page.slug}/")
        if seconds == 29:
            minute()
    minute()
    visits = ada.activities.filter(type="page_visit")
    assert visits.filter(page_id=page.pk).count() == 3
    assert visits.count() == 6


def test_two_tabs_at_once_tell_of_the_first_page_once(page):
    client = browser()
    client.get("/")
    tab = browser()
    tab.cookies = client.cookies.copy()
    with later(1):
        client.get(f"/{page.slug}/")
        tab.get(f"/{page.slug}/")
    minute()
    assert Activity.objects.count() == 2


# Accounts.


def log_in(client, **kwargs):
    user = get_user_model().objects.create_user(**{"username": "ada", "email": ADA, **kwargs})
    client.force_login(user)
    return user


@pytest.fixture
def reads_session():
    """A site whose pages look at the user."""

    def read(self, request, *args, **kwargs):
        return {**original(self, request), "logged_in": request.user.is_authenticated}

    original = Page.get_context
    with mock.patch.object(Page, "get_context", read):
        yield


@pytest.mark.usefixtures("reads_session")
def test_visits_belong_to_the_account_before_the_browser(page):
    client = browser()
    client.get("/")
    client.get(f"/{page.slug}/")
    minute()
    nobody = Contact.objects.get()
    user = log_in(client)
    ada = Contact.objects.create(email=ADA, user=user)
    with later(1):
        client.get("/")
    minute()

    assert not Contact.objects.filter(pk=nobody.pk).exists()
    assert ada.activities.count() == 3
    assert Visitor.objects.get().contact == ada


@pytest.mark.usefixtures("reads_session")
def test_before_and_after_login_within_one_minute(page):
    client = browser()
    client.get("/")
    client.get(f"/{page.slug}/")
    ada = Contact.objects.create(email=ADA, user=log_in(client))
    with later(1):
        client.get("/")
    assert minute() == 3
    assert ada.activities.count() == 3
    assert Contact.objects.count() == 1


@pytest.mark.usefixtures("reads_session")
def test_at_the_browser_of_somebody_else_the_account_counts(page):
    client = browser()
    ada = known(client, page)
    bob = Contact.objects.create(email="bob@example.org", user=log_in(client))
    client.get("/")
    minute()
    assert bob.activities.count() == 1
    assert Visitor.objects.get().contact == ada


@pytest.mark.usefixtures("reads_session")
@pytest.mark.parametrize("exists", [True, False])
def test_a_verified_account_has_a_contact(page, settings, exists):
    settings.WAGTAIL_SALESFORCE = own_settings(VERIFIED_USERS="tests.contacts.visiting.always")
    if exists:
        Contact.objects.create(email=ADA)
    client = browser()
    user = log_in(client)
    client.get("/")
    with later(1):
        client.get("/")
    minute()
    ada = Contact.objects.get()
    assert (ada.email, ada.user, ada.activities.count()) == (ADA, user, 2)


@pytest.mark.usefixtures("reads_session")
def test_an_unverified_account_stays_anonymous(page):
    Contact.objects.create(email=ADA)
    client = browser()
    log_in(client)
    client.get("/")
    client.get(f"/{page.slug}/")
    minute()
    assert Contact.objects.get(email=ADA).activities.count() == 0
    assert Contact.objects.get(email="").user is None


def editor(kind):
    user = get_user_model().objects.create_user("editor", "editor@example.org")
    if kind == "superuser":
        user.is_superuser = True
        user.save()
    permission = Permission.objects.get(codename="access_admin")
    if kind == "permission":
        user.user_permissions.add(permission)
    if kind == "group":
        group = Group.objects.create(name="Some editors")
        group.permissions.add(permission)
        user.groups.add(group)
    return user


@pytest.mark.usefixtures("reads_session")
@pytest.mark.parametrize("kind", ["superuser", "permission", "group"])
def test_editors_are_no_visitors(page, kind):
    client = browser()
    client.force_login(editor(kind))
    client.get("/")
    client.get(f"/{page.slug}/")
    assert minute() == 2
    assert not Contact.objects.exists()


def test_pages_that_do_not_look_at_the_user_go_by_the_last_that_did(page):
    """So that an editor is none on pages either that read no session."""
    client = browser()
    client.force_login(editor("superuser"))
    session = client.cookies["sessionid"].value
    with mock.patch.object(
        Page, "get_context", lambda self, request: {"user": bool(request.user.pk)}
    ):
        client.get("/")
    assert cookie_of(client).user_pk
    client.get(f"/{page.slug}/")
    assert client.cookies["sessionid"].value == session
    minute()
    assert not Contact.objects.exists()


# The batch.


def visit(key="k", page_id=1, seconds=0, **kwargs):
    moment = timezone.now() + timedelta(seconds=seconds)
    return VisitBuffer(
        **{"key": key, "page_id": page_id, "url": "/", "occurred_at": moment, **kwargs}
    )


def test_points_are_computed_by_the_batch(page):
    score = Score.objects.create(name="Interested")
    Rule.objects.create(
        score=score,
        name="Visits",
        kind="activity",
        activity_type="page_visit",
        points=2,
        recurring=True,
    )
    client = browser()
    ada = known(client, page)
    client.get("/")
    client.get(f"/{page.slug}/")
    minute()
    assert ScorePoints.objects.get(contact=ada, score=score).points == 4


def test_a_batch_costs_the_same_for_one_visitor_and_for_many(db):
    def measured(number):
        names = [f"{number}-{each}@example.org" for each in range(number)]
        Contact.objects.bulk_create([Contact(email=name, email_key=name) for name in names])
        contacts = list(Contact.objects.filter(email__in=names))
        Visitor.objects.bulk_create(
            [Visitor(key=f"{number}-{contact.pk}", contact=contact) for contact in contacts]
        )
        VisitBuffer.objects.bulk_create(
            [visit(key=f"{number}-{contact.pk}") for contact in contacts]
        )
        return len(counted(minute))

    # Not more: SQLite takes only so many values in one statement.
    assert measured(2) == measured(30)


def test_anonymous_visitors_are_not_due_before_they_have_a_name(page):
    client = browser()
    client.get("/")
    client.get(f"/{page.slug}/")
    minute()
    nobody = Contact.objects.get()
    assert mint_missing() == 0
    assert not LeadLink.objects.exists()

    submit(page, client, your_e_mail=ADA)
    assert LeadLink.objects.get().contact == nobody


def test_a_batch_that_fails_loses_and_doubles_nothing(db):
    VisitBuffer.objects.bulk_create([visit(key=f"{number}") for number in range(3)])
    with (
        mock.patch.object(visits_batch, "_save", side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        minute()
    assert (waiting(), Activity.objects.count(), Contact.objects.count()) == (3, 0, 0)
    assert minute() == 3
    assert (waiting(), Activity.objects.count()) == (0, 3)


def test_long_queues_move_chunk_by_chunk(db, monkeypatch):
    monkeypatch.setattr(visits_batch, "CHUNK", 4)
    VisitBuffer.objects.bulk_create([visit(key=f"{number}") for number in range(10)])
    assert visits_batch.move_visits(0)["visits"] == 4
    assert minute() == 6
    assert Contact.objects.count() == 10


@pytest.mark.parametrize("user_pk", ["999", "x", "-1", ""])
def test_rows_of_users_who_are_gone_go_by_the_browser(db, user_pk):
    VisitBuffer.objects.bulk_create([visit(user_pk=user_pk)])
    minute()
    assert Activity.objects.get().contact.user is None


def test_visits_of_a_page_that_is_gone_have_no_title(db):
    VisitBuffer.objects.bulk_create([visit(page_id=2**62)])
    minute()
    assert Activity.objects.get().title == ""


def test_the_schedule_exists(db):
    from django_q.models import Schedule

    from wagtail_salesforce.replication.models import ReplicationSettings
    from wagtail_salesforce.replication.schedule import BROWSERS, VISITS, keep_schedule

    keep_schedule(ReplicationSettings.load())
    assert Schedule.objects.get(name=VISITS).minutes == 1
    assert Schedule.objects.filter(name=BROWSERS).exists()


# What it costs.


@pytest.fixture
def without(settings):
    """A function that measures on a site that has no such middleware; with a client that has
    sent nothing yet, as each has loaded the middleware with its first request."""

    def measure(work):
        with_it = settings.MIDDLEWARE
        settings.MIDDLEWARE = [name for name in with_it if name != MIDDLEWARE]
        try:
            return len(counted(work))
        finally:
            settings.MIDDLEWARE = with_it

    return measure


@pytest.mark.parametrize("user", [False, True])
def test_a_page_view_costs_one_statement_at_most(page, without, user):
    def visitor():
        client = browser()
        if user:
            client.force_login(get_user_model().objects.get_or_create(username="ada")[0])
        return client

    address = f"/{page.slug}/?utm_campaign=x"
    client, other = visitor(), visitor()
    Client().get(address)
    plain = without(lambda: other.get(address))
    views = [len(counted(lambda: client.get(address))) for _each in range(3)]
    assert [number - plain for number in views] == [0, 1, 1]
    submit(page, client, your_e_mail=ADA)
    minute()
    assert len(counted(lambda: client.get(address))) - plain == 1


def test_in_the_admin_and_without_consent_it_costs_nothing(page, without):
    for address in ("/", "/admin/login/"):

        def view(address=address):
            browser(consent=False).get(address)

        view()
        assert len(counted(view)) == without(view)


@pytest.mark.parametrize("visits", [0, 1, 2])
@pytest.mark.parametrize("moved", [False, True])
def test_a_form_costs_two_statements_more_at_most(page, without, visits, moved):
    submit(page, your_e_mail="warm@example.org", your_name="Up")
    data = {"your_name": "Lovelace"}
    plain = without(lambda: submit(page, Client(), your_e_mail="bob@example.org", **data))
    client = browser()
    for _each in range(visits):
        client.get("/")
    if moved:
        minute()
    first = len(counted(lambda: submit(page, client, your_e_mail=ADA, **data)))
    # The one time that an anonymous contact gets its address, its due mark takes one more.
    assert first - plain <= (3 if moved and visits == 2 else 2)
    again = len(counted(lambda: submit(page, client, your_e_mail=ADA, **data)))
    known = without(lambda: submit(page, Client(), your_e_mail="bob@example.org", **data))
    assert again - known <= 2


@pytest.mark.usefixtures("reads_session")
@pytest.mark.parametrize("linked", [False, True])
def test_a_form_of_somebody_logged_in_costs_two_more_at_most(page, without, linked):
    """Where the site reads the user, which costs what it costs without us."""
    users = get_user_model().objects
    ada, bob = (users.create_user(name, f"{name}@example.org") for name in ("ada", "bob"))
    for user in (ada, bob):
        Contact.objects.create(email=user.email, user=user if linked else None)

    def send(user):
        client = browser()
        client.force_login(user)
        return lambda: submit(page, client, your_e_mail=user.email, your_name="X")

    submit(page, your_e_mail="warm@example.org", your_name="Up")
    assert len(counted(send(ada))) - without(send(bob)) <= 2


def test_a_database_that_refuses_does_not_keep_the_visitor_from_the_page(page, caplog):
    client = browser()
    known(client, page)
    with mock.patch.object(VisitBuffer, "save", side_effect=OperationalError("/quote/ locked")):
        assert client.get("/").status_code == 200
    assert "OperationalError" in caplog.text
    assert "/quote/" not in caplog.text


# Crawlers.


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (FIREFOX, False),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
            False,
        ),
        (GOOGLEBOT, True),
        ("GPTBot/1.2", True),
        ("python-requests/2.32", True),
        ("Mozilla/5.0 HeadlessChrome/130.0", True),
        (" ", True),
    ],
)
def test_crawlers_are_told_by_their_user_agent(rf, agent, expected):
    assert is_crawler(rf.get("/", headers={"user-agent": agent})) is expected


def test_an_ordinary_request_is_not_ahead(rf):
    assert not is_ahead(rf.get("/"))
    assert not is_ahead(rf.get("/", headers={"purpose": "something"}))
    assert is_ahead(rf.get("/", headers={"sec-purpose": "Prefetch;anonymous-client-ip"}))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one at a time.")
def test_several_workers_double_nothing(monkeypatch):
    monkeypatch.setattr(visits_batch, "CHUNK", 10)
    rows = [visit(key=f"{number % 7}", page_id=number + 1) for number in range(100)]
    VisitBuffer.objects.bulk_create(rows)

    def worker():
        try:
            for _each in range(5):
                minute()
        finally:
            connection.close()

    threads = [Thread(target=worker) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    minute()
    assert (waiting(), Activity.objects.count()) == (0, 100)
    assert (Contact.objects.count(), Visitor.objects.count()) == (7, 7)
