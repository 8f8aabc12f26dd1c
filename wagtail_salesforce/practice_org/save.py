"""Saving one record: everything between a valid set of values and the table.

Source: REST guide, "Status Codes and Error Responses"; Object reference, "Lead".
"""

from typing import Any

from .address_sync import sync_address
from .duplicates import check_duplicates
from .errors import RowError, RowErrors, row_error
from .moments import format_moment
from .record_types import refuse_record_type
from .row_headers import read_row_headers
from .schema import ObjectSpec
from .tables import Row, Table
from .validate import NOTHING, clean
from .wire import Call


NAME_PARTS = ("FirstName", "MiddleName", "LastName", "Suffix")
FULL_NAMES = frozenset({"Lead", "Contact"})


class Saver:
    """Saves the rows of one call, one after the other."""

    def __init__(self, call: Call, spec: ObjectSpec) -> None:
        self.call, self.spec, self.org = call, spec, call.org
        self.tables = self.org.tables
        self.table: Table = self.tables.table(spec.name)
        self.headers = read_row_headers(call)
        self.stamp = format_moment(self.org.clock.now())
        self.has_owner = "OwnerId" in spec.fields
        self.has_codes = "CountryCode" in spec.fields
        self.unique = [field for field in spec.looked_up if field.unique]
        self.references = {f.name: f for f in spec.visible if f.type == "reference"}
        self.numbered = [field.name for field in spec.fields.values() if field.auto_number]

    def create(self, record: dict[str, Any], ignored: frozenset[str] = NOTHING) -> Row:
        """Insert a record; ``ignored`` keys of it are no fields to write."""
        values = clean(self.spec, record, creating=True, ignored=ignored)
        self._strike(values, None)
        row: Row = {"Id": self.org.new_id(self.spec.prefix), "IsDeleted": False}
        row.update(self.spec.defaults)
        row.update((name, value) for name, value in values.items() if value is not None)
        self._stamp_new(row)
        self._finish(row, values, None)
        return row

    def update(
        self, record_id: str, record: dict[str, Any], ignored: frozenset[str] = NOTHING
    ) -> Row:
        """Change a record; ``ignored`` keys of it are no fields to write."""
        old = self.existing(record_id)
        if old.get("IsConverted"):
            raise row_error("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        values = clean(self.spec, record, creating=False, ignored=ignored)
        self._strike(values, old)
        row = dict(old)
        for name, value in values.items():
            if value is None:
                row.pop(name, None)
            else:
                row[name] = value
        self._finish(row, values, old)
        return row

    def delete(self, record_id: str) -> Row:
        """Move a record to the recycle bin."""
        # Assumption recycle-bin-for-good: it is never emptied.
        old = self.existing(record_id)
        self._strike({}, old)
        row = {**old, "IsDeleted": True}
        self._stamp_change(row)
        self.tables.put(self.spec.name, row, old)
        return row

    def existing(self, record_id: str) -> Row:
        """The living record of this id."""
        row = self.table.get(record_id)
        if row is None:
            raise row_error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row["IsDeleted"]:
            raise row_error("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def _stamp_new(self, row: Row) -> None:
        row["CreatedDate"], row["CreatedById"] = self.stamp, self.call.user_id
        if self.has_owner:
            row.setdefault("OwnerId", self.call.user_id)
        for name in self.numbered:
            row[name] = f"L-{int(self.org.numbers[self.spec.prefix]) - 1:06d}"

    def _stamp_change(self, row: Row) -> None:
        row["LastModifiedDate"] = row["SystemModstamp"] = self.stamp
        row["LastModifiedById"] = self.call.user_id

    def _finish(self, row: Row, values: dict[str, Any], old: Row | None) -> None:
        """The checks that need the whole record, then the write."""
        self._check_references(values)
        if self.has_codes:
            sync_address(self.spec, row, values, old)
        self._check_rules(row)
        self._check_unique(row, values)
        if self.spec.name == "Lead":
            rule = self.org.options.duplicate_rule
            check_duplicates(rule, self.table, row, old, self.headers, self.call.root)
            # Assumption assignment-owner: the rule prevails over an owner named in the row.
            if self.headers.new_owner is not None:
                row["OwnerId"] = self.headers.new_owner
        if self.spec.name in FULL_NAMES:
            row["Name"] = " ".join(filter(None, map(row.get, NAME_PARTS)))
        # Assumption unchanged-update: an update that changes nothing moves the stamps all the same.
        self._stamp_change(row)
        self.tables.put(self.spec.name, row, old)

    def _check_references(self, values: dict[str, Any]) -> None:
        for name, field in self.references.items():
            value = values.get(name)
            if value is not None:
                self._check_reference(name, field.title, field.reference_to, value)

    def _check_reference(self, name: str, title: str, targets: tuple[str, ...], value: str) -> None:
        target = self.org.schema.by_prefix(value)
        if target is None or target.name not in targets:
            text = f"{title}: id value of incorrect type: {value}"
            raise row_error("MALFORMED_ID", text, name)
        row = self.tables.table(target.name).get(value)
        refused = refuse_record_type(title, value, row) if target.name == "RecordType" else None
        if refused is not None:
            raise refused
        if row is None or row["IsDeleted"]:
            raise row_error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", name)
        if target.name == "User" and self.org.user(value) is None:
            # Assumption inactive-owner: the text; only the code is documented.
            text = f"operation performed with inactive user [{value[:15]}] as owner"
            raise row_error("INACTIVE_OWNER_OR_USER", text, name)

    def _check_rules(self, row: Row) -> None:
        """The administrator's validation rules: a field, the value that is refused, a text."""
        for rule in self.org.options.validation_rules:
            if rule.get("object", "Lead") == self.spec.name and (
                row.get(rule["field"]) == rule.get("value")
            ):
                fields = (rule["field"],) if rule.get("on_field") else ()
                raise row_error("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], *fields)

    def _check_unique(self, row: Row, values: dict[str, Any]) -> None:
        for field in self.unique:
            value = values.get(field.name)
            if value is None:
                continue
            others = self.table.index(field.name, field.case_sensitive).find(value)
            taken = next((each for each in others if each != row["Id"]), None)
            if taken is not None:
                raise row_error(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {field.name} duplicates value on record with id:"
                    f" {taken[:15]}",
                )

    def _strike(self, values: dict[str, Any], old: Row | None) -> None:
        """Let an armed fault strike this row."""
        if not self.org.faults.armed:
            return
        keys = [str(values.get(field.name) or "") for field in self.spec.looked_up]
        if old is not None:
            keys += [str(old.get(field.name) or "") for field in self.spec.looked_up]
            keys += [old["Id"], old["Id"][:15]]
        fault = self.org.faults.strike_row(self.call.path, filter(None, keys), old is None)
        if fault is not None:
            raise RowErrors(_row_fault(fault.kind, fault, old, self.call.user_id))


def _row_fault(kind: str, fault: Any, old: Row | None, user_id: str) -> RowError:
    if kind == "row_lock":
        # Assumption lock-of-new-row: a new lead waits for its owner's record, having none of its own yet.
        locked = old["Id"] if old is not None else user_id
        return RowError(
            "UNABLE_TO_LOCK_ROW",
            f"unable to obtain exclusive access to this record or 1 records: {locked}",
        )
    if kind == "storage_limit":
        # Assumption storage-limit: the text of a full storage.
        return RowError("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
    return RowError(fault.code, fault.message, tuple(fault.fields))
