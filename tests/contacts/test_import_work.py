"""How the job of an import works: the dry run, going on after a crash, and the file."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cluster import work
from tests.contacts.importing_files import (
    PEOPLE,
    contact,
    counts,
    imported,
    refusals,
    run,
    uploaded,
)
from wagtail_salesforce.contacts.importing import files
from wagtail_salesforce.contacts.importing import work as import_work
from wagtail_salesforce.contacts.importing.options import Options
from wagtail_salesforce.contacts.importing.work import start_import
from wagtail_salesforce.contacts.models import (
    Activity,
    Attribute,
    Contact,
    ContactImport,
    ImportedAddress,
    ImportPiece,
    ImportRefusal,
)
from wagtail_salesforce.jobs import cancel
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.run import advance, run_job, run_waiting, take
from wagtail_salesforce.replication.models import LeadLink
from wagtail_salesforce.scoring.models import Rule, Score, ScorePoints


pytestmark = pytest.mark.django_db


class TestADryRun:
    def test_writes_nothing_and_says_the_same(self, monkeypatch):
        monkeypatch.setattr(import_work, "ROWS", 2)
        known = Contact.objects.create(email="eve@b.org")
        text = PEOPLE + "ada@b.org,Ada,L\n,No,Body\nnew@b.org,New,New\n"
        tried = uploaded(text)
        job = run(tried, dry_run=True)
        assert list(Contact.objects.values_list("pk", flat=True)) == [known.pk]
        assert Contact.objects.get().first_name == ""
        assert LeadLink.objects.exclude(contact=known).count() == 0
        would, lines = counts(tried), refusals(tried)
        assert (job.state, tried.dry_run, tried.is_done) == ("finished", True, False)
        run(tried)
        assert refusals(tried) == lines
        assert tried.is_done
        # What is said of a repeated address is that it fills the contact once more.
        done = counts(tried)
        unchanged = done.pop("unchanged", 0)
        done["updated"] += unchanged
        assert done == would


class TestTheWork:
    def test_goes_on_at_the_row_after_a_worker_died(self, monkeypatch):
        monkeypatch.setattr(import_work, "ROWS", 1)
        begun = uploaded('E-mail,Name\na@b.org,"A\nA"\nb@b.org,B\nc@b.org,C\n')
        job = take(start_import(begun, dry_run=False).pk)
        advance(job)
        assert job.cursor == {"offset": 26, "line": 3}
        Job.objects.filter(pk=job.pk).update(held_until=None)
        again = take(job.pk)
        while not advance(again):
            pass
        assert again.counts == {**again.counts, "created": 3}
        assert Contact.objects.count() == 3

    def test_a_step_that_fails_leaves_nothing_behind(self, monkeypatch):
        begun = uploaded(PEOPLE)

        def fail(*args, **kwargs):
            raise RuntimeError("ada@b.org")

        monkeypatch.setattr(import_work, "_store", fail)
        job = run(begun)
        assert (job.state, job.reason) == (Job.State.FAILED, "RuntimeError")
        assert not Contact.objects.exists()

    def test_can_be_cancelled(self, monkeypatch):
        monkeypatch.setattr(import_work, "ROWS", 1)
        begun = uploaded(PEOPLE)
        job = take(start_import(begun, dry_run=False).pk)
        advance(job)
        assert cancel(job)
        assert Contact.objects.count() == 1
        assert not ImportedAddress.objects.exists()

    def test_columns_that_fit_no_more_stop_it_by_name(self):
        Attribute.objects.create(name="licences", label="Licences")
        begun = uploaded("E-mail,Licences\na@b.org,1\n")
        Attribute.objects.all().delete()
        assert run(begun).reason == "import_columns"

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_takes_as_many_statements_for_many_rows_as_for_few(self, dry_run):
        def statements(number):
            begun = uploaded(
                "E-mail,Name\n" + "".join(f"p{n}x{number}@b.org,P\n" for n in range(number))
            )
            job = take(start_import(begun, dry_run=dry_run).pk)
            with CaptureQueriesContext(connection) as captured:
                advance(job)
            assert job.counts["created"] == number
            return len([q for q in captured if "SAVEPOINT" not in q["sql"]])

        few, many = statements(2), statements(20)
        assert few == many
        assert few <= 24

    def test_scores_and_marks_once_for_each_batch(self):
        score = Score.objects.create(name="Ready", enabled=True)
        Rule.objects.create(
            score=score,
            name="Boss",
            kind="attribute",
            source="field",
            field="job_title",
            test="contains",
            value="Director",
            points=5,
        )
        Rule.objects.create(
            score=score, name="Came", kind="activity", activity_type="contact_import", points=2
        )
        Score.objects.update(status=Score.Status.READY)
        text = "E-mail,Job title\na@b.org,Director\nb@b.org,Clerk\n"
        imported(text, record_activity=True)
        points = dict(ScorePoints.objects.values_list("contact__email", "points"))
        assert points == {"a@b.org": 7, "b@b.org": 2}
        assert LeadLink.objects.exclude(due_at=None).count() == 2

    def test_records_an_activity_for_each_row_when_that_is_chosen(self):
        imported("E-mail,Name,Campaign\na@b.org,Ada,Fair\n", record_activity=True)
        activity = Activity.objects.get()
        assert (activity.type, activity.title) == ("contact_import", "people.csv")
        assert activity.campaign == "Fair"
        assert contact("a@b.org").last_activity_at == activity.occurred_at

    def test_records_none_otherwise(self):
        imported(PEOPLE)
        assert not Activity.objects.exists()

    def test_marks_known_contacts_that_changed(self):
        known = Contact.objects.create(email="ada@b.org")
        version = LeadLink.objects.get(contact=known).version
        imported(PEOPLE)
        assert LeadLink.objects.get(contact=known).version == version + 1


class TestTheFile:
    def test_is_kept_in_pieces(self, monkeypatch):
        monkeypatch.setattr(files, "PIECE", 10)
        done = imported(PEOPLE)
        assert ImportPiece.objects.filter(contact_import=done).count() == -(-len(PEOPLE) // 10)
        assert b"".join(files.opener(done)(0)) == PEOPLE.encode()
        assert b"".join(files.opener(done)(37)) == PEOPLE.encode()[37:]
        assert Contact.objects.count() == 2

    def test_is_deleted_after_a_week_with_all_that_is_known_of_people(self, time_machine):
        now = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)
        time_machine.move_to(now, tick=False)
        done = imported(PEOPLE + ",No,Body\n")
        time_machine.move_to(now + dt.timedelta(days=6, hours=23), tick=False)
        run_waiting()
        assert ImportPiece.objects.exists()
        time_machine.move_to(now + dt.timedelta(days=7, minutes=1), tick=False)
        job = Job.objects.get(kind=files.FORGET)
        run_job(job.pk)
        done.refresh_from_db()
        assert done.forgotten_at
        assert not ImportPiece.objects.exists()
        assert not ImportRefusal.objects.exists()
        assert counts(done) == {"created": 2, "refused": 1}
        assert Contact.objects.count() == 2

    def test_that_is_too_large_is_refused_and_not_kept(self, monkeypatch):
        monkeypatch.setattr(files, "MOST_BYTES", 20)
        with pytest.raises(files.FileProblem) as caught:
            files.store("people.csv", [b"x" * 15, b"x" * 15])
        assert caught.value.code == "file_too_large"
        assert not ContactImport.objects.exists()

    def test_that_is_gone_cannot_be_imported(self):
        begun = uploaded(PEOPLE)
        files.forget(begun)
        assert run(begun).reason == "file_missing"

    @pytest.mark.parametrize(
        ("data", "encoding", "line"),
        [
            (b"a,b\nx,\xe9\n", "utf-8", 2),
            (b"a,b\nx,\xe9\n", "windows-1252", 0),
            (b"a,b\r\nx,y\r\nx,\x81\r\n", "windows-1252", 3),
            (b"a,b\nx,\xe9", "utf-8", 2),
        ],
    )
    def test_is_checked_against_its_encoding(self, data, encoding, line):
        stored = files.store("people.csv", [data])
        try:
            files.check_encoding(stored, Options(encoding=encoding))
            found = 0
        except files.FileProblem as problem:
            found = problem.line
        assert found == line
        assert stored.checks == {encoding: line}


@pytest.mark.django_db(transaction=True)
def test_the_queue_does_the_work():
    begun = uploaded(PEOPLE)
    start_import(begun, dry_run=False)
    work()
    assert Contact.objects.count() == 2
