"""What all parts of the machine share: the model, the clock, and two kinds of rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import wraps
from typing import Any

import time_machine
from django.utils import timezone as site_time
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.replication.model import runs, site, troubles
from tests.replication.model.adopt import Travelling
from tests.replication.model.world import NOWHERE, Person, World


START = datetime(2026, 1, 12, 9, 30, tzinfo=timezone.utc)
MOST_PEOPLE = 6

somebody = st.integers(0, MOST_PEOPLE - 1)
cities = st.sampled_from(["Leeds", "York", "", NOWHERE, "L" * 50])


def step(**given: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule for something that happens, perhaps with a run after it."""

    def decorate(happens: Callable[..., None]) -> Any:
        @wraps(happens)
        def do(self: Basis, *args: Any, run: bool = False, **drawn: Any) -> None:
            happens(self, *args, **drawn)
            if run:
                runs.replicate(self)

        return rule(run=st.booleans(), **given)(do)

    return decorate


def trouble(**given: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule for something that goes wrong, with a run that meets it; perhaps it is over then."""

    def decorate(happens: Callable[..., None]) -> Any:
        @wraps(happens)
        def do(self: Basis, over: bool, **drawn: Any) -> None:
            happens(self, **drawn)
            runs.replicate(self)
            if over:
                self.calm()

        return rule(over=st.booleans(), **given)(do)

    return decorate


def has_people(self: Basis) -> bool:
    return bool(self.world.people)


def has_leads(self: Basis) -> bool:
    return bool(self.world.leads)


class Basis(RuleBasedStateMachine):
    """A site and an organization as new, and an empty model of both."""

    def __init__(self, org: Any) -> None:
        super().__init__()
        self.org, self.world, self.numbers = org, World(), 0
        self.travel = time_machine.travel(START, tick=True)
        self.clock = self.travel.start()
        site.empty_database()
        org.reset()
        org.set_clock(START)
        site.set_up(org)
        self.troubles = troubles.Troubles(org)
        #: What is in Bulk jobs.
        self.travelling: Travelling = {}

    def pick(self, number: int) -> Person:
        """Somebody."""
        people = self.world.people
        return people[sorted(people)[number % len(people)]]

    def waits(self, person: Person) -> bool:
        """Whether somebody is left alone for a while."""
        return person.waits is not None and person.waits > site_time.now()

    def pass_time(self, step: timedelta) -> None:
        """It is later, on the site and in the organization."""
        self.clock.shift(step)
        self.org.advance(step.total_seconds())
        self.troubles.names.discard("doubt")
        self.troubles.unknown_calls = max(self.troubles.unknown_calls, 1)

    def calm(self) -> None:
        """All troubles end, and everybody's wait is over."""
        self.pass_time(self.troubles.end())
