"""The nomenclatures of documents, and who reads which type."""

import pytest

from kiosk.code import Code
from kiosk.dmp.habilitations import class_of, may_read, readable_types, readers_of, why_refused
from kiosk.dmp.nomenclature import CodeSet, codes, known, labelled

G15, G16, G05 = "1.2.250.1.71.1.2.7", "1.2.250.1.71.1.2.8", "1.2.250.1.71.4.2.6"
LOINC, TRE = "2.16.840.1.113883.6.1", "1.2.250.1.213.1.1.4.12"
PHARMACIST = Code("21", G15, "Pharmacien")
SECRETARY = Code("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6", "Secrétariat médical")


def of_type(code: str) -> Code:
    return labelled(CodeSet.TYPE, code, "", "")


@pytest.mark.parametrize(
    ("which", "code", "system", "label"),
    [
        (CodeSet.CLASS, "10", "1.2.250.1.213.1.1.4.1", "Compte rendu"),
        (CodeSet.TYPE, "60591-5", LOINC, "Synthèse médicale"),
        (CodeSet.TYPE, "SYNTH", TRE, "Synthèse"),
        (
            CodeSet.FORMAT,
            "urn:ihe:iti:xds-sd:pdf:2008",
            "1.3.6.1.4.1.19376.1.2.3",
            "Document à corps non structuré en Pdf/A-1",
        ),
        (
            CodeSet.CONFIDENTIALITY,
            "MASQUE_PS",
            "1.2.250.1.213.1.1.4.13",
            "Masqué aux professionnels de santé",
        ),
        (CodeSet.CONFIDENTIALITY, "N", "2.16.840.1.113883.5.25", "Normal"),
        (CodeSet.PRACTICE, "AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
        (CodeSet.FACILITY, "SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
        (CodeSet.FACILITY, "EXP_PATIENT", "1.2.250.1.213.1.1.4.6", "Expression personnelle du patient"),
    ],
)
def test_ex_gen_1360_a_code_of_each_set(which: CodeSet, code: str, system: str, label: str):
    assert known(which, code) == Code(code, system, label)


def test_the_sets_are_whole_and_have_labels():
    sizes = {which: len(codes(which)) for which in CodeSet}
    assert sizes[CodeSet.TYPE] == 114
    assert sizes[CodeSet.CONFIDENTIALITY] == 6
    assert sizes[CodeSet.PRACTICE] == 12
    assert all(code.label and code.system for which in CodeSet for code in codes(which))


def test_rec_gen_1370_a_code_of_no_set_is_kept():
    assert labelled(CodeSet.TYPE, "X", "1.2", "Un type") == Code("X", "1.2", "Un type")
    assert labelled(CodeSet.TYPE, "X", "1.2", "") == Code("X", "1.2", "X")


@pytest.mark.parametrize(
    ("code", "profession", "speciality", "allowed"),
    [
        ("11488-4", Code("10", G15, "Médecin"), None, True),
        ("11488-4", PHARMACIST, None, True),
        ("89233-1", PHARMACIST, None, False),  # grossesse
        ("89233-1", Code("50", G15, "Sage-Femme"), None, True),
        ("PRESC-AAT", PHARMACIST, None, False),
        ("60593-1", PHARMACIST, None, True),
        ("28617-9", Code("40", G16, "Chirurgien-Dentiste en formation"), None, True),  # bilan bucco-dentaire
        ("EXPPAT_3", Code("60", G15, "Infirmier"), None, True),  # directives anticipées
        ("EXPPAT_3", Code("70", G15, "Masseur-Kinésithérapeute"), None, False),
        ("11505-5", Code("69", G15, "Infirmier psychiatrique"), None, True),
        ("60591-5", Code("28", G15, "Opticien-Lunetier"), None, False),
        ("78513-9", Code("28", G15, "Opticien-Lunetier"), None, True),  # ophtalmologie
        ("BIL_AUTO", Code("83", G15, "Orthopédiste-Orthésiste"), None, True),
        ("11502-2", PHARMACIST, Code("G", G05, "Pharmacien biologiste"), True),
        ("11488-4", SECRETARY, None, None),
        ("11488-4", Code("35", G15, "Aide-soignant"), None, None),
        ("99999-9", Code("10", G15, "Médecin"), None, None),
    ],
)
def test_who_reads_what(code: str, profession: Code, speciality: Code | None, allowed: bool | None):
    document_type = of_type(code)
    assert may_read(document_type, profession, speciality) is allowed
    reason = why_refused(document_type, profession, speciality)
    assert bool(reason) is (allowed is False)
    if reason:
        assert document_type.label in reason
        assert profession.label in reason


def test_who_will_see_this_document():
    pregnancy = readers_of(of_type("89233-1"))
    assert pregnancy is not None
    assert pregnancy.groups == ("médecins", "sages-femmes")
    assert "pharmaciens" in pregnancy.others
    assert readers_of(of_type("99999-9")) is None


def test_types_of_a_profession():
    doctor = readable_types(Code("10", G15, "Médecin"))
    optician = readable_types(Code("28", G15, "Opticien-Lunetier"))
    assert doctor is not None
    assert optician is not None
    assert set(optician) < set(doctor)
    assert "78513-9" in {code.code for code in optician}
    assert readable_types(SECRETARY) is None


@pytest.mark.parametrize(
    ("code", "class_code"),
    [
        ("11488-4", "10"),
        ("60591-5", "11"),
        ("18748-4", "31"),
        ("57833-6", "42"),
        ("60593-1", "43"),
        ("EXPPAT_1", "90"),
    ],
)
def test_the_class_follows_the_type(code: str, class_code: str):
    found = class_of(of_type(code))
    assert found is not None
    assert found.code == class_code


def test_no_class_for_an_unknown_type():
    assert class_of(of_type("99999-9")) is None
