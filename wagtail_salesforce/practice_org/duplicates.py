"""The org's duplicate rule for leads.

Source: REST guide, "Duplicate Rule Header"; real refusals quoted in issue reports. A rule that
alerts is overridden by ``allowSave=true``; a rule that blocks is not.
"""

from typing import Any

from .errors import RowError, RowErrors
from .row_headers import RowHeaders
from .tables import Row, Table


MESSAGE = "Use one of these records?"


def check_duplicates(
    rule: dict[str, Any] | None,
    table: Table,
    row: Row,
    old: Row | None,
    headers: RowHeaders,
    root: str,
) -> None:
    """Refuse a lead that the rule takes for one the org has."""
    if rule is None or not _concerns(rule, row, old):
        return
    blocks = rule.get("action") == "block"
    if headers.allow_save and not blocks:
        return
    matches = find_matches(rule, table, row)
    if matches:
        detail = _detail(rule, matches, headers, root, allow_save=not blocks)
        raise RowErrors(RowError("DUPLICATES_DETECTED", rule.get("message", MESSAGE), (), detail))


def _concerns(rule: dict[str, Any], row: Row, old: Row | None) -> bool:
    # Assumption duplicates-on-update: on update the rule runs only when a field it compares changes.
    return old is None or any(row.get(name) != old.get(name) for name in rule["match"])


def find_matches(rule: dict[str, Any], table: Table, row: Row) -> list[Row]:
    """The living leads that agree with this one in every compared field."""
    names = rule["match"]
    if not names or any(row.get(name) is None for name in names):
        return []
    groups = [set(table.index(name).find(row[name])) for name in names]
    ids = sorted(set.intersection(*groups) - {row["Id"]})
    found = (table.get(record_id) for record_id in ids)
    # Assumption duplicates-compared: rows saved earlier in the same call are compared with too; converted leads not.
    return [match for match in found if match and not match.get("IsConverted")]


def _detail(
    rule: dict[str, Any], matches: list[Row], headers: RowHeaders, root: str, *, allow_save: bool
) -> dict[str, Any]:
    result = {
        "allowSave": allow_save,
        "duplicateRule": rule.get("name", "Standard_Lead_Duplicate_Rule"),
        "duplicateRuleEntityType": "Lead",
        "errorMessage": rule.get("message", MESSAGE),
        "matchResults": [
            {
                "entityType": "Lead",
                "errors": [],
                "matchEngine": "FuzzyMatchEngine",
                "matchRecords": [_match(match, headers, root) for match in matches],
                "rule": rule.get("matching_rule", "Standard_Lead_Match_Rule_v1_0"),
                "size": len(matches),
                "success": True,
            }
        ],
    }
    return {"duplicateResult": result}


def _match(match: Row, headers: RowHeaders, root: str) -> dict[str, Any]:
    record = {
        "attributes": {"type": "Lead", "url": f"{root}/sobjects/Lead/{match['Id']}"},
        "Id": match["Id"],
    }
    if headers.include_details:
        # Assumption duplicates-details: the details are the fields of the default compact layout.
        record.update({name: match.get(name) for name in ("Name", "Company", "Email", "Phone")})
    return {
        "additionalInformation": [],
        "fieldDiffs": [],
        "matchConfidence": 100.0,
        "record": record,
    }
