"""Reads the answers to one call: outcomes, what has to be sent again, and whether to stop."""

from __future__ import annotations

from dataclasses import dataclass, field

from wagtail_salesforce.exceptions import (
    Action,
    ConnectorError,
    RequestRefused,
    Stopped,
    Transient,
)
from wagtail_salesforce.replication.extensions import OutgoingLead
from wagtail_salesforce.replication.models import LeadLink, ReplicationSettings
from wagtail_salesforce.replication.outcomes import (
    Outcome,
    accepted,
    excluded,
    postponed,
    refused,
    renewed,
)
from wagtail_salesforce.replication.survivors import FindMasters, survivors
from wagtail_salesforce.replication.transports import (
    CHUNK_SIZE,
    Answer,
    Call,
    divided,
    halves,
    paired,
)
from wagtail_salesforce.replication.verdicts import Decision, outcome_of, verdict_of
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.client import SalesforceClient, format_soql
from wagtail_salesforce.salesforce.errors import classify_row
from wagtail_salesforce.salesforce.redact import redact


#: A mapped field is gone, or may not be written any more (REST guide: status codes).
DRIFT = {"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"}

#: How many times locked rows are sent again at once, before they wait for minutes.
ROW_TRIES = 3


@dataclass
class Reading:
    """What the answers to one call come to."""

    outcomes: list[Outcome] = field(default_factory=list)
    sent: list[OutgoingLead] = field(default_factory=list)
    again: list[Call] = field(default_factory=list)
    locked: list[tuple[OutgoingLead, RowResult]] = field(default_factory=list)
    gone: list[OutgoingLead] = field(default_factory=list)
    #: Groups that Salesforce could not carry out, also not after several tries.
    failed: list[tuple[list[OutgoingLead], Transient]] = field(default_factory=list)
    stop: ConnectorError | None = None
    #: Nobody knows whether Salesforce has taken these: the answer told of the last try only.
    unanswered: list[OutgoingLead] = field(default_factory=list)


def read_answers(
    call: Call,
    answers: list[Answer],
    find_masters: FindMasters,
    settings: ReplicationSettings,
    *,
    knows_fields: bool = False,
) -> Reading:
    """Read the answers to a call, group by group. Never raises; see `Reading.stop`.

    `knows_fields` says that the org's fields were read just now, so that a row of its own is to
    blame for a field that is not there.
    """
    reading = Reading()
    if len(call) > 1 and _is_unencodable(answers):
        reading.again = divided(call.leads, hurried=False)
        return reading
    for group, answer in zip(call.groups, answers, strict=True):
        if isinstance(answer, RequestRefused):
            _read_refusal(group, answer, reading, knows_fields)
        else:
            for lead, result in paired(group, answer):
                _read_row(lead, result, reading, settings)
    _settle_drift(call, reading, knows_fields)
    _settle_locked(call, reading)
    _settle_gone(reading, find_masters, settings)
    return reading


def _is_unencodable(answers: list[Answer]) -> bool:
    """Whether a value has no form in JSON. It spoils every group, and nothing has left: in halves
    of one call it would again spoil both."""
    return all(
        isinstance(answer, RequestRefused) and answer.code == "UNENCODABLE_VALUE"
        for answer in answers
    )


def _read_refusal(
    group: list[OutgoingLead], error: RequestRefused, reading: Reading, knows_fields: bool
) -> None:
    """One bad row can spoil a whole request (a JSON_PARSER_ERROR, say): halve until it is alone.

    Where no row can be to blame, the run stops instead.
    """
    if error.stands_for is not None:
        reading.unanswered += group
    if isinstance(error.stands_for, Transient):
        reading.failed.append((group, error.stands_for))
        return
    if error.stands_for is not None:
        reading.stop = error.stands_for
        return
    if error.code in DRIFT and len(group) > 1 and not knows_fields:
        reading.stop = Stopped(code="mapping_broken")
        return
    if len(group) > 1:
        reading.again.append(halves(group))
        return
    result = RowResult(False, code=error.code, message=error.message, fields=error.fields)
    if not _site_decides(group[0], result, reading):
        reading.outcomes.append(refused(group[0], result))


def _read_row(
    lead: OutgoingLead, result: RowResult, reading: Reading, settings: ReplicationSettings
) -> None:
    if result.success:
        reading.sent.append(lead)
        reading.outcomes.append(accepted(lead, result))
        return
    by_id = bool(lead.lead_id)
    verdict = classify_row(result.code, result.message, result.fields, by_id=by_id)
    if verdict.action is Action.RETRY or _was_made_meanwhile(lead, result, settings):
        reading.locked.append((lead, result))
    elif verdict.action is Action.STOP:
        reading.stop = Stopped(code=verdict.reason)
    elif _site_decides(lead, result, reading):
        return
    elif verdict.action is Action.EXCLUDE and verdict.reason == "deleted" and by_id:
        reading.gone.append(lead)
    elif verdict.action is Action.EXCLUDE and verdict.reason == "converted":
        reading.outcomes.append(excluded(lead, LeadLink.Excluded.CONVERTED, result.code))
    else:
        reading.outcomes.append(refused(lead, result))


def _site_decides(lead: OutgoingLead, result: RowResult, reading: Reading) -> bool:
    """Whether code of the site's own has said what this refusal means."""
    verdict = verdict_of(lead, result)
    if verdict is None:
        return False
    if verdict.decision is Decision.AGAIN:
        again = result._replace(code=verdict.code, message=verdict.message)
        reading.locked.append((lead, again))
    else:
        reading.outcomes.append(outcome_of(lead, verdict))
    return True


def _was_made_meanwhile(
    lead: OutgoingLead, result: RowResult, settings: ReplicationSettings
) -> bool:
    """Two upserts of one new external id at once (ours, and one whose answer was lost): the
    second finds the first. Salesforce names the id's field first in its message."""
    if lead.lead_id or result.code != "DUPLICATE_VALUE" or settings.mapping is None:
        return False
    return settings.mapping.external_id_field.lower() in result.message.lower()


def _settle_drift(call: Call, reading: Reading, knows_fields: bool) -> None:
    """When every row of a call misses a field, the org's fields have changed, and no contact is
    to blame: they stay due, and the mapping is checked against the fields as they are now. Of a
    single row that is to be thought only as long as the fields were not read just now."""
    drifted = [outcome.code in DRIFT for outcome in reading.outcomes]
    fewest = 2 if knows_fields else 1
    if len(drifted) == len(call) >= fewest and all(drifted):
        reading.outcomes.clear()
        reading.stop = Stopped(code="mapping_broken")


def _settle_locked(call: Call, reading: Reading) -> None:
    """Only the locked rows go again; after some tries they are left alone for a while."""
    if not reading.locked:
        return
    if call.tries < ROW_TRIES:
        leads = [lead for lead, _result in reading.locked]
        reading.again.append(call.again_with(leads))
        return
    for lead, result in reading.locked:
        message = redact(result.message, lead.payload.values())
        reading.outcomes.append(postponed(lead, result.code, message))


def _settle_gone(
    reading: Reading, find_masters: FindMasters, settings: ReplicationSettings
) -> None:
    """A lead is gone because it was merged into another one, or deleted."""
    for part in parts_of(reading.gone):
        try:
            left = survivors([lead.lead_id for lead in part], find_masters)
        except ConnectorError as error:
            # They stay due; what else was answered must not be forgotten.
            reading.stop = error
            return
        for lead in part:
            reading.outcomes.append(_gone(lead, left[lead.lead_id], settings))


def parts_of(leads: list[OutgoingLead]) -> list[list[OutgoingLead]]:
    """As many at a time as fit into the address of a query (16,384 bytes)."""
    return [leads[start : start + CHUNK_SIZE] for start in range(0, len(leads), CHUNK_SIZE)]


def _gone(lead: OutgoingLead, master: str, settings: ReplicationSettings) -> Outcome:
    if master:
        return excluded(lead, LeadLink.Excluded.MERGED, "MERGED", master)
    if settings.deleted_leads == ReplicationSettings.DeletedLeads.CREATE:
        return renewed(lead)
    return excluded(lead, LeadLink.Excluded.DELETED, "ENTITY_IS_DELETED")


def masters(lead_ids: list[str], client: SalesforceClient) -> dict[str, str]:
    """The surviving lead of each merged one (Object reference: Lead.MasterRecordId)."""
    soql = format_soql("SELECT Id, MasterRecordId FROM Lead WHERE Id IN {}", lead_ids)
    rows = client.query(soql, include_deleted=True)
    return {row["Id"]: row["MasterRecordId"] or "" for row in rows}


def is_there(client: SalesforceClient) -> None:
    """Ask Salesforce something small. Raises Transient when it does not answer."""
    next(iter(client.query("SELECT Id FROM Lead LIMIT 1")), None)
