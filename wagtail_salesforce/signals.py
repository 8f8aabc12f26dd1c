"""The signals of the package. Those marked public are for a site's own code.

Lower rooms use them to reach higher ones; `receivers.py` wires them.
"""

from __future__ import annotations

from django.dispatch import Signal


# Internal. Arguments: changes (dict of contact id -> contacts.changes.ContactChange).
contacts_changed = Signal()

# Public. Arguments: changes (list of scoring.update.PointsChange).
points_changed = Signal()

# Public. Arguments: score, contact_id, points. Sent once when points reach `score.notify_at`.
threshold_crossed = Signal()

# Public. Arguments: run, leads (list of replication.extensions.OutgoingLead).
before_batch = Signal()

# Public. Arguments: run, outcomes (list of replication.outcomes.Outcome).
after_batch = Signal()
