"""What the ANS checker asks of a level 1 CDA, in words of our own: patients, authors and formats, all with all.

Rules of both generations of the checker (header, people, addresses, times) and those of « structuration minimale »,
today's one. A rule is a place, by XPath, and what must hold at each of them.
"""

import re
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from deposit_bench import AMBULATORY, HOSPITAL, ME, WOMAN, cda_of, made, note, submission
from dmp_peers import DOCTOR, NOW, SECRETARY
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.card.nomenclature import profession, professions, specialities, speciality
from kiosk.code import Code
from kiosk.dmp.deposit import BodyFormat, DepositPatient, LocalId, Replaced, Writer, writer
from kiosk.dmp.deposit_rules import offered_types
from kiosk.dmp.model import Actor, Address, PatientId
from kiosk.dmp.nomenclature import CodeSet, author_code, codes
from kiosk.dmp.vihf import Access

H = {"h": "urn:hl7-org:v3"}
NIR = PatientId("1.2.250.1.213.1.4.10", "284037511200188")
BARE = replace(WOMAN, address=Address(), phone="", birth_place="", local_id=None)
LONG = Address(
    "RESIDENCE A\nBATIMENT B\nESCALIER C\n12 RUE D\nLIEU-DIT E", "BP 9", "75012", "PARIS", "FRANCE"
)
PATIENTS = {
    "whole": WOMAN,
    "as a card writes it": replace(BARE, given_names="ÉLODIE"),
    "with an INS": replace(BARE, patient=NIR, birth_place="75112"),
    "with an INS, born abroad": replace(BARE, patient=NIR, birth_place="99109", sex="M"),
    "lunar, of unknown sex": replace(BARE, birth_date="20260300", sex="U"),
    "one name": replace(BARE, usual_name="LACÔTE"),
    "another first name": replace(BARE, used_first_name="ANNE"),
    "odd letters": replace(BARE, birth_name="D'ÆGIRØ^&~|<", usual_name='Ÿ"<>&'),
    "long address": replace(WOMAN, address=LONG, phone="+33 (0)1.99.00.12.34"),
}


def holder(profession_code: str, know_how: str = "", system: str = "") -> Actor:
    held = profession(profession_code, system) if system else profession(profession_code)
    skill = speciality(know_how, profession_code) if know_how else None
    return replace(DOCTOR, profession=held, speciality=skill)


HOLDERS = {
    "doctor": DOCTOR,
    "doctor without speciality": replace(DOCTOR, speciality=None),
    "doctor of an unknown speciality": replace(DOCTOR, speciality=Code("SM99", "1.2.250.1.71.4.2.5", "SM99")),
    "student": holder("10", system="1.2.250.1.71.1.2.8"),
    "pharmacist": holder("21", "A"),
    "pharmacist without section": holder("21"),
    "dentist": holder("40", "SCD01"),
    "nurse": holder("60", "SI01"),
    "physiotherapist": holder("70"),
}


def checked(patient: DepositPatient, actor: Actor = DOCTOR, **document: object) -> etree._Element:
    """A document made by that holder, against every rule."""
    me = writer(actor, prefix="MME", suffix="DR")
    people = {"authors": (me,), "legal_authenticator": me} | document
    made_of = submission(note(**people), patient=patient, access=Access(patient.patient))
    root = etree.fromstring(cda_of(made(made_of, actor=actor)), etree.XMLParser(huge_tree=True))
    assert not broken(root)
    return root


# --- the rules --------------------------------------------------------------------------------------------

ROLE = "/h:ClinicalDocument/h:recordTarget/h:patientRole"
NAME = f"{ROLE}/h:patient/h:name"
EVENT = "/h:ClinicalDocument/h:documentationOf/h:serviceEvent"
ENCOUNTER = "/h:ClinicalDocument/h:componentOf/h:encompassingEncounter"
ASSIGNED = "//*[self::h:assignedAuthor or self::h:assignedEntity]"
NULL = (
    "@nullFlavor='NASK' or @nullFlavor='UNK' or @nullFlavor='ASKU' or @nullFlavor='NAV' or @nullFlavor='MSK'"
)
AS_OFTEN = {
    "realmCode": (1, 1),
    "typeId": (1, 1),
    "templateId": (3, 3),
    "id": (1, 1),
    "code": (1, 1),
    "title": (1, 1),
    "effectiveTime": (1, 1),
    "confidentialityCode": (1, 1),
    "languageCode": (1, 1),
    "setId": (1, 1),
    "versionNumber": (1, 1),
    "recordTarget": (1, 1),
    "author": (1, 99),
    "custodian": (1, 1),
    "legalAuthenticator": (1, 1),
    "documentationOf": (1, 99),
    "relatedDocument": (0, 1),
    "componentOf": (1, 1),
    "component": (1, 1),
}
HOLDS = (
    ("/h:ClinicalDocument", "h:realmCode/@code='FR' and h:languageCode/@code='fr-FR'"),
    ("/h:ClinicalDocument", "h:typeId[@root='2.16.840.1.113883.1.3' and @extension='POCD_HD000040']"),
    ("/h:ClinicalDocument", "h:templateId/@root='2.16.840.1.113883.2.8.2.1'"),
    ("/h:ClinicalDocument", "h:templateId/@root='1.2.250.1.213.1.1.1.1'"),
    ("/h:ClinicalDocument", "h:templateId/@root='1.3.6.1.4.1.19376.1.2.20'"),
    ("/h:ClinicalDocument", "h:id[@root and not(@extension)] and h:setId/@root and h:versionNumber/@value"),
    (
        "/h:ClinicalDocument/h:confidentialityCode",
        "@code='N' and @codeSystem='2.16.840.1.113883.5.25' and @displayName='Normal'",
    ),
    (ROLE, "h:id[1][@root and @extension] and h:addr and h:telecom and not(h:id/@nullFlavor)"),
    (f"{ROLE}/h:patient", "count(h:name)=1 and h:birthTime/@value and h:administrativeGenderCode/@code"),
    (f"{ROLE}/h:patient", "not(h:raceCode or h:religiousAffiliationCode or h:ethnicGroupCode)"),
    (NAME, "count(h:family[@qualifier='BR'])=1 and count(h:given[@qualifier='BR'])=1"),
    (NAME, "count(h:given[not(@qualifier)])=1 and count(h:family[@qualifier='CL'])<=1"),
    (f"{NAME}/h:family", "@qualifier='BR' or @qualifier='CL'"),
    (f"{NAME}/h:given", "not(@qualifier) or @qualifier='BR' or @qualifier='CL'"),
    (
        f"{ROLE}[not(h:id/@root='1.2.250.1.213.1.4.2')]",
        "string-length(h:patient/h:birthplace/h:place/h:addr/h:county)=5",
    ),
    ("//h:addr", f"(* and not(@nullFlavor)) or (not(*) and count(@*)=1 and ({NULL}))"),
    ("//h:addr[h:streetAddressLine]", "count(*)=count(h:streetAddressLine) and count(*)<=7"),
    ("//h:telecom", f"@value or (count(@*)=1 and ({NULL}))"),
    (
        "//h:telecom[@value]",
        "starts-with(@value, 'tel:') and string-length(@value)>4 and not(contains(@value, ' '))",
    ),
    (ASSIGNED, "count(h:id)=1 and h:id/@root and string-length(h:id/@extension)>0"),
    (ASSIGNED, "count(h:code)=1 and h:addr and h:telecom and h:assignedPerson"),
    (
        f"{ASSIGNED}/h:assignedPerson",
        "count(h:name)=1 and count(h:name/h:family)=1 and count(h:name/h:given)<=1",
    ),
    (
        f"{ASSIGNED}/h:representedOrganization",
        "h:id[@root='1.2.250.1.71.4.2.2' and string-length(@extension)>0] and count(h:name)=1",
    ),
    (
        "//h:representedCustodianOrganization",
        "count(h:id)=1 and h:id[@root='1.2.250.1.71.4.2.2' and string-length(@extension)>0]",
    ),
    ("//h:representedCustodianOrganization", "string-length(h:name)>0 and h:telecom and h:addr"),
    ("/h:ClinicalDocument/h:author", "h:time/@value and h:assignedAuthor"),
    (
        "/h:ClinicalDocument/h:legalAuthenticator",
        "h:time/@value and h:signatureCode/@code='S' and h:assignedEntity",
    ),
    (EVENT, "count(h:performer)=1 and h:performer/@typeCode='PRF' and count(h:effectiveTime/h:low/@value)=1"),
    (f"{EVENT}/h:performer", ".//h:representedOrganization/h:standardIndustryClassCode/@code"),
    (ENCOUNTER, "count(h:location/h:healthCareFacility/h:code)=1 and h:effectiveTime/h:low/@value"),
    ("/h:ClinicalDocument/h:relatedDocument", "@typeCode='RPLC' and count(h:parentDocument/h:id[@root])=1"),
    ("//h:nonXMLBody/h:text", "@representation='B64' and @mediaType and string-length(.)>0"),
    (
        "/h:ClinicalDocument/h:code | //h:serviceEvent/h:code | //h:healthCareFacility/h:code"
        " | //h:standardIndustryClassCode | //h:assignedAuthor/h:code | //h:assignedEntity/h:code",
        "@code and @codeSystem and @displayName",
    ),
    ("//*[@*[.='']]", "false()"),
    ("//*[not(*) and not(@*) and normalize-space()='']", "false()"),
)
_TIME = re.compile(r"[0-9]{14}[+-](0[0-9]|1[0-4])[0-5][0-9]")
_GENDERS = {("M", "2.16.840.1.113883.5.1"), ("F", "2.16.840.1.113883.5.1"), ("UN", "2.16.840.1.113883.5.1")}
_SETS = (
    ("/h:ClinicalDocument/h:code", CodeSet.TYPE),
    ("//h:healthCareFacility/h:code", CodeSet.FACILITY),
    ("//h:standardIndustryClassCode", CodeSet.PRACTICE),
)


def broken(root: etree._Element) -> list[str]:
    """The rules a document breaks."""
    found = [f"{path}: {rule}" for path, rule in HOLDS for one in at(root, path) if not says(one, rule)]
    for name, (least, most) in AS_OFTEN.items():
        if not least <= len(at(root, f"/h:ClinicalDocument/h:{name}")) <= most:
            found.append(f"cardinality of {name}")
    times = "//h:time | //h:low | //h:high | /h:ClinicalDocument/h:effectiveTime"
    found += [
        f"time: {one.get('value')}" for one in at(root, times) if not _TIME.fullmatch(one.get("value", ""))
    ]
    for one in at(root, "//h:effectiveTime[h:high]"):
        if moment(one[1].get("value")) <= moment(one[0].get("value")):
            found.append("an act that ends before it begins")
    for path, which in _SETS:
        found += [f"{which}: {one.attrib}" for one in at(root, path) if coded(one) not in codes(which)]
    for one in at(root, f"{ASSIGNED}/h:code"):
        if author_code(one.get("code", ""), one.get("codeSystem", "")) != coded(one):
            found.append(f"J01: {one.attrib}")
    for one in at(root, "//h:administrativeGenderCode"):
        if (one.get("code"), one.get("codeSystem")) not in _GENDERS:
            found.append("J143")
    return found


def at(root: etree._Element, path: str) -> list[etree._Element]:
    return list(root.xpath(path, namespaces=H))


def says(element: etree._Element, rule: str) -> bool:
    return bool(element.xpath(f"boolean({rule})", namespaces=H))


def coded(element: etree._Element) -> Code:
    return Code(*(element.get(name, "") for name in ("code", "codeSystem", "displayName")))


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S%z")


@pytest.mark.parametrize(
    "lost",
    [
        *(f"/h:ClinicalDocument/h:{name}" for name, (least, _) in AS_OFTEN.items() if least),
        f"{NAME}/h:family[@qualifier='BR']",
        f"{NAME}/h:given[1]",
        f"{NAME}/h:given[2]",
        f"{NAME}/h:given/@qualifier",
        "//h:birthTime",
        "//h:county",
        "//h:administrativeGenderCode",
        "//h:patientRole/h:addr",
        "//h:assignedAuthor/h:code",
        "//h:assignedEntity/h:code/@displayName",
        "//h:assignedPerson/h:name/h:family",
        "//h:representedOrganization/h:id/@extension",
        "//h:representedCustodianOrganization/h:name",
        "//h:signatureCode",
        "//h:performer",
        "//h:standardIndustryClassCode",
        "//h:healthCareFacility",
        "//h:nonXMLBody/h:text/@mediaType",
    ],
)
def test_the_rules_see_what_is_missing(lost: str) -> None:
    root = checked(PATIENTS["with an INS"])
    for one in root.xpath(lost, namespaces=H):
        if isinstance(one, str):
            del one.getparent().attrib[one.attrname]
        else:
            one.getparent().remove(one)
    assert broken(root)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<streetAddressLine>FRANCE</streetAddressLine>", "<country>FRANCE</country>"),
        ('qualifier="CL"', 'qualifier="SP"'),
        ("G15_10/SM26", "G15_10/SM99"),
        ("Qualifié en Médecine Générale (SM)", "Médecine générale"),
        ('code="SA07"', 'code="SA99"'),
        ("+0000", ""),
        ('value="tel:', 'value="'),
    ],
)
def test_the_rules_see_what_is_wrong(
    before: str, after: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    request.addfinalizer(time.tzset)
    text = etree.tostring(checked(WOMAN), encoding="unicode")
    assert before in text
    assert broken(etree.fromstring(text.replace(before, after)))


# --- all with all -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", BodyFormat, ids=lambda body: body.name)
@pytest.mark.parametrize("who", HOLDERS)
@pytest.mark.parametrize("patient", PATIENTS)
def test_every_patient_every_author_and_every_format(patient: str, who: str, body: BodyFormat) -> None:
    checked(PATIENTS[patient], HOLDERS[who], format=body)


def test_every_profession_and_every_speciality_has_a_code_of_the_value_set() -> None:
    for one in professions():
        for skill in (None, *specialities(one.code)):
            author = writer(replace(DOCTOR, profession=one, speciality=skill)).speciality
            assert author_code(author.code, author.system) == author, (one.code, skill)


def test_the_label_of_an_author_is_the_official_one() -> None:
    assert writer(HOLDERS["pharmacist"]).speciality == Code(
        "G15_21/A", "1.2.250.1.213.1.1.4.5", "Pharmacien titulaire d'officine"
    )
    assert writer(HOLDERS["doctor of an unknown speciality"]).speciality.code == "G15_10"


def test_every_type_that_is_offered() -> None:
    for kind in offered_types():
        checked(BARE, type_code=kind)


def test_a_secretary_for_a_doctor() -> None:
    doctor = Writer(
        "899700000099", "PERRIN", "LUC", ME.speciality, SECRETARY.structure_id, SECRETARY.structure_name
    )
    people = {"authors": (doctor, writer(SECRETARY)), "legal_authenticator": doctor}
    root = checked(WOMAN, SECRETARY, practice_setting=HOSPITAL, **people)
    assert len(at(root, "//h:author")) == 2


@pytest.mark.parametrize("set_id", ["", "1.2.250.1.999.9.9"])
def test_a_new_version(set_id: str) -> None:
    root = checked(WOMAN, replaces=Replaced("urn:uuid:1", "1.2.250.1.999.9.8", set_id, 2))
    assert at(root, "//h:versionNumber")[0].get("value") == "3"


def test_an_act_and_its_end() -> None:
    event = Code("HHFA016", "1.2.250.1.213.2.5", "Appendicectomie")
    checked(WOMAN, service_start=NOW - timedelta(hours=1), service_stop=NOW, events=(event,))
    checked(WOMAN, events=(replace(event, label=""),))


def test_an_address_is_lines_as_on_an_envelope() -> None:
    path = f"{ROLE}/h:addr/h:streetAddressLine"
    assert [one.text for one in at(checked(WOMAN), path)] == ["12 RUE DE L'ÉGLISE", "75012 PARIS", "FRANCE"]
    lines = [one.text for one in at(checked(PATIENTS["long address"]), path)]
    assert lines[:2] == ["RESIDENCE A", "BATIMENT B"]
    assert lines[6] == "75012 PARIS FRANCE"


# --- anything ---------------------------------------------------------------------------------------------

_WORD = st.text(min_size=1, max_size=25).filter(lambda text: bool(re.search(r"\w", text)))
_MOMENT = st.datetimes(
    datetime(1950, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-9))]),
)
_LINE = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=30)
_ADDRESS = st.builds(
    Address, st.lists(_LINE, max_size=9).map("\n".join), _LINE, st.just("75012"), _LINE, _LINE
)
_PATIENT = st.builds(
    DepositPatient,
    patient=st.sampled_from([WOMAN.patient, NIR]),
    birth_name=_WORD,
    usual_name=st.just("") | _WORD,
    given_names=_WORD,
    first_name=_WORD,
    birth_date=st.dates().map(lambda day: f"{day:%Y%m%d}".zfill(8)),
    sex=st.sampled_from(["M", "F", "U", ""]),
    used_first_name=st.just("") | _WORD,
    birth_place=st.sampled_from(["75112", "2A004", "97105", "99109"]),
    address=_ADDRESS,
    phone=st.sampled_from(["", "01 99 00 12 34", "+33\u202f1 99"]),
    local_id=st.none() | st.builds(LocalId, st.just("1.2.250.1.999.7.2"), _WORD),
)


@settings(max_examples=150, deadline=None)
@given(
    patient=_PATIENT,
    who=st.sampled_from(sorted(HOLDERS)),
    name=_WORD,
    title=st.text(min_size=1, max_size=128).filter(lambda text: bool(re.search(r"\w", text))),
    body=st.sampled_from(BodyFormat),
    start=_MOMENT,
    created=_MOMENT,
    lasts=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
)
def test_whatever_people_are_called_and_whenever_it_was(
    patient: DepositPatient,
    who: str,
    name: str,
    title: str,
    body: BodyFormat,
    start: datetime,
    created: datetime,
    lasts: timedelta | None,
) -> None:
    actor = replace(HOLDERS[who], family_name=name, structure_name=name)
    checked(
        patient,
        actor,
        title=title,
        format=body,
        practice_setting=AMBULATORY,
        created=created,
        service_start=start,
        service_stop=None if lasts is None else start + lasts,
    )
