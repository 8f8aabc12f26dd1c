"""The progress of jobs, for any page of the admin: `jobs/progress.html` with a `job`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.formats import number_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages

from wagtail_salesforce.admin.panel_status import cluster_serves
from wagtail_salesforce.jobs import cancel, retry
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.jobs.registry import kind_of
from wagtail_salesforce.reasons import REASONS


COUNTS = {
    "created": gettext_lazy("created"),
    "updated": gettext_lazy("updated"),
    "unchanged": gettext_lazy("unchanged"),
    "refused": gettext_lazy("refused"),
    "failed": gettext_lazy("failed"),
    "skipped": gettext_lazy("left out"),
    "captured": gettext_lazy("captured"),
    "waiting": gettext_lazy("waiting"),
    "erased": gettext_lazy("erased"),
    "deleted": gettext_lazy("deleted"),
}


def may_see(user: Any, job: Job) -> bool:
    """Whether somebody may see a job's progress: who started it, and who may act."""
    return job.started_by_id == user.pk or may_act(user, job)


def may_act(user: Any, job: Job) -> bool:
    """Whether somebody may stop and repeat a job: by the permission that its kind asks for, which
    who started it may have lost since; where the kind asks for none, who started it."""
    permission = kind_of(job.kind).permission
    return bool(user.has_perm(permission)) if permission else job.started_by_id == user.pk


def progress_of(job: Job, user: Any) -> dict[str, Any]:
    """What `jobs/progress.html` shows of a job."""
    return {
        "job": job,
        "title": str(kind_of(job.kind).label),
        "sentence": sentence(job),
        "counts": ", ".join(_counted(job)),
        "may_act": may_act(user, job),
        "unserved": not job.is_over and not cluster_serves(),
    }


def sentence(job: Job) -> str:
    """How far the job has come, and what to do where it did not end well."""
    numbers = {"done": number_format(job.done), "total": number_format(job.total or 0)}
    if job.state == Job.State.WAITING:
        return _("It begins as soon as a background worker is free.")
    if job.state == Job.State.FINISHED:
        return _("Finished: %(done)s done.") % numbers
    if job.state == Job.State.CANCELLED:
        return _("Cancelled after %(done)s.") % numbers
    if job.state == Job.State.FAILED:
        return _("It stopped after %(done)s. %(reason)s") % {**numbers, "reason": _why(job)}
    if job.total:
        return _("%(done)s of %(total)s done.") % numbers
    return _("%(done)s done so far.") % numbers


def _why(job: Job) -> str:
    if job.reason in REASONS:
        reason = REASONS[job.reason]
        return f"{reason.text} {reason.cure}"
    text = _("An unexpected error (%(error)s) stopped it. The log of the website says where.")
    return text % {"error": job.reason}


def _counted(job: Job) -> Iterator[str]:
    words = {**COUNTS, **kind_of(job.kind).counts}
    for name, number in job.counts.items():
        if number:
            yield f"{number_format(number)} {words.get(name, name.replace('_', ' '))}"


class JobView(View):
    """A job's progress as a fragment, which the page asks for again while the job goes on."""

    http_method_names = ["get"]
    asks = staticmethod(may_see)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.job = get_object_or_404(Job, pk=kwargs["pk"])
        if not self.asks(request.user, self.job):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        context = {"job": self.job, "next": request.GET.get("next", "")}
        return render(request, "wagtail_salesforce/jobs/progress.html", context)


class CancelJobView(JobView):
    """Stops a job."""

    http_method_names = ["post"]
    asks = staticmethod(may_act)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if cancel(self.job):
            messages.success(request, _("It was cancelled. What had been done stays done."))
        else:
            messages.warning(request, _("It was over already, so there was nothing to cancel."))
        return back(request)


class RetryJobView(JobView):
    """Lets a job that failed go on."""

    http_method_names = ["post"]
    asks = staticmethod(may_act)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if retry(self.job):
            messages.success(request, _("It goes on where it stopped."))
        else:
            messages.warning(request, _("It is not stopped, so there was nothing to repeat."))
        return back(request)


def back(request: HttpRequest) -> HttpResponse:
    """To the page that showed the job."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if safe else "wagtailadmin_home")


patterns = [
    path("jobs/<int:pk>/", JobView.as_view(), name="job"),
    path("jobs/<int:pk>/cancel/", CancelJobView.as_view(), name="job_cancel"),
    path("jobs/<int:pk>/retry/", RetryJobView.as_view(), name="job_retry"),
]
