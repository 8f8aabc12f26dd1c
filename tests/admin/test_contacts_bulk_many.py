"""Bulk actions on many contacts at once, for the log, for hooks, and in the list."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from hypothesis import given
from hypothesis import strategies as st
from wagtail import hooks
from wagtail.models import ModelLogEntry

from tests.admin.bulk import LIST, act, editor, links, three_people, url_of
from tests.admin.people import client_of
from tests.cluster import work
from wagtail_salesforce.admin import contacts_bulk
from wagtail_salesforce.admin.contacts_bulk_ids import BLOCK, pack, unpack
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.jobs import run
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.replication.models import LeadLink


pytestmark = pytest.mark.django_db

State = LeadLink.State


@pytest.fixture
def client():
    return editor()


@pytest.fixture
def people():
    return three_people()


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
