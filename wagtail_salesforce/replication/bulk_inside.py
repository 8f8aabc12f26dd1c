"""Which rows of a Bulk job's results are whose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from wagtail_salesforce.replication.bulk_job import BulkJob
from wagtail_salesforce.replication.bulk_jobs import CHUNK, inside


#: Rows of results by link id.
Found = dict[int, list[str]]


@dataclass(frozen=True)
class Inside:
    """The links that were in a job before its results were read.

    Of each of up to 50,000 only its id, by what the results know it by: about 10 MB.
    """

    ids: dict[str, int] = field(default_factory=dict)
    shortened: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, job: BulkJob) -> Inside:
        """Read them piece by piece."""
        known_by = "lead_id" if job.operation == "update" else "external_id"
        links = inside(job).order_by("pk").values_list("pk", known_by, "job_shortened")
        all_of_them, last = cls(), 0
        while rows := list(links.filter(pk__gt=last)[:CHUNK]):
            all_of_them.ids.update((key, link_id) for link_id, key, _shortened in rows)
            all_of_them.shortened.update(row[0] for row in rows if row[2])
            last = rows[-1][0]
        return all_of_them

    def found(self, window: Iterable[list[str]], place: int) -> Found:
        """The rows of results that are of this job; `place` is the column that says whose."""
        ids = self.ids
        return {
            ids[cells[place]]: cells
            for cells in window
            if len(cells) > place and cells[place] in ids
        }

    def any_shortened(self, found: Found) -> bool:
        """Whether a value of any of these was shortened."""
        return not self.shortened.isdisjoint(found)
