"""Recalculating a score: where it stands, now, at a time, and calling off what is planned."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.permission_policies import ModelPermissionPolicy

from wagtail_salesforce.admin.scores_access import score_url
from wagtail_salesforce.jobs import cancel
from wagtail_salesforce.jobs.models import Job
from wagtail_salesforce.scoring.models import Score
from wagtail_salesforce.scoring.recalculate import KIND, request_recalculation, subject_of
from wagtail_salesforce.scoring.words import moment, one_stop


@dataclass(frozen=True)
class Recalculation:
    """What the page says: the job under way or failed, and when one is planned."""

    job: Job | None = None
    planned: Job | None = None

    @property
    def planned_text(self) -> str:
        """When the planned one begins."""
        words = {"moment": moment(self.planned.run_at) if self.planned else ""}
        return one_stop(_("A recalculation is planned for %(moment)s.") % words)

    @property
    def under_way(self) -> bool:
        """Whether one runs, or waits for nothing but a worker."""
        return self.job is not None and not self.job.is_over


def ready_text(score: Score) -> str:
    """That the points of a score are up to date, and since when."""
    if score.recalculated_at is None:
        return _("The points are up to date.")
    words = {"moment": moment(score.recalculated_at)}
    return one_stop(
        _("The points are up to date. All were last recalculated on %(moment)s.") % words
    )


def recalculation_of(score: Score) -> Recalculation:
    """Where the recalculation of a score stands."""
    now = timezone.now()
    jobs = Job.objects.filter(kind=KIND, subject=subject_of(score.pk)).order_by("-pk")[:5]
    planned = [job for job in jobs if job.state == Job.State.WAITING and job.run_at > now]
    others = [job for job in jobs if job not in planned]
    told = [job for job in others if not job.is_over] or [
        # A failed job has nothing to say any more once another has succeeded.
        job
        for job in others[:1]
        if job.state == Job.State.FAILED and score.status == Score.Status.FAILED
    ]
    return Recalculation(next(iter(told), None), next(iter(planned), None))


class RecalculationMixin(PermissionCheckedMixin):
    """For those who may change the score."""

    model = Score
    permission_policy = ModelPermissionPolicy(Score)
    permission_required = "change"

    @cached_property
    def score(self) -> Score:
        return get_object_or_404(Score, pk=self.kwargs["pk"])


def refuse_switched_off(request: HttpRequest, score: Score) -> HttpResponse:
    """A score that is off is not kept up to date, so that there is nothing to recalculate."""
    text = _("This score is switched off. Switch it on, and its points are recalculated.")
    messages.error(request, text)
    return redirect(score_url(score))


class RecalculateView(RecalculationMixin, View):
    """Asks for the recalculation of a score's points, as soon as a worker is free."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.score.enabled:
            return refuse_switched_off(request, self.score)
        request_recalculation(self.score, user=request.user)
        messages.success(
            request,
            _("The recalculation waits for its turn in the background. The old points serve."),
        )
        return redirect(score_url(self.score))


class CallOffView(RecalculationMixin, View):
    """Calls off the recalculation that is planned for later."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        planned = recalculation_of(self.score).planned
        if planned and cancel(planned):
            messages.success(request, _("The planned recalculation was called off."))
        else:
            messages.warning(request, _("No recalculation is planned any more."))
        return redirect(score_url(self.score))
