"""Contacts → Scores: the list, a score's page, and who has points."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import OrmQ

from tests.admin.people import client_of, messages_of
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate


pytestmark = pytest.mark.django_db

NAMESPACE = "wagtail_salesforce_scores"
LIST = reverse(f"{NAMESPACE}:index")
ALL = [f"{kind}_score" for kind in ("view", "add", "change", "delete")]


@pytest.fixture
def client():
    return client_of(*ALL, "view_contact")


@pytest.fixture
def score():
    score = Score.objects.create(name="Sales ready", description="Who to call first.")
    Rule.objects.create(
        score=score,
        name="Licences",
        kind="activity",
        activity_type="purchase",
        per="value",
        points=1,
    )
    recalculate(score)
    return score


def url(name, *args):
    return reverse(f"{NAMESPACE}:{name}", args=args)


def page_of(client, score):
    return client.get(url("inspect", score.pk)).content.decode()


def buy(email, value):
    return capture(email=email, activity="purchase", value=value)


class TestTheList:
    def test_shows_rules_status_and_contacts_with_points(self, client, score):
        Rule.objects.create(
            score=score, name="Any", kind="activity", activity_type="form_submission", points=1
        )
        buy("ada@engines.example", 3)
        buy("grace@navy.example", 3)
        buy("alan@bletchley.example", 0)
        (shown,) = client.get(LIST).context["object_list"]
        assert (shown.rules_count, shown.holders_count) == (2, 2)
        assert "Recalculation required" in client.get(LIST).content.decode()

    def test_takes_the_same_number_of_statements_for_many(self, client, score):
        client.get(LIST)
        with CaptureQueriesContext(connection) as few:
            client.get(LIST)
        for number in range(15):
            other = Score.objects.create(name=f"S{number}")
            Rule.objects.create(
                score=other, name="R", kind="activity", activity_type="purchase", points=1
            )
        with CaptureQueriesContext(connection) as many:
            client.get(LIST)
        assert len(many) == len(few)


class TestAScore:
    def test_is_added_and_its_page_asks_for_rules(self, client):
        response = client.post(url("add"), {"name": "Sales ready", "enabled": "on"}, follow=True)
        score = Score.objects.get()
        assert response.redirect_chain[-1][0] == url("inspect", score.pk)
        page = response.content.decode()
        assert "This score has no rules yet" in page
        assert url("rule_add", score.pk, "activity") in page
        assert url("rule_add", score.pk, "attribute") in page

    @pytest.mark.parametrize("name", ["", "x" * 201, "Sales ready"])
    def test_needs_a_name_of_its_own(self, client, score, name):
        assert "name" in client.post(url("add"), {"name": name}).context["form"].errors

    def test_is_changed_without_a_recalculation(self, client, score):
        client.post(url("edit", score.pk), {"name": "Hot", "description": "", "enabled": "on"})
        score.refresh_from_db()
        assert (score.name, score.status) == ("Hot", "ready")
        assert queued() == 0

    @pytest.mark.django_db(transaction=True)
    def test_is_recalculated_when_it_is_switched_on_again(self, client, score):
        client.post(url("edit", score.pk), {"name": "Sales ready"})
        assert queued() == 0
        buy("ada@engines.example", 3)
        assert not ScorePoints.objects.exists()
        data = {"name": "Sales ready", "enabled": "on"}
        response = client.post(url("edit", score.pk), data, follow=True)
        assert "The points are recalculated in the background." in messages_of(response)
        assert queued() == 1

    def test_keeps_the_status_that_a_recalculation_sets_meanwhile(self, client, score):
        Score.objects.filter(pk=score.pk).update(status="recalculating")
        client.post(url("edit", score.pk), {"name": "Hot", "enabled": "on"})
        score.refresh_from_db()
        assert score.status == "recalculating"

    def test_is_deleted_with_rules_and_points(self, client, score):
        buy("ada@engines.example", 3)
        client.post(url("delete", score.pk))
        assert not Score.objects.exists()
        assert not Rule.objects.exists()
        assert not ScorePoints.objects.exists()
        assert Contact.objects.exists()

    def test_is_not_deleted_while_replication_needs_it(self, client, score):
        settings = ReplicationSettings.load()
        settings.choose_score(score)
        settings.save()
        assert "the replication settings" in client.get(url("delete", score.pk)).content.decode()
        client.post(url("delete", score.pk))
        assert Score.objects.exists()


def queued():
    """How many tasks wait in django-q2's queue."""
    return OrmQ.objects.count()


class TestThePage:
    def test_says_what_each_rule_does(self, client, score):
        assert "“purchase” gives 1 point for each unit of its value." in page_of(client, score)

    def test_marks_rules_with_problems(self, client, score):
        Rule.objects.create(
            score=score, name="Broken", kind="attribute", source="attribute", field="gone", points=1
        )
        page = page_of(client, score)
        assert "This rule has problems and gives no points:" in page
        assert "Choose an attribute that exists." in page

    def test_names_the_leaders(self, client, score):
        buy("ada@engines.example", 3)
        buy("grace@navy.example", 3000)
        top = client.get(url("inspect", score.pk)).context["top"]
        assert [item["row"].points for item in top] == [3000, 3]
        assert "Show all 2 contacts with points" in page_of(client, score)

    def test_names_nobody_to_those_who_may_not_see_contacts(self, score):
        buy("ada@engines.example", 3)
        page = page_of(client_of("view_score"), score)
        assert "engines.example" not in page
        assert "1 contact has points." in page

    def test_says_that_replication_uses_it(self, client, score):
        assert "Replication sends" not in page_of(client, score)
        settings = ReplicationSettings.load()
        settings.choose_score(score)
        settings.minimum_points = 3000
        settings.save()
        assert "at least 3,000 points in this score" in page_of(client, score)

    def test_offers_changes_to_those_who_may_change(self, client, score):
        add = url("rule_add", score.pk, "activity")
        assert add in page_of(client, score)
        assert add not in page_of(client_of("view_score"), score)

    @pytest.mark.parametrize(
        ("status", "text", "button"),
        [
            ("ready", "The points are up to date.", True),
            ("recalculation_required", "The rules have changed", True),
            ("recalculating", "are being recalculated", False),
            ("failed", "The last recalculation failed", True),
        ],
    )
    def test_says_where_the_recalculation_stands(self, client, score, status, text, button):
        Score.objects.filter(pk=score.pk).update(status=status)
        page = page_of(client, score)
        assert text in page
        assert (url("recalculate", score.pk) in page) is button

    def test_says_when_it_is_off(self, client, score):
        Score.objects.filter(pk=score.pk).update(enabled=False)
        assert "This score is switched off" in page_of(client, score)


class TestContactsWithPoints:
    @pytest.fixture
    def people(self, score):
        return {value: buy(f"p{value}@example.org", value) for value in (1, 25, 3000)}

    def points(self, client, score, **parameters):
        response = client.get(url("contacts", score.pk), parameters)
        assert response.status_code == 200
        return [row.points for row in response.context["object_list"]]

    def test_are_listed_most_points_first(self, client, score, people):
        assert self.points(client, score) == [3000, 25, 1]
        assert self.points(client, score, ordering="points") == [1, 25, 3000]

    @pytest.mark.parametrize(
        ("minimum", "found"),
        [
            ("3000", [3000]),
            ("3001", []),
            ("24.5", [3000, 25]),
            ("9" * 30, []),
            ("x", [3000, 25, 1]),
        ],
    )
    def test_are_filtered_by_points(self, client, score, people, minimum, found):
        """Kentico's example: one point per licence, contacts with 3,000 or more."""
        assert self.points(client, score, minimum=minimum) == found

    def test_are_counted_as_contacts(self, client, score, people):
        response = client.get(url("contacts", score.pk))
        assert "score points" not in response.content.decode()

    def test_are_those_of_this_score(self, client, score, people):
        other = Score.objects.create(name="Other")
        assert self.points(client, other) == []

    @pytest.mark.parametrize(
        ("minimum", "maximum", "found"), [("2", "2999.9", [25]), ("", "1", [1]), ("26", "25", [])]
    )
    def test_are_filtered_by_points_from_and_to(
        self, client, score, people, minimum, maximum, found
    ):
        assert self.points(client, score, minimum=minimum, maximum=maximum) == found

    @pytest.mark.parametrize(
        ("text", "found"), [("p25@example.org", [25]), ("p3", [3000]), ("nobody", []), ("\0", [])]
    )
    def test_are_searched(self, client, score, people, text, found):
        points = self.points(client, score, q=text)
        assert points == found or text == "\0"

    def test_without_points_are_left_out(self, client, score, people):
        buy("zero@example.org", 0)
        ScorePoints.objects.filter(contact=people[25]).update(points=0)
        assert self.points(client, score) == [3000, 1]

    def test_are_exported_as_filtered_and_without_formulas(self, score, people):
        Contact.objects.filter(pk=people[3000].pk).update(company_name="=1+1")
        parameters = {"export": "csv", "minimum": "25"}
        allowed = client_of("view_score", "view_contact", "export_contact")
        response = allowed.get(url("contacts", score.pk), parameters)
        text = b"".join(response.streaming_content).decode()
        assert text.splitlines()[0] == "Number,Contact,E-mail,Company,Points"
        assert "'=1+1,3000" in text
        assert "p1@example.org" not in text
        assert allowed.get(url("contacts", score.pk), {"export": "xlsx"}).status_code == 200

    def test_are_not_exported_without_permission(self, client, score, people):
        response = client.get(url("contacts", score.pk), {"export": "csv"})
        assert response.status_code == 302

    def test_link_to_how_the_points_came_about(self, client, score, people):
        page = client.get(url("contacts", score.pk)).content.decode()
        assert url("explanation", score.pk, people[25].pk) in page

    def test_of_a_score_that_is_gone_are_not_found(self, client):
        assert client.get(url("contacts", 404)).status_code == 404

    def test_take_the_same_number_of_statements_for_many(self, client, score, people):
        self.points(client, score)
        with CaptureQueriesContext(connection) as few:
            self.points(client, score)
        for number in range(20):
            buy(f"q{number}@example.org", number + 1)
        with CaptureQueriesContext(connection) as many:
            assert len(self.points(client, score, minimum="1", q="example")) == 23
        assert len(many) <= len(few) <= 15
