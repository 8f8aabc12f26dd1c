"""Conditions against spam: honeypot, fill time, own checks; what is refused can still be taken."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from wagtail.contrib.forms.models import FormSubmission

from tests.contacts.making import connect, make_form, submit
from tests.contacts.visiting import MIDDLEWARE
from tests.testapp.models import FormPage, OwnFormPage
from wagtail_salesforce.contacts import spam
from wagtail_salesforce.contacts.forms import reconcile_submissions
from wagtail_salesforce.contacts.models import Contact, FormConnection, LedgerEntry
from wagtail_salesforce.contacts.spam import Evidence, register_check, spam_reason
from wagtail_salesforce.contacts.spam_conditions import Conditions, shape_problems
from wagtail_salesforce.contacts.spam_refused import take_after_all
from wagtail_salesforce.contacts.spam_stamp import (
    FIELD,
    Shown,
    Stamp,
    read_stamp,
    signed,
    subject_of_page,
)


pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
ADA = {"your_name": "Lovelace", "your_e_mail": "ada@example.org"}


@pytest.fixture(autouse=True)
def site(settings, monkeypatch):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, MIDDLEWARE]
    monkeypatch.setattr(spam, "_checks", {})
    for page_class in (FormPage, OwnFormPage):
        monkeypatch.setattr(page_class, "template", "testapp/form_page_started.html")


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def stamp_on(page, client=None):
    """The stamp of the form as a visitor gets it."""
    shown = (client or Client()).get(f"/{page.slug}/").content.decode()
    return re.search(rf'name="{FIELD}" value="([^"]+)"', shown)[1]


def latest():
    return LedgerEntry.objects.latest("pk")


def states():
    return list(LedgerEntry.objects.order_by("pk").values_list("state", flat=True))


class TestHoneypot:
    def test_a_filled_one_is_refused_with_the_reason(self):
        page = make_form()
        connect(page, conditions={"honeypot": "company"})
        submit(page, **ADA, company="Cheap pills")
        assert not Contact.objects.exists()
        assert FormSubmission.objects.count() == 1
        assert (latest().state, latest().reason) == (
            "refused",
            "A field that people do not see was filled in.",
        )
        assert latest().payload is None

    @pytest.mark.parametrize("value", ["", "   "])
    def test_an_empty_one_is_fine(self, value):
        page = make_form()
        connect(page, conditions={"honeypot": "company"})
        submit(page, **ADA, company=value)
        assert states() == ["captured"]


class TestFillTime:
    @pytest.fixture
    def page(self):
        page = make_form()
        connect(page, conditions={"seconds": 5})
        return page

    def send(self, page, stamp=None):
        submit(page, **ADA, **({FIELD: stamp} if stamp else {}))
        return latest()

    @pytest.mark.parametrize(
        ("seconds", "state"), [(0, "refused"), (4, "refused"), (5, "captured")]
    )
    def test_counts_from_when_the_form_was_shown(self, page, clock, seconds, state):
        stamp = stamp_on(page)
        clock.shift(seconds)
        entry = self.send(page, stamp)
        assert entry.state == state
        if state == "refused":
            assert entry.reason == "The form was filled in within less than 5 seconds."

    def test_a_form_shown_again_after_an_error_keeps_its_moment(self, page, clock):
        stamp = stamp_on(page)
        clock.shift(60)
        again = Client().post(f"/{page.slug}/", {"your_e_mail": "nothing", FIELD: stamp})
        assert f'value="{stamp}"' in again.content.decode()
        clock.shift(1)
        assert self.send(page, stamp).state == "captured"

    def test_a_form_that_never_said_it_refuses_nobody(self, page):
        assert self.send(page).state == "captured"
        assert FormConnection.objects.get().stamp_seen_at is None

    def test_once_it_has_every_submission_must(self, page, clock):
        stamp = stamp_on(page)
        clock.shift(10)
        assert self.send(page, stamp).state == "captured"
        assert FormConnection.objects.get().stamp_seen_at == timezone.now()
        other = signed(subject_of_page(page.pk + 1))
        for wrong in (None, "x", stamp[:-1] + "?", other):
            entry = self.send(page, wrong)
            assert entry.state == "refused"
            assert entry.reason.startswith("It did not say when the form was shown")
        clock.shift(timedelta(hours=25))
        assert self.send(page, stamp).reason == "The form had been open for more than a day."

    def test_it_is_noted_once_a_day(self, page, clock):
        stamp = stamp_on(page)
        clock.shift(10)
        self.send(page, stamp)
        first = FormConnection.objects.get().stamp_seen_at
        clock.shift(timedelta(hours=2))
        self.send(page, stamp)
        assert FormConnection.objects.get().stamp_seen_at == first
        clock.shift(timedelta(hours=23))
        fresh = stamp_on(page)
        clock.shift(10)
        self.send(page, fresh)
        assert FormConnection.objects.get().stamp_seen_at == timezone.now()

    def test_without_the_middleware_nothing_is_known(self, page, settings):
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != MIDDLEWARE]
        FormConnection.objects.update(stamp_seen_at=NOW)
        assert self.send(page).state == "captured"

    def test_trying_again_is_no_way_round(self, page, clock):
        stamp = stamp_on(page)
        clock.shift(1)
        with mock.patch(
            "wagtail_salesforce.contacts.submissions.connection_for", side_effect=DatabaseError
        ):
            entry = self.send(page, stamp)
        assert entry.state == "waiting"
        assert entry.payload == {"stamp": "genuine", "seconds": 1.0, "verdicts": {}}
        clock.shift(3600)
        assert reconcile_submissions() == 0
        entry = latest()
        assert (entry.state, entry.payload) == ("refused", None)
        assert entry.reason == "The form was filled in within less than 5 seconds."


class TestOwnChecks:
    def checked(self, check, **data):
        register_check("links", "No links", check)
        page = make_form()
        connect(page, conditions={"check": "links"})
        submit(page, **ADA, **data)
        return latest()

    def test_a_reason_refuses(self):
        seen = []

        def links(data, context):
            seen.append((data, context))
            return "It holds a link." if "http" in data["message"] else None

        entry = self.checked(links, message="http://x")
        assert (entry.state, entry.reason) == ("refused", "It holds a link.")
        ((data, context),) = seen
        assert data["your_e_mail"] == "ada@example.org"
        assert context.request.method == "POST"
        assert context.page_id == entry.page_id
        assert context.submitted_at is not None
        submit(FormPage.objects.get(), **ADA, message="Hello")
        assert states() == ["refused", "captured"]

    def test_an_answer_without_words(self):
        assert self.checked(lambda data, context: True).reason == "“No links” took it for spam."

    @pytest.mark.parametrize("error", [ValueError, DatabaseError])
    def test_an_error_is_no_spam_and_tells_no_data(self, error, caplog):
        def broken(data, context):
            with connection.cursor() as cursor:
                if error is DatabaseError:
                    cursor.execute("SELECT nothing FROM nowhere")
            raise error(data["your_e_mail"])

        with caplog.at_level(logging.ERROR):
            entry = self.checked(broken)
        assert entry.state == "captured"
        assert "The check against spam links failed" in caplog.text
        assert "ada@example.org" not in caplog.text

    def test_it_is_asked_once_and_its_verdict_stands(self):
        answers = iter(["Spam.", None])
        with mock.patch("wagtail_salesforce.contacts.ledger.enter", side_effect=DatabaseError):
            entry = self.checked(lambda data, context: next(answers))
        assert entry.payload["verdicts"] == {"links": "Spam."}
        assert reconcile_submissions() == 0
        assert latest().reason == "Spam."

    def test_one_that_is_gone_refuses_nobody(self):
        page = make_form()
        connect(page, conditions={"check": "gone"})
        submit(page, **ADA)
        assert states() == ["captured"]

    def test_its_name_is_checked(self):
        with pytest.raises(Exception, match="lower-case"):
            register_check("No name", "x", lambda data, context: None)


class TestTakingAfterAll:
    @pytest.fixture
    def connected(self):
        page = make_form()
        made = connect(page, conditions={"honeypot": "company"})
        for number in range(3):
            submit(page, your_e_mail=f"a{number}@example.org", company="x")
        submit(page, your_e_mail="", company="x")
        return made

    def test_one(self, connected):
        entry = LedgerEntry.objects.order_by("pk").first()
        done = take_after_all(connected, [entry.pk], limit=10)
        assert (done.captured, done.refused, done.failed) == (1, 0, 0)
        contact = Contact.objects.get()
        assert contact.email == "a0@example.org"
        submission = FormSubmission.objects.order_by("pk").first()
        assert contact.activities.get().occurred_at == submission.submit_time
        entry.refresh_from_db()
        assert (entry.state, entry.contact_id) == ("captured", contact.pk)
        assert take_after_all(connected, [entry.pk], limit=10).captured == 0

    def test_all_but_those_that_cannot_be(self, connected):
        done = take_after_all(connected, limit=10)
        assert (done.captured, done.refused) == (3, 1)
        assert latest().reason == "There is no e-mail address, so nobody could be recognised."

    def test_those_that_cannot_be_do_not_stand_in_the_way(self, connected):
        for _press in range(4):
            take_after_all(connected, limit=1)
        assert states().count("captured") == 3

    def test_a_deleted_submission(self, connected):
        FormSubmission.objects.all().delete()
        assert take_after_all(connected, limit=10).refused == 4
        assert latest().reason == "The submission was deleted."

    def test_an_error_leaves_it_refused(self, connected, caplog):
        with mock.patch(
            "wagtail_salesforce.contacts.submissions.record", side_effect=DatabaseError
        ):
            done = take_after_all(connected, limit=1)
        assert done.failed == 1
        assert states() == ["refused"] * 4


def test_conditions_are_checked():
    good = {"honeypot": "a", "seconds": 3, "check": "b"}
    assert list(shape_problems(good)) == []
    assert Conditions.of(good).document() == good
    for bad in ([], {"second": 1}, {"seconds": -1}, {"seconds": 601}, {"seconds": True}):
        assert list(shape_problems(bad)), bad
        assert Conditions.of(bad) == Conditions()
    assert list(shape_problems({"honeypot": 1}))


def test_evidence_survives_the_ledger():
    evidence = Evidence(Shown(Stamp.GENUINE, 1.5), verdicts={"a": "b"})
    assert Evidence.of_payload(evidence.payload()) == evidence
    assert Evidence.of_payload(None) == Evidence.of_payload({"email": "x"}) == Evidence()


def test_a_stamp_names_its_form():
    assert read_stamp(signed("form:a"), "form:a").stamp is Stamp.GENUINE
    assert read_stamp(signed("form:b"), "form:a").stamp is Stamp.FORGED


class TestPlainForms:
    def test_the_same_conditions(self, rf, clock):
        register_check("links", "No links", lambda data, context: "Link." if data else None)
        assert spam_reason({"trap": "x"}, honeypot="trap")
        assert spam_reason({"trap": ""}, honeypot="trap") == ""
        assert spam_reason({"a": 1}, check="links") == "Link."
        stamp = signed("form:newsletter")
        request = rf.post("/", {FIELD: stamp})
        told = {"request": request, "form": "newsletter", "seconds": 3}
        assert "less than 3 seconds" in spam_reason({}, **told)
        clock.shift(3)
        assert spam_reason({}, **told) == ""
        assert spam_reason({}, **{**told, "form": "other"})
        assert spam_reason({}, **{**told, "request": rf.post("/")})

    def test_what_cannot_work_is_an_error(self):
        with pytest.raises(ValueError, match="the request and the name"):
            spam_reason({}, seconds=3)
        with pytest.raises(ValueError, match="No check is registered"):
            spam_reason({}, check="none")
