"""Imports CSV text as the page and the command do: stored, mapped, run as a job."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.contacts.importing.columns import guess_targets
from wagtail_salesforce.contacts.importing.files import layout_for, store
from wagtail_salesforce.contacts.importing.options import Options
from wagtail_salesforce.contacts.importing.work import start_import
from wagtail_salesforce.contacts.models import Attribute, Contact, ContactImport
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import run_job


PEOPLE = "E-mail,First name,Last name\nada@b.org,Ada,Lovelace\neve@b.org,Eve,Smith\n"


def contact(email: str) -> Contact:
    """The contact with this address."""
    return Contact.objects.get(email=email)


def uploaded(text: str | bytes, targets: list[str] | None = None, **options: Any) -> ContactImport:
    """A file in the database, its columns guessed unless given."""
    data = text if isinstance(text, bytes) else text.encode()
    contact_import = store("people.csv", [data])
    chosen = Options.of_json({**contact_import.options, **options})
    header = layout_for(contact_import, chosen).header
    labels = dict(Attribute.objects.values_list("name", "label"))
    contact_import.options = chosen.as_json()
    contact_import.targets = targets or guess_targets(header, labels)
    contact_import.save()
    return contact_import


def run(contact_import: ContactImport, *, dry_run: bool = False) -> Job:
    """Run it to the end; the job."""
    job = start_import(contact_import, dry_run=dry_run)
    run_job(job.pk, seconds=600)
    job.refresh_from_db()
    contact_import.refresh_from_db()
    return job


def imported(text: str | bytes, targets: list[str] | None = None, **options: Any) -> ContactImport:
    """Upload and import; the job has to end well."""
    contact_import = uploaded(text, targets, **options)
    job = run(contact_import)
    assert job.state == Job.State.FINISHED, job.reason
    return contact_import


def counts(contact_import: ContactImport) -> dict[str, int]:
    """The counts of the latest run that are not 0."""
    return {name: number for name, number in contact_import.job.counts.items() if number}


def refusals(contact_import: ContactImport) -> dict[int, str]:
    """Why which line was refused."""
    return dict(contact_import.refusals.filter(is_note=False).values_list("line", "reason"))


def notes(contact_import: ContactImport) -> list[tuple[int, str]]:
    """What was noted on which line."""
    rows = contact_import.refusals.filter(is_note=True).order_by("pk")
    return list(rows.values_list("line", "reason"))
