"""Trying rules and scores on a contact, and how somebody's points came about."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.admin.people import client_of
from tests.admin.rule_form import ACTIVITY, ATTRIBUTE, CONDITION, activity_rule, make_score, url
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.models import Contact
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.recalculate import recalculate


pytestmark = pytest.mark.django_db

SCRIPT = {"headers": {"X-Requested-With": "XMLHttpRequest"}}


@pytest.fixture
def client():
    return client_of("view_score", "change_score", "view_contact")


@pytest.fixture
def score():
    return make_score()


@pytest.fixture
def ada():
    return capture(
        email="ada@engines.example", activity="purchase", value=3000, first_name="Ada",
        job_title="Director", country="DE", attributes={"licences": 120},
    )  # fmt: skip


def attempt(client, score, kind, data, contact="ada@engines.example", script=True):
    data = {**data, "edit": "try", "try-contact": contact}
    return client.post(url("rule_add", score.pk, kind), data, **(SCRIPT if script else {}))


class TestARule:
    @pytest.mark.parametrize(
        ("kind", "data", "points", "reason"),
        [
            ("activity", {**ACTIVITY, "per": "value"}, "+3,000", "add up to 3,000"),
            ("activity", {**ACTIVITY, "points": "-2"}, "-2", "1 activity “Purchase”, at −2."),
            ("attribute", ATTRIBUTE, "+5", "Job title contains “Director”."),
            ("attribute", {**ATTRIBUTE, "value": "Cook"}, "0", "gives this contact nothing"),
            ("condition", CONDITION, "+10", "Country is one of “DE”, “AT”"),
        ],
    )
    def test_is_tried_before_it_is_saved(self, client, score, ada, kind, data, points, reason):
        page = attempt(client, score, kind, {**data, "name": ""}).content.decode()
        assert f">{points}</span>" in page
        assert reason in page
        assert "<html" not in page
        assert not Rule.objects.exists()

    def test_is_tried_without_the_script_on_the_same_page(self, client, score, ada):
        response = attempt(client, score, "attribute", ATTRIBUTE, script=False)
        page = response.content.decode()
        assert "Job title contains “Director”." in page
        assert 'value="Boss"' in page
        assert 'value="ada@engines.example"' in page
        assert "<html" in page

    def test_that_is_saved_is_tried_as_entered(self, client, score, ada):
        rule = activity_rule(score, points=1)
        data = {**ACTIVITY, "points": "9", "edit": "try", "try-contact": f"#{ada.pk}"}
        page = client.post(url("rule_edit", score.pk, rule.pk), data, **SCRIPT).content.decode()
        assert "+9" in page
        rule.refresh_from_db()
        assert rule.points == 1

    @pytest.mark.parametrize(
        ("data", "contact", "message"),
        [
            (ATTRIBUTE, "", "Enter the e-mail address of a contact."),
            (ATTRIBUTE, "nobody@example.org", "No contact has this e-mail address"),
            (ATTRIBUTE, "#99999999999999999999", "No contact has this e-mail address"),
            ({**ATTRIBUTE, "value": ""}, "ada@engines.example", "The rule is not complete yet."),
            ({**ATTRIBUTE, "points": ""}, "ada@engines.example", "The rule is not complete yet."),
        ],
    )
    def test_says_what_is_missing(self, client, score, ada, data, contact, message):
        assert message in attempt(client, score, "attribute", data, contact).content.decode()

    def test_needs_permission_to_see_contacts(self, score, ada):
        client = client_of("change_score")
        page = client.get(url("rule_add", score.pk, "attribute")).content.decode()
        assert "Try it on a contact" not in page
        response = attempt(client, score, "attribute", ATTRIBUTE)
        assert response.status_code in (302, 403)
        assert b"Director" not in response.content


class TestAScore:
    def test_finds_the_contact_without_putting_the_address_into_the_url(self, client, score, ada):
        response = client.post(url("try", score.pk), {"try-contact": "ada@engines.example"})
        assert response.url == url("explanation", score.pk, ada.pk)
        assert client.get(url("try", score.pk)).status_code == 405

    @pytest.mark.parametrize("text", ["", "nobody@example.org", "#0"])
    def test_says_that_nobody_is_found(self, client, score, text):
        response = client.post(url("try", score.pk), {"try-contact": text})
        assert response.status_code == 200
        assert response.context["try_form"].errors


class TestTheExplanation:
    def page(self, client, score, contact):
        return client.get(url("explanation", score.pk, contact.pk)).content.decode()

    def test_names_every_rule_with_its_points(self, client, score):
        activity_rule(score, name="Licences", per="value")
        Rule.objects.create(
            score=score, name="Boss", kind="attribute", source="field", field="job_title",
            test="contains", value="Director", points=-5,
        )  # fmt: skip
        Score.objects.update(status="ready")
        ada = capture(email="ada@engines.example", activity="purchase", value=3000,
                      job_title="Director")  # fmt: skip
        page = self.page(client, score, ada)
        assert ">2,995</span>" in page
        assert "The values of “Purchase” add up to 3,000, at 1 for each unit." in page
        assert "Job title contains “Director”." in page
        assert "The reasons below make" not in page

    def test_says_when_the_old_points_still_count(self, client, score, ada):
        activity_rule(score, per="value")
        recalculate(score)
        rule = Rule.objects.get()
        rule.points = 2
        rule.save()
        page = self.page(client, score, ada)
        assert ">3,000</span>" in page
        assert "add up to 3,000, at 1 for each unit." in page
        assert "The reasons below make" not in page

    def test_says_when_the_reasons_make_something_else(self, client, score, ada):
        activity_rule(score, per="value")
        recalculate(score)
        Rule.objects.update(points=2)
        assert "The reasons below make 6,000" in self.page(client, score, ada)

    def test_of_somebody_without_points(self, client, score):
        nobody = Contact.objects.create(email="n@example.org")
        assert "No rule of this score gives this contact points." in self.page(
            client, score, nobody
        )

    def test_of_what_is_gone_is_not_found(self, client, score, ada):
        assert client.get(url("explanation", 404, ada.pk)).status_code == 404
        assert client.get(url("explanation", score.pk, 404)).status_code == 404

    def test_takes_at_most_fifteen_statements(self, client, score, ada):
        for number in range(10):
            activity_rule(score, name=f"R{number}", per="value")
            activity_rule(score, name=f"W{number}", per="value", validity_amount=number + 1,
                          validity_unit="weeks")  # fmt: skip
        recalculate(score)
        self.page(client, score, ada)
        with CaptureQueriesContext(connection) as statements:
            self.page(client, score, ada)
        assert len(statements) <= 15
        assert ScorePoints.objects.in_force(score).get().points == 60000
