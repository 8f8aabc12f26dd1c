"""The org itself: everything it holds, under one lock, kept in one file."""

import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from . import seed
from .allowance import Allowance
from .bulk_job import IngestJob
from .calls import KEPT, CallLog
from .clock import Clock
from .faults import Faults
from .fields import FieldSpec, PicklistValue
from .ids import make
from .options import Options
from .schema import Schema, seed_schema
from .shapes import apply_shapes
from .store import Store
from .tables import Row, Tables
from .tokens import Tokens


@dataclass
class OrgData:
    """What belongs to one org id: another org has other records, fields and calls."""

    schema: Schema
    tables: Tables
    allowance: Allowance = field(default_factory=Allowance)
    jobs: dict[str, IngestJob] = field(default_factory=dict)


class Org:
    """One practice org; hold ``lock`` while working on it."""

    def __init__(self, base_url: str, store: Store, initial: dict[str, Any]) -> None:
        self.base_url = base_url
        self.store = store
        self.initial = initial
        self.lock = threading.RLock()
        # What a consent page or a refresh under way needs lives no longer than the process.
        self.pending: dict[str, Any] = {}
        self.refreshing: set[str] = set()
        self.resets = 0
        self._start_empty()
        self._load()

    def _start_empty(self) -> None:
        self.clock = Clock()
        self.options = Options()
        self.options.update(self.initial)
        self.tokens = Tokens()
        self.faults = Faults()
        self.calls = CallLog()
        self.cursors: dict[str, Any] = {}
        self.numbers: dict[str, int] = {}
        self.orgs: dict[str, OrgData] = {}
        self._saved: dict[str, Any] = {}

    def _load(self) -> None:
        self.clock = Clock(**(self.store.load_document("clock") or {}))
        self.options.update(self.store.load_document("options") or {})
        # Callbacks given on the command line are registered besides those already known.
        known = [*self.options.callbacks, *self.initial.get("callbacks", [])]
        self.options.callbacks = list(dict.fromkeys(known))
        self.numbers = self.store.load_document("numbers") or {}
        self.tokens.jwt = self.options.jwt_access_tokens
        tokens = self.store.load_document("tokens")
        if tokens is not None:
            self.tokens.load(tokens)
        self.calls.load(self.store.load_calls(KEPT))
        with self.lock:
            self._take_shape(self.initial.get("shape"))
            self.commit()

    def _take_shape(self, wanted: list[str] | None) -> None:
        """The shape named on the command line, where the kept org has another."""
        if wanted and wanted != self.options.shape:
            self.options.update({"shape": wanted})
            self.reshape()

    def reset(self) -> None:
        """Back to a new org; registered callbacks given at the start stay."""
        self.resets += 1
        self.store.clear()
        self.pending.clear()
        self._start_empty()
        self.commit()

    @property
    def data(self) -> OrgData:
        """The org that the options name now."""
        org_id = self.options.org_id
        data = self.orgs.get(org_id)
        if data is None:
            data = self.orgs[org_id] = self._open(org_id)
        return data

    @property
    def schema(self) -> Schema:
        """Its objects and fields."""
        return self.data.schema

    @property
    def tables(self) -> Tables:
        """Its records."""
        return self.data.tables

    @property
    def allowance(self) -> Allowance:
        """Its allowance of calls."""
        return self.data.allowance

    def _open(self, org_id: str) -> OrgData:
        past = self.clock.now() - timedelta(days=1)
        data = OrgData(self._shaped(past), Tables())
        for name, record_id, blob in self.store.load_records(org_id):
            data.tables.table(name).blobs[record_id] = blob
        for name, fields_of in (self.store.load_document(f"schema:{org_id}") or {}).items():
            data.schema.objects[name].fields = {each["name"]: _field(each) for each in fields_of}
            data.schema.objects[name].refresh()
        data.allowance.load(self.store.load_spent(org_id))
        data.allowance.maximum = self.store.load_document(f"maximum:{org_id}") or (
            data.allowance.maximum
        )
        if not data.tables.by_name:
            seed.seed(data.tables, self.options, past)
        return data

    def _shaped(self, moment: datetime) -> Schema:
        """The fields of a new org of the shape that the options name."""
        schema = seed_schema(moment)
        apply_shapes(schema, self.options.shape)
        return schema

    def reshape(self) -> None:
        """Give the current org the fields of its shape; fields changed by hand are as at first."""
        old, self.data.schema = self.schema, self._shaped(self.clock.now())
        for name, spec in self.schema.objects.items():
            self.tables.drop_indexes(name)
            self._forget(name, set(old.objects[name].fields) - set(spec.fields))
        self.save_schema()

    def _forget(self, name: str, gone: set[str]) -> None:
        """Take the values of fields that are gone out of the records of an object."""
        for row in self.tables.table(name).rows() if gone else ():
            if not gone.isdisjoint(row):
                left = {key: value for key, value in row.items() if key not in gone}
                self.tables.put(name, left, row)

    def new_id(self, prefix: str) -> str:
        """The id of a new record; no two orgs ever share one."""
        number = self.numbers.get(prefix, seed.FIRST_NUMBER)
        self.numbers[prefix] = number + 1
        return make(prefix, number)

    def user(self, user_id: str) -> Row | None:
        """A person who may log in: known and active."""
        user = self.tables.table("User").get(user_id)
        if user is None or not user["IsActive"] or user["Username"] in self.options.inactive:
            return None
        return user

    def user_by_name(self, username: str) -> Row | None:
        """A person by user name, active or not."""
        lowered = username.strip().lower()
        users = self.tables.table("User").rows()
        return next((user for user in users if user["Username"].lower() == lowered), None)

    def commit(self) -> None:
        """Write what changed since the last commit, in one transaction."""
        self.store.begin()
        for org_id, data in self.orgs.items() or {self.options.org_id: self.data}.items():
            self._commit_data(org_id, data)
        self.store.save_calls(self.calls.drain())
        self._save("clock", self.clock.dump())
        self._save("options", self.options.dump())
        self._save("numbers", dict(self.numbers))
        if self.tokens.dirty:
            self.store.save_document("tokens", self.tokens.dump())
            self.tokens.dirty = False
        self.store.commit()

    def _commit_data(self, org_id: str, data: OrgData) -> None:
        blobs = data.tables.drain()
        if blobs:
            self.store.save_records(org_id, blobs)
        for second, calls in data.allowance.drain():
            self.store.spend(org_id, second, calls)

    def _save(self, name: str, value: Any) -> None:
        if self._saved.get(name) != value:
            self.store.save_document(name, value)
            self._saved[name] = value

    def save_schema(self) -> None:
        """Keep the changed fields of the current org."""
        fields_of = {
            name: [asdict(spec) for spec in each.fields.values()]
            for name, each in self.schema.objects.items()
        }
        self.store.save_document(f"schema:{self.options.org_id}", fields_of)

    def set_allowance(self, maximum: int | None, used: int | None) -> None:
        """Set how many calls there are and how many are spent, as of now."""
        allowance = self.allowance
        if maximum is not None:
            allowance.maximum = maximum
            self.store.save_document(f"maximum:{self.options.org_id}", maximum)
        if used is not None:
            self.store.clear_spent(self.options.org_id)
            allowance.load([])
            allowance.drain()
            allowance.spend(self.clock.timestamp(), used)


def _field(saved: dict[str, Any]) -> FieldSpec:
    picklist = tuple(PicklistValue(**entry) for entry in saved.pop("picklist"))
    targets = tuple(saved.pop("reference_to"))
    return FieldSpec(**saved, picklist=picklist, reference_to=targets)
