"""What the lines of a CDA say: header, summary, biology, vaccinations, prescriptions, letters, patients' own."""

import cda_documents as cda
import pytest

from kiosk.rendering import reader
from kiosk.rendering.layout import header_lines, lines, text_of
from kiosk.rendering.page import Field, Kind, Style


def body(document: bytes, width: int = 80) -> list[str]:
    return [text_of(line) for line in lines(reader.read(document), width)]


def test_the_header_tells_who_what_when_and_by_whom() -> None:
    document = cda.structured(cda.section("Motif", "Toux"), code="11488-4", title="Consultation du 21 mars")
    header = {field.label: field.value for field in reader.read(document).header}
    assert header == {
        "Patient": "SPECIMEN ALICE ROSE (nom utilisé : EXEMPLE)",
        "Né(e) le": "23/04/1999",
        "À": "99999",
        "Sexe": "Féminin",
        "INS de test": "2999 9999 9900 112",
        "Document": "Consultation du 21 mars",
        "Type": "CR de consultation (11488-4)",
        "Date": "21/03/2026 09:15 (heure locale du producteur)",
        "Confidentialité": "Normal",
        "Version": "2",
        "Langue": "fr-FR",
        "Auteur": "DR Basile FICTIF (Médecin - Médecine générale (SM))",
        "Établissement": "Cabinet des Essais",
        "Conservé par": "Hôpital des Essais",
        "Responsable": "DR Basile FICTIF",
        "Acte": "Historique et clinique · 21/03/2026 09:15",
    }


def test_a_document_of_the_patient_is_visibly_so() -> None:
    section = cda.section("Mes volontés", "Je souhaite…")
    mine = cda.structured(section, author=cda.BY_PATIENT)
    assert reader.read(mine).by_patient
    assert body(mine)[0].startswith("DOCUMENT DU PATIENT")
    assert reader.read(cda.structured(section, code="DOCPAT05")).by_patient
    theirs = reader.read(cda.structured(section))
    assert not theirs.by_patient
    assert not any("DOCUMENT DU PATIENT" in text_of(line) for line in lines(theirs, 80))


# --- summary ----------------------------------------------------------------------------------------------


def test_a_summary_begins_with_allergies_treatments_and_vigilance() -> None:
    first = "\n".join(body(cda.summary())[:15])
    assert "ALLERGIES : 2008 · Pénicilline · Choc anaphylactique" in first
    assert "TRAITEMENTS : FICTIVAX 75 mg comprimé, 1 cp/j ; PLACEBO 5 mg, 2 cp/j" in first
    assert "VIGILANCE : Souffle cardiaque à surveiller" in first


def test_the_rest_of_a_summary_follows_whole() -> None:
    said = "\n".join(body(cda.summary()))
    for words in ("Pathologie en cours", "Asthme persistant", "Traitement au long cours", "11/08/2019"):
        assert words in said


def test_many_treatments_leave_room_for_vigilance_but_no_allergy_is_cut() -> None:
    allergies = [[f"Allergie numéro {n} à quelque chose"] for n in range(20)]
    drugs = [[f"MEDICAMENT {n:02} 500 mg comprimé"] for n in range(40)]
    document = cda.structured(
        cda.section("Allergies", cda.table(["Allergie"], *allergies), code="48765-2"),
        cda.section("Traitements", cda.table(["Médicament"], *drugs), code="10160-0"),
        cda.section("Points de vigilance", "Pacemaker", code="30954-2"),
        code="60591-5",
    )
    said = body(document)
    start = said.index("Allergies")
    first = " ".join(said[:start])
    assert all(f"Allergie numéro {n} à" in first for n in range(20))
    assert "… et 32 autres plus bas" in first
    assert "VIGILANCE : Pacemaker" in first


def test_what_a_summary_leaves_out_is_said() -> None:
    said = "\n".join(
        body(
            cda.structured(cda.section("Allergies", "Aucune allergie connue", code="48765-2"), code="60591-5")
        )
    )
    assert "ALLERGIES : Aucune allergie connue" in said
    assert "TRAITEMENTS : rubrique absente de ce document" in said
    assert "VIGILANCE : rubrique absente de ce document" in said


# --- biology ----------------------------------------------------------------------------------------------


def test_abnormal_results_come_first_with_units_and_bounds() -> None:
    document = cda.biology(
        cda.result("2951-2", "Sodium", "140", "mmol/L", low="136.000", high="145.0"),
        cda.result("2823-3", "Potassium", "5.9", "mmol/L", low="3.500000", high="5.1000", flag="H"),
        cda.result("2160-0", "Créatinine", "180", "umol/L", high="104", flag="HH"),
    )
    said = body(document)
    assert said[0] == "Résultats anormaux (2 sur 3)"
    chapter = said.index("BIOCHIMIE")
    first = [" ".join(line.split()) for line in said[:chapter]]
    assert "Potassium 5,9 mmol/L 3,5 à 5,1 ÉLEVÉ" in first
    assert "Créatinine 180 umol/L ≤ 104 TRÈS ÉLEVÉ" in first
    assert not any("Sodium" in line for line in first)
    assert "Sodium 140 mmol/L 136 à 145" in [" ".join(line.split()) for line in said[chapter:]]


def test_abnormal_results_also_stand_out_by_style() -> None:
    document = cda.biology(cda.result("2823-3", "Potassium", "5.9", flag="H"))
    spans = [span for line in lines(reader.read(document), 80) for span in line]
    assert {span.style for span in spans if span.text.strip() in ("5,9", "ÉLEVÉ")} == {Style.ABNORMAL}


def test_a_result_out_of_its_bounds_that_nobody_interpreted_is_found() -> None:
    document = cda.biology(
        cda.result("1", "Trop", "9", low="1", high="5"),
        cda.result("2", "Peu", "0.5", low="1", high="5"),
        cda.result("3", "Juste", "5", low="1", high="5"),
        cda.result("4", "Normal pour le laboratoire", "9", low="1", high="5", flag="N"),
    )
    found = {each.name: each.interpretation for each in reader.read(document).results}
    assert found["Trop"] == "au-dessus des bornes"
    assert found["Peu"] == "au-dessous des bornes"
    assert found["Juste"] == ""
    assert found["Normal pour le laboratoire"] == ""


@pytest.mark.parametrize(
    ("element", "shown"),
    [
        ('<value xsi:type="IVL_PQ"><high value="5" unit="mg/L"/></value>', "< 5 mg/L"),
        ('<value xsi:type="IVL_PQ"><low value="1000" unit="UI/L"/></value>', "> 1000 UI/L"),
        ('<value xsi:type="IVL_PQ"><low value="2" unit="g"/><high value="4" unit="g"/></value>', "2 à 4 g"),
        ('<value xsi:type="ST">Aspect trouble</value>', "Aspect trouble"),
        ('<value xsi:type="CD" code="260385009" displayName="Négatif"/>', "Négatif"),
        ('<value xsi:type="INT" value="42"/>', "42"),
        ('<value xsi:type="PQ" value="1.10" unit="1"/>', "1,10"),
        ('<value xsi:type="BL" value="true"/>', "oui"),
    ],
)
def test_every_kind_of_value_is_told(element: str, shown: str) -> None:
    document = cda.biology(cda.result("1", "Examen", "", value_element=element))
    assert f"Examen {shown}" in [" ".join(line.split()) for line in body(document)]


def test_the_laboratory_s_own_name_of_an_examination_is_kept() -> None:
    coded = cda.result("2823-3", "Potassium [Moles/Volume] Sérum", "4")
    referring = '><originalText><reference value="#k"/></originalText></code><effectiveTime'
    document = cda.biology(
        coded.replace("/><effectiveTime", referring), text='<paragraph ID="k">Kaliémie</paragraph>'
    )
    assert reader.read(document).results[0].name == "Kaliémie"


def test_a_report_without_anything_abnormal_says_so() -> None:
    document = cda.biology(cda.result("2951-2", "Sodium", "140", low="136", high="145", flag="N"))
    assert body(document)[0] == "Aucun résultat signalé anormal"


def test_an_earlier_result_is_told_with_its_date_and_raises_no_alarm() -> None:
    now = cda.result("2823-3", "Potassium", "4.0", "mmol/L", high="5.1", flag="N")
    before = cda.result("2823-3", "Potassium", "6.0", "mmol/L", high="5.1", flag="H", date="20260110")
    inner = before.removeprefix("<component>").removesuffix("</component>")
    relation = f'<entryRelationship typeCode="REFR">{inner}</entryRelationship></observation></component>'
    document = cda.biology(now.removesuffix("</observation></component>") + relation)
    said = [" ".join(line.split()) for line in body(document)]
    assert said[0] == "Aucun résultat signalé anormal"
    assert "Potassium 4,0 mmol/L ≤ 5,1" in said
    assert any(line.startswith("Potassium, antérieur du 10/01/2026 6,0") for line in body_rows(document))


def body_rows(document: bytes) -> list[str]:
    return [" ".join(line.split()) for line in body(document, 160)]


def test_the_laboratory_s_text_is_shown_beside_the_results() -> None:
    document = cda.biology(cda.result("1", "Sodium", "140"), text="<paragraph>Sérum limpide</paragraph>")
    assert "Sérum limpide" in body(document)


# --- vaccinations, prescriptions --------------------------------------------------------------------------


def test_vaccinations_are_listed_the_latest_first() -> None:
    entries = cda.administration("VACCIN FICTIF A", "20190102", lot="LOT1", rank="1") + cda.administration(
        "VACCIN FICTIF B", "20260102", lot="LOT2", rank="2", negated=True
    )
    document = cda.structured(
        cda.section("Carnet", "<paragraph>À jour</paragraph>", entries=entries), code="11369-6"
    )
    said = body(document)
    rows = [" ".join(line.split()) for line in said]
    assert reader.read(document).kind is Kind.VACCINATION
    assert said[0] == "Vaccinations (2)"
    second = rows.index("02/01/2026 VACCIN FICTIF B 2 LOT2 Basile FICTIF NON FAIT")
    assert second < rows.index("02/01/2019 VACCIN FICTIF A 1 LOT1 Basile FICTIF")
    assert "À jour" in said


def test_a_prescription_without_text_is_told_from_its_entries() -> None:
    entries = cda.administration("PLACEBO 5 mg", "20260102", dose="1", end="20260202")
    document = cda.structured(cda.section("Prescription", entries=entries), code="57833-6")
    said = " ".join(" ".join(body(document, 120)).split())
    assert "PLACEBO 5 mg 1 comprimé(s) tous les 8 heure(s) voie intramusculaire 02/01/2026 02/02/2026" in said


# --- narrative --------------------------------------------------------------------------------------------


def narrative(text: str, width: int = 60) -> list[str]:
    """The lines of a section's text, under its title."""
    said = body(cda.structured(cda.section("T", text)), width)
    assert said[:3] == ["T", "─", ""]
    return said[3:]


def test_lists_are_numbered_and_indented() -> None:
    text = (
        '<list listType="ordered"><caption>Conduite</caption><item>Repos</item>'
        "<item>Contrôle<list><item>tension</item></list></item></list>"
    )
    assert narrative(text) == ["Conduite", "1. Repos", "2. Contrôle", "  • tension"]


def test_words_of_two_elements_do_not_touch() -> None:
    text = (
        "<paragraph>Le <content>genou</content> <content>gauche</content><br/>puis\n  le droit.</paragraph>"
    )
    assert narrative(text) == ["Le genou gauche", "puis le droit."]


def test_loose_text_between_blocks_is_kept_in_order() -> None:
    text = "Avant<paragraph>Dedans</paragraph>Après <content>encore</content>"
    assert narrative(text) == ["Avant", "", "Dedans", "", "Après encore"]


def test_what_was_deleted_is_said_to_be() -> None:
    assert narrative(
        '<content revised="delete">gauche</content> <content revised="insert">droit</content>'
    ) == ["[supprimé : gauche] droit"]


def test_spanned_cells_keep_their_columns() -> None:
    text = (
        '<table><thead><tr><th rowspan="2">Examen</th><th colspan="2">Valeurs</th></tr><tr><th>Jour</th>'
        '<th>Veille</th></tr></thead><tbody><tr><td rowspan="2">A</td><td>1</td><td>2</td></tr>'
        '<tr><td>3</td><td>4</td></tr><tr><td colspan="2">B</td><td>5</td></tr></tbody></table>'
    )
    rows = [line.split() for line in narrative(text)]
    assert rows[0] == ["Examen", "Valeurs", "Jour", "Veille"]
    assert rows[2:] == [["A", "1", "2"], ["3", "4"], ["B", "5"]]


def test_a_table_inside_a_cell_keeps_its_words_apart() -> None:
    text = f"<table><tr><td>{cda.table(['a', 'b'], ['c', 'd'])}</td><td>e</td></tr></table>"
    assert [line.split() for line in narrative(text)] == [["a", "·", "b", "·", "e"], ["c", "·", "d", "·"]]


def test_a_table_too_wide_for_the_screen_becomes_records() -> None:
    titles = [f"Colonne{n}" for n in range(12)]
    said = narrative(cda.table(titles, [f"valeur{n}" for n in range(12)]), 40)
    assert said[:2] == ["Colonne0 : valeur0", "Colonne1 : valeur1"]
    assert all(len(line) <= 40 for line in said)


def test_bold_text_is_strong() -> None:
    document = cda.structured(
        cda.section("T", '<paragraph>Ne <content styleCode="Bold">pas</content></paragraph>')
    )
    spans = [span for line in lines(reader.read(document), 60) for span in line]
    assert ("pas", Style.STRONG) in [(span.text, span.style) for span in spans]
    assert ("Ne ", Style.PLAIN) in [(span.text, span.style) for span in spans]


HOSTILE = "\u202egauche\u200b\x85&#x9b;31m[red]rouge[/red]"


def test_text_that_means_harm_comes_out_inert() -> None:
    document = cda.structured(
        cda.section(HOSTILE, f"<paragraph>{HOSTILE}</paragraph>" + cda.table([HOSTILE], [HOSTILE])),
        title=HOSTILE,
        label=HOSTILE,
    )
    read = reader.read(document)
    every = [text_of(line) for line in [*lines(read, 80), *header_lines(read.header, 80)]] + [read.title]
    assert not [
        text for text in every for character in text if ord(character) in (*range(32), *range(127, 160))
    ]
    assert not [text for text in every if "\u202e" in text or "\u200b" in text]
    assert any("[red]rouge[/red]" in text for text in every)


def test_header_values_are_set_under_one_another() -> None:
    said = [
        text_of(line)
        for line in header_lines([Field("A", "un deux trois quatre cinq six"), Field("Bcd", "x")], 24)
    ]
    assert said == ["A :   un deux trois", "      quatre cinq six", "Bcd : x"]
