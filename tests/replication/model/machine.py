"""The machine: everything that people, the organization and bad luck may do, in any order."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.replication.model import check, runs, site, troubles
from tests.replication.model.basis import cities, has_people, somebody, step, trouble
from tests.replication.model.elsewhere import Salesforce, Settings
from tests.replication.model.people import Decisions


class Model(Decisions, Salesforce, Settings):
    """One example: what goes wrong, what runs come to, and how it all ends."""

    conf: Any = None

    @initialize(
        city=cities,
        short=st.booleans(),
        workers=st.sampled_from([1, 1, 2]),
        bulk=st.sampled_from([0, 0, 1, 2]),
    )
    def begin(self, city: str, short: bool, workers: int, bulk: int) -> None:
        """Two people, and perhaps their leads: most of what may happen needs some."""
        conf = {"PARALLEL_WORKERS": workers, "BULK_THRESHOLD": bulk}
        self.conf = override_settings(WAGTAIL_SALESFORCE=settings.WAGTAIL_SALESFORCE | conf)
        self.conf.enable()
        self.short = short and not bulk
        self.create(city=city, last_name="One", first_name="")
        self.create(city="", last_name="Two", first_name="Bo")
        self.agree(0, True)
        if short:
            runs.replicate(self, short=self.short)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.settle()
        finally:
            self.travel.stop()
            if self.conf:
                self.conf.disable()

    @trouble(
        kind=st.sampled_from(sorted(troubles.FAULTS)),
        count=st.integers(1, 9),
        path=st.sampled_from(["", "/composite"]),
    )
    def fault(self, kind: str, count: int, path: str) -> None:
        self.troubles.arm(kind, count, path)

    @trouble()
    def expire_tokens(self) -> None:
        self.org.expire_tokens()

    @trouble(left=st.sampled_from([0, 199, 201, 203]))
    def others_use_calls(self, left: int) -> None:
        self.troubles.lower_allowance(left)

    @trouble()
    def revoke(self) -> None:
        self.troubles.revoke()

    @trouble()
    def forbid_a_field(self) -> None:
        self.troubles.forbid_title()

    @rule(number=st.integers(0, 3), lease=st.booleans())
    def kill(self, number: int, lease: bool) -> None:
        if runs.killed(self, number) and lease:
            self.troubles.leave_the_lease()

    @precondition(has_people)
    @rule(n=somebody, city=cities, number=st.integers(0, 1))
    def kill_and_take_back(self, n: int, city: str, number: int) -> None:
        """What was changed is changed back before the site has heard that it was sent."""
        person = self.pick(n)
        before = person.fields["city"]
        self.move(n, city)
        runs.killed(self, number)
        self.move(n, before)
        runs.replicate(self)

    @rule()
    def all_is_well_again(self) -> None:
        self.calm()

    @step(step=st.sampled_from([timedelta(minutes=61), timedelta(days=3), timedelta(days=11)]))
    def wait(self, step: timedelta) -> None:
        self.pass_time(step)

    @rule(short=st.booleans())
    def run(self, short: bool) -> None:
        runs.replicate(self, short=short and self.short)

    @step()
    def one_slice(self) -> None:
        runs.one_slice(self)

    @rule()
    def run_again(self) -> None:
        runs.replicate(self)

    @rule()
    def calm_and_run(self) -> None:
        self.calm()
        runs.replicate(self)

    @precondition(has_people)
    @rule(n=somebody)
    def run_one(self, n: int) -> None:
        runs.replicate_one(self, self.pick(n))

    @precondition(has_people)
    @rule(n=somebody, city=cities)
    def run_while_somebody_moves(self, n: int, city: str) -> None:
        runs.interrupted(self, lambda: self.move(n, city))

    @precondition(has_people)
    @rule(n=somebody)
    def run_while_somebody_is_excluded(self, n: int) -> None:
        runs.interrupted(self, lambda: self.exclude(n))

    @precondition(has_people)
    @rule(n=somebody, delete_leads=st.booleans())
    def run_while_somebody_is_erased(self, n: int, delete_leads: bool) -> None:
        runs.interrupted(self, lambda: self.erase(n, delete_leads))

    @rule()
    def do_jobs(self) -> None:
        """Leads of erased people are deleted, as far as nothing is in the way."""
        site.run_jobs()
        found = check.seen(self.org)
        for lead_id, lead in self.world.leads.items():
            may_go = lead.external_id in self.world.doomed and not lead.converted
            lead.deleted |= may_go and found[lead_id].deleted
        check.same_leads(self.world, found)

    def settle(self) -> None:
        """All troubles are gone: everybody gets what is theirs, and nobody anything else."""
        self.calm()
        self.mapping(self.world.rules.with_title, resend=False)
        runs.replicate(self)
        self.do_jobs()
        self.pass_time(timedelta(hours=2))
        self.do_jobs()
        for lead in self.world.leads.values():
            assert lead.deleted or lead.converted or lead.external_id not in self.world.doomed
