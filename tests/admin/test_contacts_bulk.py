"""The bulk actions of the contact list: who is meant, who may, and what is done."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from wagtail import hooks
from wagtail.models import ModelLogEntry

from tests.admin.people import client_of, messages_of
from tests.cluster import work
from wagtail_salesforce.admin import contacts_bulk
from wagtail_salesforce.admin.contacts_bulk_ids import BLOCK, pack, unpack
from wagtail_salesforce.contacts.models import Activity, ActivityType, Contact
from wagtail_salesforce.jobs import run
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints


pytestmark = pytest.mark.django_db

LIST = reverse("wagtail_salesforce_contacts:index")
State = LeadLink.State


@pytest.fixture
def client():
    return client_of("view_contact", "change_contact", "replicate_contact", "erase_contact")


@pytest.fixture
def people():
    names = ("Ada", "Grace", "Alan")
    return [Contact.objects.create(first_name=n, email=f"{n}@example.org") for n in names]


def url_of(action, *ids, **parameters):
    query = urlencode({"id": ids or ["all"], "next": LIST, **parameters}, doseq=True)
    return f"/admin/bulk/wagtail_salesforce/contact/{action}/?{query}"


def asked(client, url):
    """The hidden values of the page that asks."""
    response = client.get(url)
    assert response.status_code == 200
    form = response.context["form"]
    return {name: form[name].value() for name in ("count", "highest")}


def act(client, url, **data):
    return client.post(url, {**asked(client, url), **data}, follow=True)


def links(**state):
    return set(LeadLink.objects.filter(**state).values_list("contact__first_name", flat=True))


class TestWhoIsMeant:
    def count(self, client, *ids, **parameters):
        return asked(client, url_of("exclude", *ids, **parameters))["count"]

    def test_those_that_are_ticked(self, client, people):
        assert self.count(client, people[0].pk, people[2].pk) == 2

    def test_everybody_without_filters(self, client, people):
        assert self.count(client) == 3

    def test_only_whom_the_filters_and_the_search_find(self, client, people):
        LeadLink.objects.filter(contact=people[0]).update(state=State.SUSPENDED)
        Contact.objects.filter(pk=people[1].pk).update(company_name="Navy")
        assert self.count(client, lead_state="suspended") == 1
        assert self.count(client, company="navy") == 1
        assert self.count(client, q="grace@example.org") == 1
        assert self.count(client, q="ada", lead_state="suspended") == 1
        act(client, url_of("exclude", q="grace"))
        assert links(state=State.EXCLUDED) == {"Grace"}

    def test_nobody_when_a_filter_makes_no_sense(self, client, people):
        for method in (client.get, client.post):
            response = method(url_of("exclude", points="many"), follow=True)
            assert messages_of(response) == [
                "A filter is not valid. Correct it, then choose again."
            ]
        assert not links(state=State.EXCLUDED)

    @pytest.mark.parametrize("parameters", [{"q": "zzz"}, {"lead_state": "excluded"}])
    def test_nobody_when_the_list_is_empty(self, client, people, parameters):
        response = client.get(url_of("exclude", **parameters), follow=True)
        assert messages_of(response) == ["No contact is chosen, or those chosen are gone."]

    def test_nobody_when_those_ticked_are_gone(self, client, people):
        assert client.get(url_of("exclude", 10**6)).status_code == 302

    @pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 30, "1 OR 1", "²"])
    def test_numbers_only(self, client, people, nonsense):
        assert client.get(url_of("exclude", nonsense)).status_code == 400
        assert client.post(url_of("exclude", nonsense)).status_code == 400

    def test_not_those_who_came_after_the_page_had_asked(self, client, people):
        url = url_of("exclude")
        hidden = asked(client, url)
        Contact.objects.create(first_name="Late")
        client.post(url, hidden)
        assert links(state=State.EXCLUDED) == {"Ada", "Grace", "Alan"}

    def test_is_asked_again_when_it_changed_meanwhile(self, client, people):
        url = url_of("erase", company="")
        hidden = asked(client, url)
        people[1].delete()
        response = client.post(url, hidden)
        assert "The choice has changed meanwhile." in messages_of(response)[0]
        assert response.context["count"] == 2
        assert response.context["form"]["count"].value() == 2
        assert Contact.objects.count() == 2

    @pytest.mark.parametrize("hidden", [{}, {"count": "x", "highest": "1"}, {"count": "3"}])
    def test_is_asked_again_without_what_the_page_said(self, client, people, hidden):
        response = client.post(url_of("erase"), hidden)
        assert "The choice has changed meanwhile." in messages_of(response)[0]
        assert Contact.objects.count() == 3

    def test_the_page_names_ten_and_counts_the_rest(self, client):
        for number in range(13):
            Contact.objects.create(email=f"p{number}@example.org")
        page = client.get(url_of("erase")).content.decode()
        assert "13 contacts are chosen" in page
        assert "p12@example.org" in page
        assert "p2@example.org" not in page
        assert "and 3 more" in page

    def test_costs_the_same_for_many(self, client, people):
        client.get(url_of("erase"))
        with CaptureQueriesContext(connection) as few:
            client.get(url_of("erase"))
        Contact.objects.bulk_create(Contact(email=f"p{n}@example.org") for n in range(200))
        with CaptureQueriesContext(connection) as many:
            client.get(url_of("erase"))
        assert len(many) == len(few)


class TestAddAnActivity:
    @pytest.fixture(autouse=True)
    def fair(self):
        ActivityType.objects.create(name="fair", label="Trade fair")

    def test_gives_points_by_the_rules_of_its_type(self, client, people):
        score = Score.objects.create(name="Sales")
        Rule.objects.create(
            score=score, name="Fair", kind="activity", activity_type="fair", points=3, per="value"
        )
        data = {"type": "fair", "title": "Our stand", "value": "7"}
        response = act(client, url_of("add_activity", people[0].pk, people[1].pk), **data)
        assert messages_of(response) == ["The activity was added to 2 contacts."]
        activity = people[0].activities.get()
        assert (activity.type, activity.title, activity.value) == ("fair", "Our stand", 7)
        points = dict(ScorePoints.objects.values_list("contact", "points"))
        assert points == {people[0].pk: 21, people[1].pk: 21}
        assert not people[2].activities.exists()

    def test_is_the_last_activity_unless_there_is_a_later_one(self, client, people):
        later = timezone.now()
        earlier = later - timedelta(days=3)
        Contact.objects.filter(pk=people[0].pk).update(last_activity_at=later)
        when = timezone.localtime(earlier).strftime("%Y-%m-%d %H:%M")
        act(client, url_of("add_activity"), type="fair", occurred_at=when)
        for contact in people:
            contact.refresh_from_db()
        assert people[0].last_activity_at == later
        assert people[1].last_activity_at.date() == earlier.date()
        assert people[1].activities.get().occurred_at == people[1].last_activity_at

    @pytest.mark.parametrize(
        ("data", "field", "text"),
        [
            ({"type": ""}, "type", "required"),
            ({"type": "unheard_of"}, "type", "not one of the available choices"),
            ({"type": "shortened"}, "type", "not one of the available choices"),
            ({"value": "many"}, "value", "Enter a number"),
            ({"value": "1.23456"}, "value", "4 decimal places"),
            ({"value": "1" * 17}, "value", "16 digits before the decimal point"),
            ({"title": "x" * 251}, "title", "at most 250"),
            ({"occurred_at": "yesterday"}, "occurred_at", "valid date"),
            ({"occurred_at": "2999-01-01 12:00"}, "occurred_at", "in the future"),
        ],
    )
    def test_says_what_is_wrong(self, client, people, data, field, text):
        response = act(client, url_of("add_activity"), **{"type": "fair", **data})
        assert text in str(response.context["form"].errors[field])
        assert not Activity.objects.exists()

    def test_marks_the_contacts_due(self, client, people):
        LeadLink.objects.update(due_at=None)
        act(client, url_of("add_activity", people[0].pk), type="fair")
        assert links(due_at__isnull=False) == {"Ada"}


class TestReplication:
    def test_required_and_not_required(self, client, people):
        response = act(client, url_of("require", people[0].pk, people[1].pk))
        assert messages_of(response) == ["2 contacts are required now."]
        assert links(required=True) == {"Ada", "Grace"}
        response = act(client, url_of("require"))
        assert messages_of(response) == [
            "1 contact is required now.",
            "Contacts that needed no change: 2.",
        ]
        act(client, url_of("require_not", people[0].pk))
        assert links(required=True) == {"Grace", "Alan"}

    def test_only_contacts_without_a_lead_become_due(self, client, people):
        """A lead asks for no points, so that being required changes nothing for it."""
        LeadLink.objects.update(due_at=None)
        LeadLink.objects.filter(contact=people[0]).update(state=State.REPLICATED)
        before = dict(LeadLink.objects.values_list("contact", "version"))
        for action in ("require", "require_not"):
            act(client, url_of(action))
            assert links(due_at__isnull=False) == {"Grace", "Alan"}
        after = dict(LeadLink.objects.values_list("contact", "version"))
        assert [after[c.pk] - before[c.pk] for c in people] == [0, 2, 2]

    def test_exclude_and_include(self, client, people):
        act(client, url_of("exclude", people[0].pk, people[1].pk))
        assert links(state=State.EXCLUDED, excluded_reason="by_hand") == {"Ada", "Grace"}
        response = act(client, url_of("include"))
        assert messages_of(response)[0] == "2 contacts are included again."
        assert not links(state=State.EXCLUDED)

    @pytest.mark.parametrize("action", ["require", "exclude"])
    def test_contacts_without_a_link_get_one(self, client, people, action):
        LeadLink.objects.filter(contact=people[0]).delete()
        response = act(client, url_of(action, people[0].pk))
        assert len(messages_of(response)) == 1
        link = LeadLink.objects.get(contact=people[0])
        assert link.required or link.state == State.EXCLUDED


class TestErase:
    def test_takes_everything_of_the_person(self, client, people):
        Activity.objects.create(contact=people[0], type="fair")
        response = act(client, url_of("erase", people[0].pk))
        assert messages_of(response) == ["1 contact was erased."]
        assert not Contact.objects.filter(pk=people[0].pk).exists()
        assert not Activity.objects.exists()
        assert links(state=State.ERASED) == {None}

    def test_says_what_is_lost(self, client, people):
        page = client.get(url_of("erase")).content.decode()
        assert "3 contacts are chosen" in page
        assert "lost for good" in page
        assert "Delete their leads in Salesforce too" in page

    @pytest.mark.parametrize("wanted", [True, False])
    def test_leads_go_by_choice(self, client, people, wanted, monkeypatch):
        seen = []
        monkeypatch.setattr(
            "wagtail_salesforce.admin.contacts_bulk_work.erase",
            lambda ids, delete_leads: seen.append(delete_leads) or Done(len(ids)),
        )
        act(client, url_of("erase"), **({"delete_leads": "on"} if wanted else {}))
        assert seen == [wanted]


class Done:
    protected = 0

    def __init__(self, contacts):
        self.contacts = contacts


class TestTheLog:
    def test_names_contacts_by_number_only(self, client, people):
        pks = {str(contact.pk) for contact in people}
        for action in ("require", "exclude", "include", "require_not"):
            act(client, url_of(action))
        act(client, url_of("add_activity"), type="form_submission", title="Ada was there")
        act(client, url_of("erase"))
        entries = ModelLogEntry.objects.all()
        assert {entry.object_id for entry in entries} == pks
        assert {entry.label for entry in entries} == {f"#{pk}" for pk in pks}
        assert {entry.action.partition(".")[2] for entry in entries} == {
            "require",
            "exclude",
            "include",
            "require_not",
            "add_activity",
            "erase",
        }
        assert not any(entry.data for entry in entries)


class TestManyAtOnce:
    @pytest.fixture(autouse=True)
    def few_are_many(self, monkeypatch):
        monkeypatch.setattr(contacts_bulk, "DIRECTLY", 2)

    @pytest.fixture
    def act(self, django_capture_on_commit_callbacks):
        """Jobs are queued once the request's transaction is committed."""

        def act_and_commit(*args, **data):
            with django_capture_on_commit_callbacks(execute=True):
                return act(*args, **data)

        return act_and_commit

    def test_are_left_to_a_job_with_progress(self, act, client, people):
        response = act(client, url_of("exclude", q="example.org"))
        job = Job.objects.get()
        assert response.redirect_chain[-1][0] == f"{LIST}job/{job.pk}/"
        assert "It begins as soon as" in response.content.decode()
        assert not links(state=State.EXCLUDED)
        work()
        job.refresh_from_db()
        assert (job.state, job.done, job.total) == ("finished", 3, 3)
        assert job.counts == {"changed": 3, "as_before": 0}
        assert links(state=State.EXCLUDED) == {"Ada", "Grace", "Alan"}

    def test_are_those_whom_the_page_had_asked_about(self, act, client, people):
        """Whoever meets the filters later is not meant, and who meets them no more still is."""
        act(client, url_of("exclude", company="", q="example.org"))
        Contact.objects.create(first_name="Late", email="late@example.org")
        Contact.objects.filter(pk=people[0].pk).update(email="x@y.example", email_key="x@y.example")
        work()
        assert links(state=State.EXCLUDED) == {"Ada", "Grace", "Alan"}

    def test_the_job_knows_nothing_of_a_person(self, act, client, people):
        act(client, url_of("add_activity", q="example.org"), type="form_submission", title="Fair")
        job = Job.objects.latest("pk")
        stored = json.dumps([job.parameters, job.cursor, job.counts])
        assert "example" not in stored
        assert "Ada" not in stored
        work()
        assert Activity.objects.filter(title="Fair").count() == 3
        (entry,) = ModelLogEntry.objects.filter(action="wagtail_salesforce.add_activity")
        assert (entry.object_id, entry.data) == (str(job.pk), {"count": 3})

    def test_go_on_where_they_stopped(
        self, act, client, people, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr("wagtail_salesforce.admin.contacts_bulk_ids.BLOCK", 1)
        act(client, url_of("erase"))
        job = Job.objects.get()
        held = run.take(job.pk)
        assert run.advance(held) is False
        assert Contact.objects.count() == 2
        with django_capture_on_commit_callbacks(execute=True):
            run._pause(held)
        work()
        job.refresh_from_db()
        assert (job.state, job.done, Contact.objects.count()) == ("finished", 3, 0)

    def test_their_job_is_seen_by_those_who_may_do_it(self, act, client, people):
        act(client, url_of("exclude"))
        url = f"{LIST}job/{Job.objects.get().pk}/"
        assert client.get(url).status_code == 200
        assert client_of("replicate_contact").get(url).status_code == 200
        assert client_of("view_contact", "erase_contact").get(url).status_code == 302
        other = Job.objects.create(kind="count")
        assert client.get(f"{LIST}job/{other.pk}/").status_code == 302

    @given(st.sets(st.integers(1, 2**63 - 1), max_size=3 * BLOCK))
    def test_their_ids_survive_packing(self, ids):
        blocks = pack(sorted(ids))
        assert [pk for block in blocks for pk in unpack(block)] == sorted(ids)
        assert len(blocks) == -(-len(ids) // BLOCK)

    def test_a_million_ids_take_little_space(self):
        assert len(json.dumps(pack(range(1, 2_000_000, 2)))) < 150_000


class TestHooks:
    def test_may_refuse_before(self, client, people):
        def refuse(request, action_type, objects, action):
            assert (action_type, len(objects)) == ("erase", 3)
            return HttpResponse("No.")

        with hooks.register_temporarily("before_bulk_action", refuse):
            assert act(client, url_of("erase")).content == b"No."
        assert Contact.objects.count() == 3

    def test_may_answer_after(self, client, people):
        def answer(request, action_type, objects, action):
            return HttpResponse("Done.")

        with hooks.register_temporarily("after_bulk_action", answer):
            assert act(client, url_of("exclude")).content == b"Done."
        assert len(links(state=State.EXCLUDED)) == 3


class TestTheList:
    def test_offers_what_one_may_do(self, people):
        page = client_of("view_contact", "erase_contact").get(LIST).content.decode()
        assert "bulk/wagtail_salesforce/contact/erase/" in page
        assert "bulk/wagtail_salesforce/contact/exclude/" not in page

    def test_has_nothing_to_tick_for_those_who_may_do_nothing(self, people):
        page = client_of("view_contact").get(LIST).content.decode()
        assert "data-bulk-action" not in page
        assert "bulk-actions.js" not in page
