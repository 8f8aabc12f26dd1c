"""State and Country picklists: codes and texts of an address kept in step.

Source: Salesforce help, "State and Country/Territory Picklist Field-Syncing Logic"; the texts as
integrators reported them. ``State`` and ``Country`` stay writeable texts, but take only the names
that the org knows.
"""

from collections.abc import Iterator

from .errors import RowErrors, row_error
from .fields import FieldSpec, PicklistValue, positions
from .schema import ObjectSpec
from .tables import Row


UNLISTED = (
    "There's a problem with this {kind}, even though it may appear correct. Please select a"
    " {kind} from the list of valid {kinds}."
)
CODE, STATE, COUNTRY = "FIELD_INTEGRITY_EXCEPTION", "State", "Country"


def sync_address(spec: ObjectSpec, row: Row, written: Row, old: Row | None) -> None:
    """Fill in the other of code and text, or raise the row error of a combination that is none."""
    # Assumption address-untouched: a row that writes no part of the pair is not looked at again.
    if any(name in written for name in ("State", "StateCode", "Country", "CountryCode")):
        _Sync(spec, row, written, old).run()


class _Sync:
    """One record's country and state."""

    def __init__(self, spec: ObjectSpec, row: Row, written: Row, old: Row | None) -> None:
        self.fields, self.row, self.written, self.old = spec.fields, row, written, old

    def run(self) -> None:
        """First the country, which the state depends on."""
        countries = list(self.fields["CountryCode"].picklist)
        country = self._settle(COUNTRY, countries)
        if country is None and self._state_left_behind():
            self._write(STATE, None)
        self._check_country_of_state(country)
        self._settle(STATE, list(self._states_of(country)))

    def _state_left_behind(self) -> bool:
        return not (self.written.get("State") or self.written.get("StateCode"))

    def _states_of(self, country: PicklistValue | None) -> Iterator[PicklistValue]:
        countries = self.fields["CountryCode"].picklist
        position = countries.index(country) if country else -1
        for entry in self.fields["StateCode"].picklist:
            if position in positions(entry.valid_for or ""):
                yield entry

    def _check_country_of_state(self, country: PicklistValue | None) -> None:
        named = next((name for name in ("StateCode", "State") if self.row.get(name)), None)
        if country is None and named is not None:
            title = self.fields[named].title
            text = "A country/territory must be specified before specifying a state value for field"
            raise row_error(CODE, f"{text}: {title}", named)

    def _settle(self, name: str, entries: list[PicklistValue]) -> PicklistValue | None:
        """The entry that the record now has, written as code and as text."""
        if self._is_old_text(name):
            return None
        code, text = self._given(name)
        by_code = self._by_code(name, code, entries) if code else None
        by_text = self._by_text(name, text, entries) if text and self._compared(code) else None
        if by_code and by_text and by_code != by_text:
            raise _unlisted(self.fields[name])
        found = by_code or by_text
        self._write(name, found)
        return found

    def _is_old_text(self, name: str) -> bool:
        """A text from before the picklists were switched on stays until somebody writes it."""
        code = f"{name}Code"
        return not (name in self.written or code in self.written or self.row.get(code))

    def _compared(self, code: str | None) -> bool:
        """On create a code prevails over a text; on update a text that does not match is refused."""
        return not (code and self.old is None)

    def _given(self, name: str) -> tuple[str | None, str | None]:
        """Code and text as the call leaves them; what it does not name follows the other."""
        code, text = f"{name}Code", name
        if code in self.written and text in self.written:
            return self.written[code], self.written[text]
        if text in self.written:
            return None, self.written[text]
        return self.row.get(code), None

    def _by_code(self, name: str, code: str, entries: list[PicklistValue]) -> PicklistValue:
        found = next((each for each in entries if each.value.lower() == code.lower()), None)
        if found is None:
            title = self.fields[f"{name}Code"].title
            text = "The existing country/territory doesn't recognize the state value for field"
            raise row_error(CODE, f"{text}: {title}", f"{name}Code")
        return found

    def _by_text(self, name: str, text: str, entries: list[PicklistValue]) -> PicklistValue:
        # Assumption address-name-case: names are found whatever their case; codes in their place are not.
        found = next((each for each in entries if each.label.lower() == text.lower()), None)
        if found is None:
            raise _unlisted(self.fields[name])
        return found

    def _write(self, name: str, entry: PicklistValue | None) -> None:
        for field, value in ((f"{name}Code", entry and entry.value), (name, entry and entry.label)):
            if value is None:
                self.row.pop(field, None)
            else:
                self.row[field] = value


def _unlisted(field: FieldSpec) -> RowErrors:
    # Assumption address-mismatch: a code and a name that differ are refused in the words of an unknown name.
    kind = field.name.lower()
    kinds = "countries" if kind == "country" else "states"
    text = UNLISTED.format(kind=kind, kinds=kinds)
    return row_error(CODE, f"{text}: {field.title}", field.name)
