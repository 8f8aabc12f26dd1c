"""Describe: what an object and its fields look like to the user.

Source: REST guide, "sObject Describe", "Describe Global", "sObject Basic Information". Only
fields the user may see are listed (field-level security).
"""

from typing import Any

from .fields import COMPOUNDS, SOAP_TYPES, FieldSpec
from .record_types import record_type_infos
from .schema import ObjectSpec, Schema


def describe_field(spec: FieldSpec) -> dict[str, Any]:
    """One entry of ``fields``."""
    return dict(sorted({**_flags(spec), **_sizes(spec), **_values(spec), **_CONSTANT}.items()))


_CONSTANT: dict[str, Any] = {
    "aiPredictionField": False,
    "cascadeDelete": False,
    "defaultValueFormula": None,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "writeRequiresMasterRead": False,
}


def _flags(spec: FieldSpec) -> dict[str, Any]:
    comparable = not (spec.is_long_text or spec.type in COMPOUNDS or spec.type == "encryptedstring")
    groupable = comparable and spec.type not in (
        "double",
        "currency",
        "percent",
        "datetime",
        "multipicklist",
    )
    return {
        "aggregatable": comparable and spec.type not in ("boolean", "multipicklist"),
        "autoNumber": spec.auto_number,
        "calculated": spec.calculated,
        "caseSensitive": spec.case_sensitive,
        "createable": spec.createable,
        "custom": spec.custom,
        "defaultedOnCreate": spec.defaulted,
        "dependentPicklist": spec.controller is not None,
        "encrypted": spec.type == "encryptedstring",
        "externalId": spec.external_id,
        "filterable": comparable or spec.type in COMPOUNDS,
        "groupable": groupable,
        "htmlFormatted": spec.extra_type == "richtextarea",
        "idLookup": spec.id_lookup,
        "nameField": spec.name_field,
        "namePointing": len(spec.reference_to) > 1,
        "nillable": spec.nillable,
        "permissionable": spec.permissionable,
        "polymorphicForeignKey": len(spec.reference_to) > 1,
        "queryByDistance": spec.type in COMPOUNDS,
        "restrictedPicklist": spec.restricted,
        "searchPrefilterable": len(spec.reference_to) == 1
        and spec.reference_to[0] not in ("Lead", "User"),
        "sortable": comparable and spec.type != "multipicklist",
        "unique": spec.unique,
        "updateable": spec.updateable,
    }


def _sizes(spec: FieldSpec) -> dict[str, Any]:
    wide = 1 if spec.type in ("id", "reference") else 3
    return {
        "byteLength": spec.length * wide,
        "digits": spec.digits,
        "length": spec.length,
        "precision": spec.precision,
        "scale": spec.scale,
    }


def _values(spec: FieldSpec) -> dict[str, Any]:
    masked = spec.type == "encryptedstring"
    return {
        "calculatedFormula": spec.formula,
        "compoundFieldName": spec.compound,
        "controllerName": spec.controller,
        "defaultValue": spec.default,
        "extraTypeInfo": spec.extra_type,
        "inlineHelpText": spec.help,
        "label": spec.title,
        "mask": "X" if masked else None,
        "maskType": "all" if masked else None,
        "name": spec.name,
        "picklistValues": [entry.describe() for entry in spec.picklist],
        "referenceTo": list(spec.reference_to),
        "relationshipName": spec.relationship,
        "soapType": SOAP_TYPES.get(spec.type, "xsd:string"),
        "type": spec.type,
    }


def summary(spec: ObjectSpec, version: str) -> dict[str, Any]:
    """What Describe Global and the basic information say of an object."""
    root = f"/services/data/v{version}/sobjects/{spec.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": spec.writeable,
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": spec.writeable,
        "deprecatedAndHidden": False,
        "feedEnabled": spec.writeable,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": spec.prefix,
        "label": spec.label,
        "labelPlural": spec.plural,
        "layoutable": spec.writeable,
        "mergeable": spec.name in ("Account", "Contact", "Lead"),
        "mruEnabled": spec.writeable,
        "name": spec.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": spec.writeable,
        "updateable": spec.writeable,
        "urls": {"sobject": root, "describe": f"{root}/describe", "rowTemplate": f"{root}/{{ID}}"},
    }


def describe_object(spec: ObjectSpec, version: str) -> dict[str, Any]:
    """The full describe of one object."""
    return {
        "actionOverrides": [],
        **summary(spec, version),
        "childRelationships": [],
        "compactLayoutable": spec.writeable,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(each) for each in spec.visible],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": record_type_infos(spec, version),
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": f"All {spec.plural.lower()}", "name": "everything"}],
    }


def describe_global(schema: Schema, version: str) -> dict[str, Any]:
    """The list of all objects."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [summary(spec, version) for spec in schema.objects.values()],
    }
