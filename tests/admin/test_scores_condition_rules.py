"""Condition rules: several tests in groups, edited with and without the page's script."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.admin.rule_form import CONDITION, add, errors_of, make_score, told, url
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.scoring.models import Rule


pytestmark = pytest.mark.django_db

STORED = {
    "all": [
        {"source": "field", "field": "country", "test": "in_list", "value": ["DE", "AT"]},
        {
            "any": [
                {"source": "field", "field": "job_title", "test": "contains", "value": "Director"},
                {"source": "attribute", "field": "licences", "test": "greater", "value": "100"},
            ]
        },
    ]
}
SCRIPT = {"headers": {"X-Requested-With": "XMLHttpRequest"}}


@pytest.fixture
def client(admin_user):
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def score():
    return make_score()


@pytest.fixture
def rule(score):
    return Rule.objects.create(score=score, name="R", kind="condition", condition=STORED, points=2)


def parts_of(form):
    return {row.path: row for row in form.root.walk()}


def errors_at(response):
    """The errors beside the tests, by path."""
    rows = parts_of(response.context["form"])
    return {
        path: list(row.form.errors) for path, row in rows.items() if row.form and row.form.errors
    }


class TestSaving:
    def test_keeps_the_groups(self, client, score):
        assert add(client, score, "condition").url == url("inspect", score.pk)
        rule = Rule.objects.get()
        assert (rule.kind, rule.points, rule.condition) == ("condition", 10, STORED)
        assert told(rule) == (
            "10 points when Country is one of “DE”, “AT” and "
            "(Job title contains “Director” or Licences is more than “100”)."
        )

    def test_what_is_shown_can_be_saved_unchanged(self, client, score, rule):
        form = client.get(url("rule_edit", score.pk, rule.pk)).context["form"]
        data = {"name": "R", "points": "2"}
        for path, row in parts_of(form).items():
            data |= (
                {f"{path}-{name}": row.form[name].value() for name in row.form.fields}
                if row.form
                else {f"{path}-join": row.join}
            )
        client.post(url("rule_edit", score.pk, rule.pk), data)
        rule.refresh_from_db()
        assert rule.condition == STORED

    @pytest.mark.parametrize(
        ("changes", "place", "field"),
        [
            ({"c-0-subject": ""}, "c-0", "subject"),
            ({"c-0-subject": "field:password"}, "c-0", "subject"),
            ({"c-1-1-subject": "attribute:gone"}, "c-1-1", "subject"),
            ({"c-1-1-test": "text:contains"}, "c-1-1", "test"),
            ({"c-1-1-test": "number:sounds_like"}, "c-1-1", "test"),
            ({"c-1-1-value": "many"}, "c-1-1", "value"),
            ({"c-1-1-value": ""}, "c-1-1", "value"),
            ({"c-1-1-value": "1\n2"}, "c-1-1", "value"),
            ({"c-1-0-value": ""}, "c-1-0", "value"),
            (
                {"c-1-1-subject": "attribute:renewal", "c-1-1-test": "date:less",
                 "c-1-1-value": "2027-02-30"},
                "c-1-1", "value",
            ),
        ],
    )  # fmt: skip
    def test_shows_errors_beside_the_part(self, client, score, changes, place, field):
        response = add(client, score, "condition", **changes)
        assert list(errors_of(response)) == ["__all__"]
        assert errors_at(response) == {place: [field]}
        assert "Correct the tests that are marked below." in response.content.decode()

    def test_shows_all_errors_at_once(self, client, score):
        response = add(
            client, score, "condition", points="100001", **{"c-0-value": "", "c-1-1-value": "x"}
        )
        errors = errors_of(response)
        assert set(errors) == {"points", "__all__"}
        assert errors["points"] == ["Give points from −100,000 to 100,000."]
        assert errors["__all__"] == ["Correct the tests that are marked below."]
        assert errors_at(response) == {"c-0": ["value"], "c-1-1": ["value"]}
        response = add(client, score, "condition", **{"c-0-subject": "", "c-1-1-subject": ""})
        assert errors_at(response) == {"c-0": ["subject"], "c-1-1": ["subject"]}

    def test_needs_a_test(self, client, score):
        response = client.post(
            url("rule_add", score.pk, "condition"), {"name": "R", "points": "1", "c-join": "all"}
        )
        assert list(errors_of(response)) == ["__all__"]


class TestTheButtons:
    @pytest.mark.parametrize(
        ("action", "paths", "focus"),
        [
            ("add-test:c", ["c", "c-0", "c-1", "c-1-0", "c-1-1", "c-2"], "c-2"),
            ("add-group:c-1", ["c", "c-0", "c-1", "c-1-0", "c-1-1", "c-1-2", "c-1-2-0"], "c-1-2"),
            ("remove:c-0", ["c", "c-0", "c-0-0", "c-0-1"], "c-0"),
            ("up:c-1", ["c", "c-0", "c-0-0", "c-0-1", "c-1"], "c-0"),
        ],
    )
    def test_change_the_page_and_save_nothing(self, client, score, action, paths, focus):
        response = add(client, score, "condition", edit=action, points="7")
        assert not Rule.objects.exists()
        form = response.context["form"]
        assert list(parts_of(form)) == paths
        assert form.focus == focus
        assert form["points"].value() == "7"
        assert not form.errors
        assert "<html" in response.content.decode()

    def test_give_the_script_the_condition_alone(self, client, score):
        data = {**CONDITION, "edit": "up:c-1"}
        response = client.post(url("rule_add", score.pk, "condition"), data, **SCRIPT)
        text = response.content.decode()
        assert text.lstrip().startswith('<div class="wsc-condition"')
        assert 'data-focus="c-0"' in text
        assert "<html" not in text

    def test_work_on_a_saved_rule(self, client, score, rule):
        data = {**CONDITION, "edit": "remove:c-1"}
        response = client.post(url("rule_edit", score.pk, rule.pk), data)
        assert list(parts_of(response.context["form"])) == ["c", "c-0"]
        rule.refresh_from_db()
        assert rule.condition == STORED


class TestShowing:
    def test_a_broken_condition_can_be_repaired(self, client, score, rule):
        Attribute.objects.filter(name="licences").delete()
        response = client.get(url("rule_edit", score.pk, rule.pk))
        row = parts_of(response.context["form"])["c-1-1"]
        assert row.form["subject"].value() == "attribute:licences"
        client.post(url("rule_edit", score.pk, rule.pk), {**CONDITION, "c-1-1-subject": "field:city",
                    "c-1-1-test": "text:is_empty", "c-1-1-value": ""})  # fmt: skip
        rule.refresh_from_db()
        assert told(rule).endswith("or City is empty).")

    def test_a_condition_too_large_for_a_form_stays_as_it_is(self, client, score, rule):
        many = {"any": [STORED["all"][0]] * 300}
        Rule.objects.update(condition=many)
        address = url("rule_edit", score.pk, rule.pk)
        assert "too many tests for a form" in client.get(address).content.decode()
        client.post(address, {"name": "R", "points": "9"})
        rule.refresh_from_db()
        assert (rule.points, rule.condition) == (9, many)
