"""The progress of a job in the admin's templates."""

from __future__ import annotations

from typing import Any

from django import template

from wagtail_salesforce.admin.jobs import progress_of
from wagtail_salesforce.jobs.models import Job


register = template.Library()


@register.simple_tag(takes_context=True)
def job_progress(context: Any, job: Job) -> dict[str, Any]:
    """What `jobs/progress.html` shows of a job to whoever looks at it."""
    return progress_of(job, context["request"].user)
