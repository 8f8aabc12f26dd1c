"""Access tokens expire and refresh tokens are rotated while replicators are killed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.torture.campaign import LATENCY, Campaign
from tests.torture.campaigns import LONGEST_LIFE
from tests.torture.fates import ANYWHERE, Fate, draw
from tests.torture.processes import Ended, Replicator


#: Every second point lies around the request for a token.
PLACES = (*ANYWHERE, "token", "token")
#: Seconds from an expired token that was renewed to the next one that expires.
GAP = (0.3, 1.5)
#: A token that the call which it expired for did not need any more is not renewed (seconds).
LONGEST_RENEWAL = 3.0
#: How often an operator looks whether somebody has to authorize (seconds).
LOOK = 0.2
#: The connection's status when a token is refused that was given out just now.
REFUSED_TWICE = "session_refused"


@dataclass
class Operator:
    """Lets tokens expire, and authorizes anew when that has to be done."""

    campaign: Campaign
    rotation: bool = False
    #: Why somebody had to authorize anew, without and with rotation.
    anew: Counter[str] = field(default_factory=Counter)
    expired: int = 0
    #: Kills between the request for a token and its being stored, while they were rotated.
    spent: int = 0
    _next: float = 0.0
    _generation: int = 0
    _next_look: float = 0.0

    def rotate(self) -> None:
        """From now on each refresh token works once."""
        self.campaign.org.options(rotation=True)
        self.rotation = True

    def __call__(self) -> None:
        """What happens now and then."""
        now = time.monotonic()
        if now > self._next_look:
            self._next_look = now + LOOK
            self._expire(self.authorize_if_needed(), now)

    def authorize_if_needed(self) -> Any:
        """What the panel asks for when an authorization has ended; the connection."""
        from tests.connecting import connect_by_person
        from wagtail_salesforce.connection.models import Connection

        row = Connection.load()
        if row.is_authorized:
            return row
        self.anew[row.status_reason] += 1
        if not self.rotation and row.status_reason != REFUSED_TWICE:
            words = f"the authorization ended without rotation: {row.status_reason}"
            self.campaign.broken.append(words)
        return connect_by_person(self.campaign.org)

    def _expire(self, row: Any, now: float) -> None:
        """Let the token of the next call expire: not before that of the last one was renewed."""
        if self.campaign.org.faults_armed() > 1:
            self._generation, self._next = row.token_generation, now + LONGEST_RENEWAL
        elif row.token_generation != self._generation:
            self._generation = row.token_generation
            self._next = now + self.campaign.chance.uniform(*GAP)
        elif now > self._next:
            self.campaign.org.fault("expire_session", count=1, path="/composite")
            self.expired += 1

    def note(self, replicator: Replicator, ended: Ended) -> None:
        """A refresh token may be spent whose successor nobody has."""
        self.spent += bool(ended.killed and self.rotation and replicator.watched.exchanging.value)

    def judge(self) -> None:
        """Only a kill in the middle of a renewal may end an authorization."""
        lost = self.anew.total() - self.anew[REFUSED_TWICE]
        if lost > self.spent:
            words = f"{lost} authorizations ended, but only {self.spent} renewals were cut short"
            self.campaign.broken.append(words)


def tokens(campaign: Campaign) -> dict[str, Any]:
    """First as an app is by default, then with refresh tokens that are rotated."""
    from tests.connecting import CALLBACK, connect_by_person

    campaign.org.options(callbacks=[CALLBACK])
    connect_by_person(campaign.org)
    campaign.org.fault("delay", seconds=LATENCY, path="/composite")
    campaign.expected.add("not_authorized")
    wanted = max(12, campaign.options.kills // 10)
    operator = Operator(campaign)
    campaign.on_end = operator.note

    def fate() -> Fate:
        if not operator.rotation and campaign.kills >= wanted // 3:
            operator.rotate()
        return draw(campaign.chance, LONGEST_LIFE, PLACES)

    campaign.replicate_until(lambda: campaign.kills >= wanted, fate, operator)
    # The last one may have spent a token, which nobody knows before it is needed.
    campaign.replicate_until(lambda: True, lambda: None, operator)
    operator.authorize_if_needed()
    operator.judge()
    return {
        "complete": campaign.kills >= wanted and operator.rotation,
        "expired": operator.expired,
        "kills_within_a_rotation": operator.spent,
        "authorized_anew": dict(operator.anew),
    }
