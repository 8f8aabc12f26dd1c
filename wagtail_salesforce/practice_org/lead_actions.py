"""What people in Salesforce do to a lead: convert, delete, undelete, merge, change.

Source: Object reference, "Lead"; SOAP guide, "convertLead", "merge", "undelete".
"""

from typing import Any

from .address_sync import sync_address
from .errors import ApiError, RowErrors, row_error
from .ids import normalise
from .moments import format_moment
from .org import Org
from .schema import ObjectSpec
from .seed import OTTO
from .tables import Row, Table
from .validate import clean


class LeadActions:
    """Works on one lead as a user of the org would, whatever the API may not do."""

    def __init__(self, org: Org, lead_id: str) -> None:
        self.org = org
        self.spec: ObjectSpec = org.schema.objects["Lead"]
        self.table: Table = org.tables.table("Lead")
        self.stamp = format_moment(org.clock.now())
        self.lead = self._find(lead_id)

    def _find(self, lead_id: str) -> Row:
        lead = self.table.get(normalise(lead_id) or "")
        if lead is None:
            raise ApiError(404, "NOT_FOUND", f"There is no lead {lead_id!r}")
        return lead

    def convert(self) -> Row:
        """Convert it into an account and a contact."""
        # Assumption conversion: no opportunity is made, and the owner stays the same.
        self._must_live()
        if self.lead.get("IsConverted"):
            raise row_error("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        account = self._insert("Account", **self._account())
        contact = self._insert("Contact", AccountId=account["Id"], **self._person())
        return self._write(
            IsConverted=True,
            ConvertedDate=self.org.clock.now().date().isoformat(),
            ConvertedAccountId=account["Id"],
            ConvertedContactId=contact["Id"],
            Status="Closed - Converted",
        )

    def _account(self) -> dict[str, Any]:
        """The company; a lead without one becomes a person account, where the org has those."""
        company = self.lead.get("Company")
        if company is not None:
            return {"Name": company}
        names = {name: self.lead.get(name) for name in ("FirstName", "LastName", "Name")}
        return {**names, "PersonEmail": self.lead.get("Email"), "IsPersonAccount": True}

    def _person(self) -> dict[str, Any]:
        names = ("FirstName", "LastName", "Name", "Email", "Phone")
        return {name: self.lead[name] for name in names if name in self.lead}

    def _insert(self, name: str, **values: Any) -> Row:
        row = {
            "Id": self.org.new_id(self.org.schema.objects[name].prefix),
            "IsDeleted": False,
            **values,
            "OwnerId": self.lead["OwnerId"],
            "CreatedDate": self.stamp,
            "CreatedById": OTTO,
            **self._stamps(),
        }
        self.org.tables.put(name, row)
        return row

    def delete(self) -> Row:
        """Move it to the recycle bin."""
        self._must_live()
        return self._write(IsDeleted=True)

    def undelete(self) -> Row:
        """Take it out of the recycle bin; a unique value taken meanwhile forbids it."""
        for field in self.spec.looked_up:
            value = self.lead.get(field.name)
            index = self.table.index(field.name, field.case_sensitive)
            taken = field.unique and value is not None and index.find(value)
            if taken and self.lead["IsDeleted"]:
                text = f"duplicate value found: {field.name} duplicates value on record with id: "
                raise row_error("DUPLICATE_VALUE", text + taken[0][:15])
        return self._write(IsDeleted=False, MasterRecordId=None)

    def merge(self, into: str) -> Row:
        """Merge it away: it is deleted and names the surviving lead as its master."""
        self._must_live()
        master = self._find(into)
        if master["IsDeleted"] or master["Id"] == self.lead["Id"]:
            raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        return self._write(IsDeleted=True, MasterRecordId=master["Id"])

    def change(self, values: dict[str, Any]) -> Row:
        """Set fields by hand."""
        self._must_live()
        written = clean(self.spec, values, creating=False)
        row = {**self.lead, **written}
        if "CountryCode" in self.spec.fields:
            sync_address(self.spec, row, written, self.lead)
        return self._write(**{**dict.fromkeys(self.lead), **row})

    def _must_live(self) -> None:
        if self.lead["IsDeleted"]:
            raise row_error("ENTITY_IS_DELETED", "entity is deleted")

    def _stamps(self) -> dict[str, str]:
        return {
            "LastModifiedDate": self.stamp,
            "SystemModstamp": self.stamp,
            "LastModifiedById": OTTO,
        }

    def _write(self, **changes: Any) -> Row:
        row = {**self.lead, **changes, **self._stamps()}
        row = {name: value for name, value in row.items() if value is not None}
        names = filter(None, (row.get("FirstName"), row.get("LastName")))
        row["Name"] = " ".join(names)
        self.org.tables.put("Lead", row, self.lead)
        self.lead = row
        return row


def act_on_lead(org: Org, lead_id: str, action: str, values: dict[str, Any]) -> Row:
    """One of the actions by its name."""
    lead = LeadActions(org, lead_id)
    if action == "merge":
        return lead.merge(str(values.get("into", "")))
    if action == "change":
        return lead.change(values)
    if action not in ("convert", "delete", "undelete"):
        raise ApiError(404, "NOT_FOUND", f"There is no action {action!r}")
    done: Row = getattr(lead, action)()
    return done


def refusal(refused: RowErrors) -> ApiError:
    """A refused action as the control endpoints answer it."""
    error = refused.errors[0]
    return ApiError(refused.status, error.code, error.message, list(error.fields))
