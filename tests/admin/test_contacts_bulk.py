"""The bulk actions of the contact list: who is meant, who may, and what is done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.admin.bulk import Done, act, asked, editor, links, three_people, url_of
from tests.admin.people import messages_of
from wagtail_salesforce.contacts.models import Activity, ActivityType, Contact
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints


pytestmark = pytest.mark.django_db

State = LeadLink.State


@pytest.fixture
def client():
    return editor()


@pytest.fixture
def people():
    return three_people()


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
