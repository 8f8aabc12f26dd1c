"""Tells a call that Salesforce cannot carry out from a Salesforce that is away.

One record can make every request that holds it fail with a server error (a trigger of the
organization that crashes, say). Were that taken for an outage, the next run would meet the same
batch first, and all others would wait for ever. So a call that failed to the end is divided, and
what passes meanwhile is the proof that Salesforce is there. Without any proof, a few failures in
a row are an outage: the run stops, and nobody's attempts are counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from wagtail_salesforce.exceptions import Transient
from wagtail_salesforce.replication.extensions import OutgoingLead


#: So many calls in a row without one that passes are an outage. A batch of 1,000 has been divided
#: into parts of 31 by then, of which some would pass if only a few records were to blame.
MOST_FAILURES = 6

#: Calls that hang fail slowly; an outage is not looked into for longer than this, in seconds.
LONGEST = 60.0


@dataclass(frozen=True)
class Doubt:
    """A single lead whose call failed, at this moment of `time.monotonic()`."""

    lead: OutgoingLead
    error: Transient
    since: float


@dataclass
class Trouble:
    """What has failed in a row, and since when. Times are those of `time.monotonic()`."""

    failures: int = 0
    first_at: float = 0.0
    #: So much has failed that no further call leaves until those under way are over: one of them
    #: may pass, as what fails is often answered sooner.
    suspected: bool = False
    doubts: list[Doubt] = field(default_factory=list)
    _newest: float = -math.inf

    def passed(self, begun: float) -> list[Doubt]:
        """A call that began then was answered. What failed before it failed by itself."""
        self.failures, self.suspected = 0, False
        self._newest = max(self._newest, begun)
        proven = [doubt for doubt in self.doubts if doubt.since < begun]
        self.doubts = [doubt for doubt in self.doubts if doubt.since >= begun]
        return proven

    def is_outage(self, error: Transient, begun: float, now: float) -> bool:
        """A call that began then has failed, and has been repeated as often as makes sense."""
        if error.retry_after is not None:
            # Salesforce says itself that it wants to be left alone.
            return True
        if self._newest >= begun:
            return False
        self.failures += 1
        if self.failures == 1:
            self.first_at = now
        self.suspected = self.failures > MOST_FAILURES or now - self.first_at > LONGEST
        return self.suspected

    def doubt(self, lead: OutgoingLead, error: Transient, now: float) -> None:
        """One lead is left of a call that failed: it waits for a call that passes."""
        self.doubts.append(Doubt(lead, error, now))

    def settled(self) -> list[Doubt]:
        """Salesforce answers, so all that is left in doubt failed by itself."""
        doubts, self.doubts = self.doubts, []
        self.failures, self.suspected = 0, False
        return doubts
