"""What people do to the real site, through its public doors."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django_q.models import OrmQ

from tests.connecting import connect_by_person
from tests.ready import EXTERNAL_ID
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.models import Activity, Attribute, Contact
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import run_job
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication import again, due
from wagtail_salesforce.replication.deleting import retry_failed
from wagtail_salesforce.replication.engine import Request, RunResult, replicate, run_slice
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings, Run
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.recalculate import recalculate


FIELDS = {
    "LastName": {"source": "field", "name": "last_name"},
    "FirstName": {"source": "field", "name": "first_name"},
    "Email": {"source": "field", "name": "email"},
    "City": {"source": "field", "name": "city"},
    "Company": {"source": "custom", "name": "company_name"},
}
TITLE = {"Title": {"source": "field", "name": "job_title"}}
AGREED = "agreed"


def empty_database() -> None:
    """Delete every row of the app, quickly."""
    models = [*apps.get_app_config("wagtail_salesforce").get_models(), OrmQ]
    with connection.constraint_checks_disabled(), transaction.atomic():
        for model in models:
            model._base_manager.all()._raw_delete(using=connection.alias)
    activity_types._with_row.clear()


def set_up(org: Any) -> None:
    """Connect by a person, with a score, a consent attribute and a mapping."""
    org.options(rotation=True)
    connect_by_person(org)
    Attribute.objects.create(name=AGREED, label="Agreed", type="boolean")
    score = Score.objects.create(name="Licences")
    Rule.objects.create(
        score=score,
        name="Licences",
        kind="activity",
        activity_type="purchase",
        points=1,
        per="value",
        validity_amount=10,
        validity_unit="days",
    )
    recalculate(score)
    mapping = Mapping.objects.create(name="Leads", external_id_field=EXTERNAL_ID, fields=FIELDS)
    save_settings(mapping=mapping, enabled=True, default_company_name="Unknown")


def save_settings(**changes: Any) -> None:
    """Save the settings, as the panel does; `score` is whether the score chooses."""
    settings = ReplicationSettings.load()
    if "score" in changes:
        settings.choose_score(Score.objects.get() if changes.pop("score") else None)
    for name, value in changes.items():
        setattr(settings, name, value)
    settings.save()


def save_mapping(with_title: bool) -> None:
    """Save the mapping, with or without one of its rows."""
    mapping = Mapping.objects.get()
    mapping.fields = FIELDS | (TITLE if with_title else {})
    mapping.save()


def decide_about_leads(resend: bool) -> None:
    """Answer the question that follows a change of what is written."""
    if resend:
        due.resend_replicated()
    again.decided(ReplicationSettings.load())


def save_rule(points: int, now: bool) -> None:
    """Change the points of a purchase, and perhaps recalculate."""
    rule = Rule.objects.get()
    rule.points = points
    rule.save()
    if now:
        recalculate(Score.objects.get())


def edit(pk: int, **changes: Any) -> None:
    """An editor saves a contact."""
    contact = Contact.objects.get(pk=pk)
    for name, value in changes.items():
        setattr(contact, name, value)
    contact.save()


def agree(pk: int, agreed: bool) -> None:
    """A contact says yes or no."""
    contact = Contact.objects.get(pk=pk)
    contact.attributes = {**contact.attributes, AGREED: agreed}
    contact.save()


def buy(pk: int, value: int) -> Activity:
    """A contact buys something, or gives it back."""
    return Activity.objects.create(contact_id=pk, type="purchase", value=value)


def run(contact_id: int | None = None, *, short: bool = False) -> RunResult:
    """Replicate to the end, perhaps in slices as short as can be."""
    seconds = 0 if short else 120
    request = Request(Run.Trigger.COMMAND, contact_id=contact_id, budget_seconds=seconds)
    return replicate(request)


def one_slice() -> RunResult:
    """One slice, whose time is up at once."""
    return run_slice(Request(Run.Trigger.COMMAND, budget_seconds=0))


def run_jobs() -> None:
    """Do what jobs may do now."""
    retry_failed()
    for pk in list(
        Job.objects.filter(state__in=["waiting", "running"]).values_list("pk", flat=True)
    ):
        run_job(pk)


def link_of(pk: int) -> LeadLink:
    """The lead link of a contact."""
    return LeadLink.objects.get(contact=pk)
