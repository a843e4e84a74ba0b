"""What an ODM file must look like where we read it: the elements inside each element, and attributes none is without.

It names the wrong places of a file that no XSD stands by; files that we write hold to it and to CDISC's XSDs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ecrf.engine.exchange.xml import Element, children, local, namespace
from ecrf.engine.faults import Fault

NAMESPACES = {"http://www.cdisc.org/ns/odm/v1.3": "1.3", "http://www.cdisc.org/ns/odm/v2.0": "2.0"}

BOTH: Mapping[str, str] = {
    "Description": "TranslatedText",
    "Question": "TranslatedText",
    "Decode": "TranslatedText",
    "ErrorMessage": "TranslatedText",
    "StudyEventRef": "",
    "ItemGroupRef": "",
}
V1_3 = {
    **BOTH,
    "ODM": "Study AdminData ReferenceData ClinicalData Association Signature",
    "Study": "GlobalVariables BasicDefinitions MetaDataVersion",
    "GlobalVariables": "StudyName StudyDescription ProtocolName",
    "BasicDefinitions": "MeasurementUnit",
    "MeasurementUnit": "Symbol Alias",
    "Symbol": "TranslatedText",
    "MetaDataVersion": "Include Protocol StudyEventDef FormDef ItemGroupDef ItemDef CodeList ImputationMethod "
    "Presentation ConditionDef MethodDef",
    "Protocol": "Description StudyEventRef Alias",
    "StudyEventDef": "Description FormRef Alias",
    "FormDef": "Description ItemGroupRef ArchiveLayout Alias",
    "ItemGroupDef": "Description ItemRef Alias",
    "ItemRef": "",
    "ItemDef": "Description Question ExternalQuestion MeasurementUnitRef RangeCheck CodeListRef Role Alias",
    "RangeCheck": "CheckValue FormalExpression MeasurementUnitRef ErrorMessage",
    "CodeList": "Description CodeListItem ExternalCodeList EnumeratedItem Alias",
    "CodeListItem": "Decode Alias",
    "EnumeratedItem": "Alias",
    "ConditionDef": "Description FormalExpression Alias",
    "MethodDef": "Description FormalExpression Alias",
}
V2_0 = {
    **BOTH,
    "ODM": "Description Study AdminData ReferenceData ClinicalData Association",
    "Study": "Description MetaDataVersion",
    "MetaDataVersion": "Description Include Standards AnnotatedCRF SupplementalDoc ValueListDef WhereClauseDef "
    "Protocol WorkflowDef StudyEventGroupDef StudyEventDef ItemGroupDef ItemDef CodeList ConditionDef MethodDef "
    "CommentDef Leaf",
    "StudyEventGroupDef": "Description StudyEventGroupRef StudyEventRef WorkflowRef Coding",
    "StudyEventDef": "Description ItemGroupRef WorkflowRef Coding Alias",
    "ItemGroupDef": "Description Class ItemGroupRef ItemRef Coding WorkflowRef Origin Alias Leaf",
    "ItemRef": "Origin WhereClauseRef",
    "ItemDef": "Description Definition Question Prompt CRFCompletionInstructions ImplementationNotes CDISCNotes "
    "RangeCheck CodeListRef ValueListRef Coding Alias",
    "RangeCheck": "CheckValue MethodSignature FormalExpression ErrorMessage",
    "CodeList": "Description CodeListItem Coding Alias",
    "CodeListItem": "Description Decode Coding Alias",
    "ConditionDef": "Description MethodSignature FormalExpression Alias",
    "MethodDef": "Description MethodSignature FormalExpression Alias DocumentRef",
}
INSIDE = {"1.3": V1_3, "2.0": V2_0}
NEEDED = {
    "1.3": {
        "ODM": "FileType FileOID CreationDateTime",
        "StudyEventDef": "OID Name Repeating Type",
        "FormDef": "OID Name Repeating",
        "FormRef": "FormOID Mandatory",
        "ItemGroupDef": "OID Name Repeating",
        "ItemDef": "OID Name DataType",
        "RangeCheck": "SoftHard",
        "MeasurementUnit": "OID Name",
    },
    "2.0": {
        "ODM": "FileType FileOID CreationDateTime",
        "Study": "OID StudyName ProtocolName",
        "StudyEventDef": "OID Name Repeating Type",
        "ItemGroupDef": "OID Name Repeating Type",
        "ItemDef": "OID Name DataType",
        "StudyEventGroupDef": "OID Name",
    },
}
ALWAYS = {
    "Study": "OID",
    "MetaDataVersion": "OID Name",
    "StudyEventRef": "StudyEventOID Mandatory",
    "ItemGroupRef": "ItemGroupOID Mandatory",
    "ItemRef": "ItemOID Mandatory",
    "CodeListRef": "CodeListOID",
    "CodeList": "OID Name DataType",
    "CodeListItem": "CodedValue",
    "EnumeratedItem": "CodedValue",
    "ConditionDef": "OID Name",
    "MethodDef": "OID Name",
    "Alias": "Context Name",
}
PARTS = {
    "1.3": {"Study": "GlobalVariables", "GlobalVariables": V1_3["GlobalVariables"]},
    "2.0": {"Study": "MetaDataVersion"},
}
"""Elements that must be there."""


def version_of(root: Element) -> str:
    """``1.3`` or ``2.0``, or nothing for another format."""
    return NAMESPACES.get(namespace(root), "") if local(root) == "ODM" else ""


def faults(root: Element, version: str) -> Iterator[Fault]:
    """Every place of the metadata that isn't as ODM wants it."""
    inside, needed, parts = INSIDE[version], NEEDED[version], PARTS[version]
    waiting = [root]
    while waiting:
        element = waiting.pop()
        name = local(element)
        attributes = f"{ALWAYS.get(name, '')} {needed.get(name, '')}".split()
        for attribute in dict.fromkeys(attributes):
            if element.get(attribute) is None:
                yield at(element, "xml_attribute_missing", name=attribute, inside=name)
        if name not in inside:
            continue
        here = [local(child) for child in children(element) if namespace(child) == namespace(root)]
        for wanted in parts.get(name, "").split():
            if wanted not in here:
                yield at(element, "xml_element_missing", name=wanted, inside=name)
        allowed = inside[name].split()
        for child in children(element):
            if namespace(child) != namespace(root):
                continue
            if local(child) not in allowed:
                yield at(child, "xml_element_unknown", name=local(child)[:80], inside=name)
            elif local(child) not in ("AdminData", "ReferenceData", "ClinicalData", "Association"):
                waiting.append(child)


def at(element: Element, code: str, **params: object) -> Fault:
    return Fault(
        f"line {element.line}, {local(element)}", code, {"row": element.line, "column": local(element), **params}
    )
