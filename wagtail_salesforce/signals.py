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

# Public. Arguments: run, leads (list of replication.extensions.OutgoingLead). After it comes one of
# the next two, unless the worker dies or another one takes over.
before_batch = Signal()

# Public. Arguments: run, outcomes (list of replication.outcomes.Outcome). They are recorded.
after_batch = Signal()

# Public. Arguments: run, leads, error (exceptions.ConnectorError). A call came to nothing: the
# leads stay due, and `error.code` says why.
batch_failed = Signal()

# Public. Arguments: incident (replication.models.Incident). Replication has stopped for a reason
# that does not pass by itself; sent once per incident. The other: it goes on again.
incident_began = Signal()
incident_ended = Signal()

# Public. Arguments: survivor_id, other_id. Sent inside the transaction, while both contacts still
# exist: the place to move rows of your own that belong to the other contact.
contacts_merging = Signal()

# Public. Arguments: survivor_id, other_id. Sent once the merge is committed.
contacts_merged = Signal()

# Internal. Arguments: survivor_id, other_id. The answers are sentences about what a merge does.
contacts_merge_foreseen = Signal()

# Public. Arguments: contact_ids (sorted list of ids), delete_leads. Sent inside the transaction,
# while the contacts still exist. Answers that are whole numbers count leads to be deleted.
contacts_erasing = Signal()

# Public. Arguments: contact, document (a dict of JSON values, to be added to).
person_exporting = Signal()

# Internal. Arguments: rule. The answers are conditions (Q) of contacts that are not to be deleted.
inactive_sparing = Signal()
