"""Points kept up to date step by step are those that all activities together give."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scoring.builders import attribute, moment, rule_row
from tests.scoring.oracle import naive_points
from wagtail_salesforce.contacts.changes import gather_changes
from wagtail_salesforce.contacts.models import Activity, Contact
from wagtail_salesforce.scoring import stages
from wagtail_salesforce.scoring.compile import compile_rule
from wagtail_salesforce.scoring.facts import ActivityFact
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints
from wagtail_salesforce.scoring.reasons import explain
from wagtail_salesforce.scoring.recalculate import recalculate
from wagtail_salesforce.scoring.snapshot import snapshot_of
from wagtail_salesforce.scoring.update import refresh_expired
from wagtail_salesforce.scoring.validate import rule_problems


# Each case is a small life of a site; more for a thorough run.
CASES = int(os.environ.get("WS_SCORING_CASES", "100"))

START = moment("2026-01-30T09:00:00")
TICK = timedelta(microseconds=1)

types = st.sampled_from(["form_submission", "purchase"])
values = st.none() | st.sampled_from([Decimal(1), Decimal("0.5"), Decimal(40), Decimal(-3)])
words = st.sampled_from(["", "Director", "Sales director", "Clerk"])
spans = st.timedeltas(timedelta(0), timedelta(days=40)).map(
    lambda span: span - timedelta(seconds=span.seconds % 3600, microseconds=span.microseconds)
)

comparisons = st.builds(
    lambda word: {"source": "field", "field": "job_title", "test": "contains", "value": word},
    st.sampled_from(["Director", "sales", "clerk"]),
) | st.builds(
    lambda least: {
        "source": "attribute",
        "field": "licences",
        "test": "greater",
        "value": str(least),
    },
    st.integers(0, 5),
)


@st.composite
def windows(draw):
    kind = draw(st.sampled_from(["none", "none", "period", "date"]))
    if kind == "period":
        unit = draw(st.sampled_from(["days", "weeks", "months"]))
        return {"validity_amount": draw(st.integers(1, 5)), "validity_unit": unit}
    if kind == "date":
        return {"valid_until": START + draw(spans)}
    return {}


@st.composite
def activity_rules(draw):
    points = draw(st.sampled_from([-7, -1, 1, 3, 100]))
    most = draw(st.none() | st.integers(1, 150))
    tests = draw(
        st.sampled_from(
            [
                {},
                {},
                {"pages": [1, 2]},
                {"title": {"test": "contains", "value": "DIRECTOR"}},
                {"value": {"test": "greater_or_equal", "value": "1"}},
            ]
        )
    )
    return {
        "activity_type": draw(types),
        "points": points,
        "max_points": most and (most if points > 0 else -most),
        "activity_tests": tests,
        "per": draw(st.sampled_from(["activity", "value"])),
        "recurring": draw(st.booleans()),
        **draw(windows()),
    }


contact_rules = st.builds(
    lambda comparison, points: {**comparison, "points": points}, comparisons, st.integers(-5, 5)
) | st.builds(
    lambda key, parts, points: {"condition": {key: parts}, "points": points},
    st.sampled_from(["all", "any"]),
    st.lists(
        comparisons | st.builds(lambda part: {"any": [part]}, comparisons), min_size=1, max_size=3
    ),
    st.integers(-5, 5),
)
rules = activity_rules() | contact_rules

people = st.integers(0, 1)
steps = st.one_of(
    st.tuples(st.just("act"), people, types, values, st.integers(1, 3), words, spans),
    st.tuples(st.just("act"), people, types, values, st.integers(1, 3), words, spans),
    st.tuples(st.just("edit"), people, words, st.none() | st.integers(0, 6)),
    st.tuples(st.just("correct"), values),
    st.tuples(st.just("retype"), types),
    st.tuples(st.just("hand_over"), people, types),
    st.tuples(st.just("remove")),
    st.tuples(st.just("begin"), st.integers(1, 4)),
    st.tuples(st.just("go_on"), st.integers(1, 4)),
    st.tuples(st.just("wait"), spans, st.booleans()),
    st.tuples(st.just("change_rule"), st.integers(-5, 5), st.booleans()),
    st.tuples(st.just("replace_rules"), rules, st.booleans()),
)


class Site:
    """Two contacts, a score, and a clock."""

    def __init__(self, clock, chosen):
        self.clock, self.numbers, self.place = clock, count(), None
        self.score = Score.objects.create(name="Sales ready")
        rows = [rule_row(name=f"Rule {n}", **rule) for n, rule in enumerate(chosen)]
        for row in rows:
            row.score = self.score
        self.in_force = Rule.objects.bulk_create(rows)
        # As after a recalculation without contacts, which would take most of the time here.
        self.generation, kept = 1, snapshot_of(self.in_force)
        Score.objects.filter(pk=self.score.pk).update(rules_in_force=kept)
        self.contacts = list(Contact.objects.order_by("pk"))

    def act(self, person, type, value, page_id, title, ago):
        with gather_changes():
            Activity.objects.create(
                contact=self.contacts[person],
                type=type,
                value=value,
                page_id=page_id,
                title=title,
                occurred_at=timezone.now() - ago,
            )

    def edit(self, person, job_title, licences):
        contact = self.contacts[person]
        contact.job_title, contact.attributes = job_title, {"licences": licences}
        contact.save(update_fields=["job_title", "attributes"] if licences else None)

    def correct(self, value):
        activity = Activity.objects.order_by("-pk").first()
        if activity:
            activity.value = value
            activity.save()

    def retype(self, type):
        """What was done turns out to be something else."""
        activity = Activity.objects.order_by("-pk").first()
        if activity:
            activity.type = type
            activity.save()

    def hand_over(self, person, type):
        """Somebody else did it, and something else perhaps."""
        activity = Activity.objects.order_by("pk").first()
        if activity:
            activity.contact, activity.type = self.contacts[person], type
            activity.save()

    def remove(self):
        activity = Activity.objects.order_by("pk").first()
        if activity:
            activity.delete()

    def begin(self, number):
        """A recalculation that gets so many steps far."""
        self.place = None
        self.go_on(number, first=True)

    def go_on(self, number, first=False):
        """It goes on at its place, as after a crash."""
        for _step in range(number):
            if self.place is not None or first:
                self.place, first = stages.advance(self.score.pk, self.place, 1).place, False

    def wait(self, span, look):
        self.clock.shift(span)
        if look:
            refresh_expired()

    def change_rule(self, points, at_once):
        rule = self.score.rules.exclude(kind="activity", max_points__isnull=False).first()
        if rule:
            rule.points = points
            rule.save()
            self._recalculate(at_once)

    def replace_rules(self, columns, at_once):
        first = self.score.rules.first()
        if first:
            first.delete()
        rule = rule_row(**columns, score=self.score)
        rule.name = f"Replacement {next(self.numbers)}"
        rule.save()
        self._recalculate(at_once)

    def _recalculate(self, at_once):
        if at_once:
            recalculate(self.score)

    def note_switch(self, score):
        """The rules by which a recalculation came to its end count, until the next has."""
        if score.generation != self.generation:
            self.generation, self.in_force = score.generation, list(score.rules.all())

    def check(self, settled=False):
        """Whoever's points are known has the points that the oracle says, until they expire."""
        score, now = Score.objects.get(pk=self.score.pk), timezone.now()
        self.note_switch(score)
        held = {row.contact_id: row for row in ScorePoints.objects.in_force(score)}
        done = list(Activity.objects.order_by("occurred_at", "pk"))
        for contact in Contact.objects.all():
            row = held.get(contact.pk)
            points, expires_at = (row.points, row.expires_at) if row else (0, None)
            if expires_at is not None and expires_at <= now:
                assert not settled
                continue
            last = (expires_at or now + timedelta(days=400)) - TICK
            assert points == self.expected(contact, done, now) == self.expected(contact, done, last)
            if settled:
                assert points == sum(reason.points for reason in explain(contact, score))

    def expected(self, contact, done, moment):
        theirs = [each for each in done if each.contact_id == contact.pk]
        return sum(naive_points(rule, contact, theirs, moment) for rule in self.in_force)


@pytest.fixture
def people_and_attribute(db, monkeypatch):
    # Who is to be sent to Salesforce is not asked here.
    monkeypatch.setattr("wagtail_salesforce.replication.due.mark_due", lambda changes: None)
    monkeypatch.setattr("wagtail_salesforce.replication.due.mark_for_points", lambda ids: None)
    attribute("licences", "integer")
    for number in range(2):
        Contact.objects.create(email=f"{number}@example.com")


@pytest.mark.usefixtures("people_and_attribute")
@settings(
    max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(chosen=st.lists(rules, min_size=1, max_size=4), life=st.lists(steps, max_size=8))
def test_step_by_step_comes_to_the_same_as_all_at_once(chosen, life):
    with transaction.atomic(), time_machine.travel(START, tick=False) as clock:
        site = Site(clock, chosen)
        for name, *arguments in life:
            getattr(site, name)(*arguments)
            site.check()
        refresh_expired()
        site.go_on(40)
        site.check()
        recalculate(site.score)
        site.check(settled=True)
        assert not ScorePoints.objects.exclude(generation=site.score.generation).exists()
        transaction.set_rollback(True)


activities = st.lists(st.tuples(values, st.integers(1, 3), words, spans), max_size=8)


@settings(max_examples=400, deadline=None)
@given(columns=activity_rules(), done=activities, late=spans)
def test_points_change_at_the_moment_that_was_foretold(columns, done, late):
    """`expires_at` is the first end of a window, or the date, from which the points differ."""
    row, now = rule_row(**columns), START + late
    assert rule_problems(row, {}) == []
    rule = compile_rule(row, {})
    rows = sorted(
        (
            Activity(type=row.activity_type, value=v, page_id=p, title=t, occurred_at=START - ago)
            for v, p, t, ago in done
        ),
        key=lambda each: each.occurred_at,
    )
    facts = [
        ActivityFact(each.type, each.value, each.page_id, each.title, "", each.occurred_at)
        for each in rows
    ]
    found = rule.evaluate(facts, now)
    assert found.points == naive_points(row, None, rows, now)
    moments = {rule.window.end(fact.occurred_at) for fact in facts} if rule.window else set()
    moments |= {rule.valid_until} - {None}
    changes = [
        moment
        for moment in sorted(moments)
        if moment > now and naive_points(row, None, rows, moment) != found.points
    ]
    assert found.expires_at == (changes[0] if changes else None)
