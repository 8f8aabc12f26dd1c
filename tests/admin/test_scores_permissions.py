"""Who may do what with scores, by GET and by POST."""

from __future__ import annotations

import pytest

from tests.admin.people import client_of
from tests.admin.rule_form import ACTIVITY, ATTRIBUTE, activity_rule, make_score, url
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.scoring.models import Rule, Score


pytestmark = pytest.mark.django_db

SCORES = ("view", "add", "change", "delete")


@pytest.fixture
def score():
    return make_score()


@pytest.fixture
def rule(score):
    return activity_rule(score, name="Kept")


@pytest.fixture
def ada():
    return capture(email="ada@engines.example", activity="purchase", value=3)


def addresses(score, rule, ada):
    """Each address with what it needs to be seen, and to be posted to (None: not at all)."""
    seen = tuple(f"{kind}_score" for kind in SCORES)
    return {
        url("index"): (seen, None),
        url("inspect", score.pk): (seen, None),
        url("add"): (("add_score",), ("add_score",)),
        url("edit", score.pk): (("change_score",), ("change_score",)),
        url("delete", score.pk): (("delete_score",), ("delete_score",)),
        url("recalculate", score.pk): (None, ("change_score",)),
        url("recalculate_at", score.pk): (("change_score",), ("change_score",)),
        url("call_off", score.pk): (None, ("change_score",)),
        url("rule_add", score.pk, "activity"): (("change_score",), ("change_score",)),
        url("rule_add", score.pk, "condition"): (("change_score",), ("change_score",)),
        url("rule_edit", score.pk, rule.pk): (("change_score",), ("change_score",)),
        url("rule_delete", score.pk, rule.pk): (("change_score",), ("change_score",)),
        url("rule_sentence", score.pk, "activity"): (None, ("change_score",)),
    }


@pytest.mark.parametrize("permission", [f"{kind}_score" for kind in SCORES])
def test_each_permission_opens_its_pages_and_no_others(score, rule, ada, permission):
    client = client_of(permission)
    for address, (seen, _posted) in addresses(score, rule, ada).items():
        status = client.get(address).status_code
        if seen is None:
            assert status in (302, 405), address
        else:
            assert (status == 200) is (permission in seen), (address, status)


def test_without_permission_nothing_is_changed(score, rule, ada):
    outsiders = [client_of("view_contact"), client_of("view_score", "view_contact")]
    for client in outsiders:
        for address in addresses(score, rule, ada):
            client.post(address, {**ACTIVITY, "at": "2090-01-01 10:00"})
            client.post(address, {**ACTIVITY, "edit": "try", "try-contact": "ada@engines.example"})
        assert list(Rule.objects.values_list("name", "points")) == [("Kept", 1)]
        assert list(Score.objects.values_list("name", flat=True)) == ["Sales ready"]
        assert not Job.objects.exists()


def test_a_sentence_is_told_only_to_those_who_may_change(score):
    address = url("rule_sentence", score.pk, "attribute")
    assert client_of("change_score").post(address, ATTRIBUTE).status_code == 200
    assert client_of("view_score").post(address, ATTRIBUTE).status_code == 302


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        (("view_score", "view_contact"), True),
        (("change_score", "change_contact"), True),
        (("view_score",), False),
        (("view_contact",), False),
        (("view_score", "add_contact", "delete_contact"), False),
    ],
)
def test_points_of_people_need_permission_for_scores_and_for_contacts(
    score, rule, ada, permissions, allowed
):
    Score.objects.update(status="ready")
    client = client_of(*permissions)
    for address in (url("contacts", score.pk), url("explanation", score.pk, ada.pk)):
        response = client.get(address)
        assert (response.status_code == 200) is allowed
        assert (b"ada@engines.example" in response.content) is allowed
    found = client.post(url("try", score.pk), {"try-contact": "ada@engines.example"})
    assert (found.url == url("explanation", score.pk, ada.pk)) is allowed


def test_rules_are_offered_to_those_who_may_change(score, rule):
    page = client_of("view_score").get(url("inspect", score.pk)).content.decode()
    for name in ("rule_edit", "rule_delete"):
        assert url(name, score.pk, rule.pk) not in page
    assert "?copy=" not in page
