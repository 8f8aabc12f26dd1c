"""Points follow what contacts do and what they are, through real saves."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.scoring.builders import act, attribute, held, make_contact, make_score, moment, row
from wagtail_salesforce.contacts.capture import capture
from wagtail_salesforce.contacts.changes import ContactChange, gather_changes
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.scoring.activities import _group
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.update import PointsChange, refresh_points
from wagtail_salesforce.signals import points_changed, threshold_crossed


pytestmark = pytest.mark.django_db

LICENCES = {"activity_type": "purchase", "per": "value", "points": 1}
FORM = {"activity_type": "form_submission", "points": 3}
BOSS = {"field": "job_title", "test": "contains", "value": "Director", "points": 5}


@contextmanager
def received(signal):
    calls = []

    def receiver(**kwargs):
        calls.append(kwargs)

    signal.connect(receiver)
    try:
        yield calls
    finally:
        signal.disconnect(receiver)


def test_one_order_of_3000_licences_reaches_3000_as_do_3000_single_ones():
    score = make_score(LICENCES)
    big, small = make_contact("big@example.com"), make_contact("small@example.com")
    act(big, value=3000)
    for _licence in range(3000 // 50):
        with gather_changes():
            for _single in range(50):
                act(small, value=1)
    assert held(big, score) == held(small, score) == 3000


def test_a_submission_and_the_person_count_together():
    score = make_score(FORM, BOSS)
    contact = capture(email="ada@example.com", title="Quote", job_title="Managing director")
    assert held(contact, score) == 8
    assert capture(email="ADA@example.com", title="Quote").pk == contact.pk
    assert held(contact, score) == 11


def test_losing_what_a_rule_asks_for_takes_its_points():
    score = make_score(FORM, BOSS)
    contact = make_contact(job_title="Director")
    act(contact, "form_submission")
    assert held(contact, score) == 8
    contact.job_title = "Clerk"
    contact.save()
    assert held(contact, score) == 3


def test_attributes_count_by_their_type():
    attribute("licences", "integer")
    attribute("since", "date")
    many = {"source": "attribute", "field": "licences", "test": "greater", "value": "9"}
    old = {"source": "attribute", "field": "since", "test": "less", "value": "2020-01-01"}
    score = make_score({**many, "points": 10}, {"condition": {"all": [many, old]}, "points": 100})
    contact = make_contact(attributes={"licences": 10})
    assert held(contact, score) == 10
    contact.attributes["since"] = "2019-12-31"
    contact.save(update_fields=["attributes"])
    assert held(contact, score) == 110
    contact.attributes = {"licences": 9, "since": "2019-12-31"}
    contact.save()
    assert held(contact, score) == 0


def test_a_value_of_a_former_type_counts_as_empty():
    attribute("licences", "integer")
    empty = {"source": "attribute", "field": "licences", "test": "is_empty", "points": 1}
    score = make_score(empty)
    assert held(make_contact(attributes={"licences": "a dozen"}), score) == 1


def test_only_the_rules_concerned_are_evaluated():
    score = make_score(FORM, BOSS)
    contact = make_contact(job_title="Director")
    # A rule changed behind the ORM's back is noticed only where it is concerned.
    Rule.objects.filter(kind="attribute").update(points=1000)
    act(contact, "form_submission")
    assert held(contact, score) == 8
    contact.save(update_fields=["city"])
    assert held(contact, score) == 8
    contact.save(update_fields=["job_title"])
    assert held(contact, score) == 1003


def test_scores_that_are_off_or_have_nothing_to_say_cost_no_rows():
    off = make_score(FORM, name="Off", enabled=False)
    on = make_score({"activity_type": "page_visit", "points": 1}, name="On")
    contact = make_contact()
    act(contact, "form_submission")
    assert held(contact, off) is None
    assert held(contact, on) is None
    assert not ScorePoints.objects.exists()


def test_several_scores_are_kept_apart():
    one, two = make_score(FORM, name="One"), make_score({**FORM, "points": 7}, name="Two")
    contact = make_contact()
    act(contact, "form_submission")
    act(contact, "form_submission")
    assert (held(contact, one), held(contact, two)) == (6, 14)


def test_a_broken_rule_gives_nothing_and_stops_nobody():
    broken = {"source": "attribute", "field": "gone", "test": "equals", "value": "x"}
    garbage = {"condition": {"all": [{"field": ["?"], "test": 3}, 7]}}
    score = make_score(FORM, broken, garbage, {**FORM, "activity_tests": {"colour": 1}})
    contact = make_contact()
    act(contact, "form_submission")
    assert held(contact, score) == 3


def test_absurd_values_do_not_overflow():
    rules = [{**LICENCES, "points": 100_000} for _rule in range(4)]
    score = make_score(*rules)
    contact = make_contact()
    for _order in range(20):
        act(contact, value="9999999999999999")
    assert held(contact, score) == 2_000_000_000


def test_the_first_is_the_one_that_happened_first():
    score = make_score({**LICENCES, "recurring": False})
    contact = make_contact()
    act(contact, value=50, occurred_at=moment("2026-02-01T00:00:00"))
    act(contact, value=20, occurred_at=moment("2026-01-01T00:00:00"))
    assert held(contact, score) == 20


def test_sums_of_databases_that_sum_floating_point_numbers_are_put_right():
    row = (1, "purchase", None, 1000, Decimal("699.999999999997"))
    assert _group(row).value == 700


def test_fractions_add_up_exactly():
    score = make_score(LICENCES)
    contact = make_contact()
    with gather_changes():
        for _order in range(1000):
            act(contact, value="0.7")
    assert held(contact, score) == 700


def test_pages_in_sums_and_one_by_one():
    quote = {**FORM, "activity_tests": {"pages": [7, 8]}}
    big = {**FORM, "points": 100, "activity_tests": {"value": {"test": "greater", "value": "5"}}}
    score = make_score(FORM, quote, big)
    contact = make_contact()
    for page_id, value in [(7, 1), (7, None), (9, 6), (None, 7), (8, 2)]:
        act(contact, "form_submission", value, page_id=page_id)
    assert held(contact, score) == 5 * 3 + 3 * 3 + 2 * 100


def test_changes_are_told_once_with_the_total_before_and_after():
    score = make_score(FORM, BOSS)
    with received(points_changed) as calls:
        contact = capture(email="ada@example.com", title="Quote", job_title="Director")
    assert [call["changes"] for call in calls] == [[PointsChange(score.pk, contact.pk, 0, 8)]]
    with received(points_changed) as calls:
        contact.save()
    assert calls == []


def test_crossing_the_limit_is_told_once():
    score = make_score(FORM, BOSS, notify_at=6)
    contact = make_contact()
    with received(threshold_crossed) as calls:
        act(contact, "form_submission")
        assert calls == []
        act(contact, "form_submission")
        act(contact, "form_submission")
    assert [(call["score"], call["contact_id"], call["points"]) for call in calls] == [
        (score, contact.pk, 6)
    ]


def test_crossing_again_after_falling_below_is_told_again():
    make_score(BOSS, notify_at=5)
    contact = make_contact()
    with received(threshold_crossed) as calls:
        for title in ("Director", "Clerk", "Director"):
            contact.job_title = title
            contact.save()
    assert len(calls) == 2


def test_what_is_undone_gives_no_points():
    score = make_score(FORM)
    contact = make_contact()
    with pytest.raises(RuntimeError), gather_changes():
        act(contact, "form_submission")
        raise RuntimeError
    assert held(contact, score) is None


def test_a_contact_that_is_gone_is_passed_over():
    make_score(FORM)
    contact = make_contact()
    refresh_points({contact.pk + 1: ContactChange(activity_types={"form_submission"})})
    assert not ScorePoints.objects.exists()


def test_deleting_a_contact_or_a_score_leaves_nothing_behind():
    score = make_score(FORM)
    for email in ("a@example.com", "b@example.com"):
        act(make_contact(email), "form_submission")
    Contact.objects.first().delete()
    assert ScorePoints.objects.count() == 1
    score.delete()
    assert not ScorePoints.objects.exists()


def test_an_activity_that_turns_out_to_be_another_or_of_another_person():
    score = make_score(FORM, LICENCES)
    ada, bob = make_contact("ada@example.com"), make_contact("bob@example.com")
    activity = act(ada, "form_submission", value=40)
    activity.type = "purchase"
    activity.save()
    assert held(ada, score) == 40
    activity.contact, activity.type = bob, "form_submission"
    activity.save(update_fields=["contact", "type"])
    assert (held(ada, score), held(bob, score)) == (0, 3)


def test_a_new_activity_is_not_looked_for():
    contact = make_contact()
    with CaptureQueriesContext(connection) as queries:
        act(contact)
    table = Activity._meta.db_table
    assert [query["sql"].split()[0] for query in queries if table in query["sql"]] == ["INSERT"]


def test_every_share_is_kept():
    score = make_score(FORM, BOSS, {**LICENCES, "validity_amount": 1, "validity_unit": "days"})
    contact = make_contact(job_title="Director")
    act(contact, "form_submission")
    act(contact, value=4)
    shares = row(contact, score).shares
    points = [shares[str(rule.pk)][0] for rule in score.rules.all()]
    assert points == [3, 5, 4]
    changes = [shares[str(rule.pk)][1] for rule in score.rules.all()]
    assert changes == [None, None, row(contact, score).expires_at.isoformat()]


def test_a_form_that_read_the_score_earlier_does_not_put_back_its_status():
    score = make_score(FORM)
    stale = Score.objects.get(pk=score.pk)
    rule = score.rules.get()
    rule.points = 4
    rule.save()
    stale.description = "Changed by an editor"
    stale.save()
    stale.refresh_from_db()
    assert stale.description == "Changed by an editor"
    assert stale.status == Score.Status.RECALCULATION_REQUIRED
