"""TD0.5 and the regulation centre (« centre 15 »): a workstation that knows this mode and no other."""

from pathlib import Path

import pytest
from access_steps import documents_listed, outcomes, values
from desk import Desk, Story, play
from wire import NS, envelope_of, vihf_of

CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
PARAMETERS = "//h:queryByParameter/h:parameterList"
FIELDS = ("family", "given", "birth", "postcode", "city")


def at_the_centre(story: Story, tmp_path: Path) -> None:
    play(story, tmp_path, post="régulation")


async def log_in(desk: Desk, card: str = "cps-regulateur") -> None:
    await desk.present_pin(card)
    await desk.user.see("Mode d'accès : RÉGULATION")


async def open_search(desk: Desk) -> None:
    await log_in(desk)
    await desk.choose("Rechercher une personne sans sa carte")
    await desk.user.see("Recherche sans carte")


async def search(desk: Desk, **criteria: str) -> None:
    """Fill the fields named, empty the others, ask."""
    for name in FIELDS:
        desk.user.app.screen.query_one(f"#{name}").focus()
        await desk.user.press("end", "ctrl+u")
        await desk.user.type(criteria.get(name, ""))
    asked = (await desk.transactions()).count("TD0.5")
    await desk.user.press("enter")
    await desk.user.until(lambda: not desk.user.app.screen.busy, what="the answer")
    assert (await desk.transactions()).count("TD0.5") == asked + 1


async def asked(desk: Desk) -> bytes:
    """The last search, after checks that hold for each."""
    request = (await desk.requests("TD0.5"))[-1]
    assert vihf_of(request).purpose == "centre_15"
    return request


async def no_nir_on_screen(desk: Desk, *nirs: str) -> None:
    shown = "".join(desk.user.screen().split())
    assert not any(nir in shown for nir in nirs)


# --- the search ---------------------------------------------------------------------------------------------


def test_0_5_010_by_exact_name(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_search(desk)
        await search(desk, family="petit")
        await desk.user.see("1 personne(s)", "PETIT ANDRE", "30/11/1955")
        request = await asked(desk)
        name = f"{PARAMETERS}/h:livingSubjectName/h:value"
        assert values(request, f"{name}/h:family/text()")[0].upper() == "PETIT"
        assert values(request, f"{name}/@use") == []
        assert [child.tag for child in envelope_of(request).xpath(PARAMETERS, namespaces=NS)[0]] == [
            f"{{{NS['h']}}}livingSubjectName"
        ]
        await no_nir_on_screen(desk, "1551199999031")
        assert await outcomes(desk, "TD0.5") == ["ok"]

    at_the_centre(story, tmp_path)


def test_0_5_010_the_others_of_the_answer_are_forgotten_when_one_is_opened(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_search(desk)
        await search(desk, family="vallon")
        await desk.user.see("4 personne(s)")
        await desk.user.press("enter")
        await desk.user.see("a moins de 18 ans")
        await desk.user.press("n")
        await desk.user.see("Dossier du patient")
        await desk.user.press("f10")
        screen = await desk.user.see("Recherche sans carte")
        assert "VALLON" not in screen
        assert desk.session.today_patients[1:] == []

    at_the_centre(story, tmp_path)


def test_0_5_050_by_date_of_birth(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_search(desk)
        await search(desk, birth="30/11/1955")
        await desk.user.see("1 personne(s)", "PETIT ANDRE")
        request = await asked(desk)
        assert values(request, f"{PARAMETERS}/h:livingSubjectBirthTime/h:value/@value") == ["19551130"]
        assert values(request, f"{PARAMETERS}/*/h:semanticsText/text()") == ["LivingSubject.birthTime"]

    at_the_centre(story, tmp_path)


def test_0_5_060_by_approximate_name_and_sex(tmp_path: Path) -> None:
    """Thirteen people are called MARTIN, one of them a woman."""

    async def story(desk: Desk) -> None:
        await open_search(desk)
        desk.user.app.screen.query_one("#near-name").focus()
        await desk.user.press("space")
        desk.user.app.screen.query_one("#sex").focus()
        await desk.user.press("right")
        await desk.user.see("[féminin]")
        await search(desk, family="martain")
        await desk.user.see("1 personne(s)", "MARTIN JEANNE", "%")
        request = await asked(desk)
        assert values(request, f"{PARAMETERS}/h:livingSubjectAdministrativeGender/h:value/@code") == ["F"]
        assert values(request, f"{PARAMETERS}/h:livingSubjectName/h:value/@use") == ["SRCH"]

    at_the_centre(story, tmp_path)


def test_0_5_090_nobody_of_that_name(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_search(desk)
        await search(desk, family="inconnu")
        await desk.user.see("Personne ne correspond.")
        assert await outcomes(desk, "TD0.5") == ["ok"]

    at_the_centre(story, tmp_path)


def test_0_5_500_too_many_answers_are_to_be_refined(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_search(desk)
        await search(desk, family="martin")
        await desk.user.see("Trop de réponses : affinez")
        assert await outcomes(desk, "TD0.5") == ["DMPTooManyResult"]
        await search(desk, family="martin", given="jeanne")
        await desk.user.see("1 personne(s)", "MARTIN JEANNE")

    at_the_centre(story, tmp_path)


@pytest.mark.parametrize("criteria", [{}, {"family": "m"}, {"given": "andre"}])
def test_0_5_500_what_would_bring_everybody_is_not_even_asked(
    criteria: dict[str, str], tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await open_search(desk)
        for name, text in criteria.items():
            desk.user.app.screen.query_one(f"#{name}").focus()
            await desk.user.type(text)
        await desk.user.press("f5")
        await desk.user.see("Donnez un nom de deux lettres au moins, ou une date de naissance.")
        assert await desk.transactions() == []

    at_the_centre(story, tmp_path)


def test_0_5_510_a_record_of_the_first_version_is_not_found(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_search(desk)
        await search(desk, family="archive", given="berthe")
        await desk.user.see("Personne ne correspond.")
        assert await outcomes(desk, "TD0.5") == ["ok"]

    at_the_centre(story, tmp_path)


# --- this mode and no other ---------------------------------------------------------------------------------


async def modes(desk: Desk) -> set[str]:
    """The access mode of everything the service was asked."""
    names = set(await desk.transactions())
    return {vihf_of(request).purpose for name in names for request in await desk.requests(name)}


def test_ldrm_01_every_request_is_in_the_mode_of_the_centre_and_no_key_leaves_it(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await log_in(desk)
        await desk.family("vitale-urgence")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "Mode d'accès : RÉGULATION")
        await desk.user.press("f6")
        await desk.user.see("Bris de glace : pourquoi pas ?", "RÉGULATION")
        await desk.user.press("enter")
        await desk.choose("Documents du DMP")
        await documents_listed(desk)
        await desk.user.press("f10")
        await desk.choose("Données administratives et oppositions")
        await desk.user.see("ACCÈS EN URGENCE")
        await desk.user.press("f10")
        await desk.choose("Fermer le DMP à la demande du patient — pourquoi ?")
        await desk.user.see("Pourquoi ?", "RÉGULATION")
        assert await modes(desk) == {"centre_15"}
        assert set(await desk.transactions()) == {"TD0.2", "TD3.1", "TD1.3a"}

    at_the_centre(story, tmp_path)


def test_ldrm_01_a_minor_s_secret_connection_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await log_in(desk)
        await desk.family("vitale-mineurs")
        await desk.user.press("2")
        await desk.user.see("a moins de 18 ans")
        await desk.user.press("o")
        await desk.choose("Documents du DMP")
        await documents_listed(desk)
        vihf = vihf_of((await desk.requests("TD3.1"))[-1])
        assert vihf.purpose == "centre_15"
        assert vihf.attribute(CONFIDENTIALITY) == [HIDDEN]
        assert await outcomes(desk, "TD3.1") == ["ok"]

    at_the_centre(story, tmp_path)


def test_ldrm_01_nothing_is_created_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await log_in(desk)
        await desk.family("vitale-seule")
        await desk.user.press("enter")
        screen = await desk.user.see("Ce patient n'a pas de DMP : il n'y a rien à ouvrir.")
        assert "CONSENTEMENTS" not in screen
        assert await modes(desk) == {"centre_15"}

    at_the_centre(story, tmp_path)


def test_ldrm_01_any_other_workstation_has_no_search_without_a_card(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-regulateur")
        screen = await desk.user.see("Mode d'accès : NORMAL")
        assert "sans sa carte" not in screen
        await desk.family("vitale-urgence")
        assert await modes(desk) == {"normal"}

    play(story, tmp_path)


def test_3_1_240_the_search_for_an_opposed_patient_is_refused_with_words(tmp_path: Path) -> None:
    """Who is opposed is not found without a card: the card is there."""

    async def story(desk: Desk) -> None:
        await open_search(desk)
        await search(desk, family="quinze")
        await desk.user.see("Personne ne correspond.")
        await desk.family("vitale-centre15")
        await desk.user.press("enter")
        await desk.choose("Documents du DMP")
        await desk.user.see("Le patient s'oppose à cet accès.", "DMPAccessForbidden", "À faire")
        assert vihf_of((await desk.requests("TD3.1"))[-1]).purpose == "centre_15"
        assert await outcomes(desk, "TD3.1") == ["DMPAccessForbidden"]
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient")

    at_the_centre(story, tmp_path)


# --- cases the book has withdrawn ---------------------------------------------------------------------------


def test_0_1_130_a_doctor_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await log_in(desk)
        await desk.user.see("VEILLE ALIX", "Médecin", "SAMU 99")
        assert "DMP · non autorisé" in await desk.family("vitale-urgence")
        vihf = vihf_of(await desk.last_request())
        assert vihf.purpose == "centre_15"
        assert vihf.attribute("Identifiant_Structure") == ["10B0099996"]
        assert await outcomes(desk, "TD0.2") == ["ok"]

    at_the_centre(story, tmp_path)


def test_0_1_131_nobody_else_s_card_makes_a_centre_of_a_workstation(tmp_path: Path) -> None:
    """A nurse may work in this mode, but not from a structure that is no centre; the training has no nurse of one."""

    async def story(desk: Desk) -> None:
        await log_in(desk, "cps-infirmier")
        await desk.insert("vitale-urgence")
        await desk.user.see("DMP : refus (DMP-100)")
        assert vihf_of(await desk.last_request()).purpose == "centre_15"
        await desk.user.press("enter")
        await desk.user.see("pas un centre de régulation médicale.", "Réponse du service")

    at_the_centre(story, tmp_path)


def test_0_1_161_an_expired_card_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cps-expiree")
        screen = await desk.user.see("Votre carte professionnelle a expiré.", "CARTE-040")
        assert "Saisissez votre code porteur" not in screen
        assert await desk.transactions() == []

    at_the_centre(story, tmp_path)


def test_0_1_330_secret_connection_in_regulation_leaves_no_trace_for_the_representative(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await log_in(desk)
        await desk.family("vitale-mineurs")
        await desk.user.press("2")
        await desk.user.see("a moins de 18 ans")
        await desk.user.press("o")
        await desk.choose("Données administratives et oppositions")
        await desk.user.see("ACCÈS EN URGENCE")
        assert vihf_of((await desk.requests("TD1.3a"))[-1]).attribute(CONFIDENTIALITY) == [HIDDEN]
        seen = (await desk.dmp(do="history", **{"for": "representative"}))["history"]
        assert "TD1.3a" not in [line["transaction"] for line in seen]
        assert "TD1.3a" in [line["transaction"] for line in (await desk.dmp(do="history"))["history"]]

    at_the_centre(story, tmp_path)


def test_1_3a_050_administrative_data_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await log_in(desk)
        await desk.family("vitale-glace")
        await desk.user.press("enter")
        await desk.choose("Données administratives et oppositions")
        await desk.user.see(
            "Accès en urgence (bris de glace) : REFUSÉ par le patient",
            "Accès du centre 15 (régulation) : autorisé par le patient",
        )
        assert vihf_of((await desk.requests("TD1.3a"))[-1]).purpose == "centre_15"
        await desk.user.press("f2")
        await desk.user.see("Modifier : pourquoi pas ?", "RÉGULATION")

    at_the_centre(story, tmp_path)
