"""From the card to home: what the user reads before and after the PIN, and every card that cannot serve."""

from pathlib import Path

import pytest
from desk import Desk, play

from kiosk.screens.attract import Attract


def test_attract_screen_wakes_on_insertion_without_a_key(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.user.see("Bonjour", "Insérez votre carte CPS ou CPE", "ENTRAÎNEMENT (simulation)")
        await desk.insert("cpe-accueil")
        await desk.user.see("Bonjour MARCHAND LEA", "carte CPE", "Essais restants : 3 sur 3")
        assert desk.user.keys_pressed == 0

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ("vitale-seule", "C'est une carte Vitale."),
        ("carte-inconnue", "Carte non reconnue."),
        ("carte-muette", "La carte ne répond pas."),
        ("carte-sans-contact", "La carte est lue sans contact"),
    ],
)
def test_a_card_in_the_wrong_place_gets_its_own_words(card: str, told: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert(card)
        await desk.user.see(told, "À faire", "Code d'assistance")
        await desk.remove(card)
        await desk.user.until(lambda: "À faire" not in desk.user.screen())
        await desk.user.see("Insérez votre carte CPS ou CPE")

    play(story, tmp_path)


def test_an_unknown_card_shows_its_atr_for_support(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("carte-inconnue")
        await desk.user.see("ATR 3B")

    play(story, tmp_path)


def test_two_professional_cards_are_refused(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.user.see("Deux cartes professionnelles sont présentes.")
        await desk.remove("cps-medecin")
        await desk.user.see("Bonjour MARCHAND LEA")

    play(story, tmp_path, "cpe-accueil", "cps-medecin")


@pytest.mark.parametrize(
    ("card", "told", "support_code"),
    [
        ("cps-expiree", "Votre carte professionnelle a expiré.", "CARTE-040"),
        ("cps-bloquee", "Votre carte est bloquée.", "CARTE-053"),
        ("cps-reelle", "Carte réelle refusée.", "CARTE-033"),
    ],
)
def test_a_card_that_cannot_serve_says_why_and_asks_no_pin(
    card: str, told: str, support_code: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert(card)
        screen = await desk.user.see(told, support_code, "Retirez la carte")
        assert "Saisissez votre code porteur" not in screen
        await desk.remove(card)
        await desk.user.gone()
        assert await desk.transactions() == []

    play(story, tmp_path)


def test_a_wrong_pin_counts_down_and_a_right_one_resets(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cpe-accueil")
        await desk.user.see("Essais restants : 3 sur 3")
        await desk.user.type("9999")
        await desk.user.press("enter")
        await desk.user.see("Code porteur faux.", "Essais restants : 2 sur 3")
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see("Mode d'accès : NORMAL")

    play(story, tmp_path)


def test_a_short_pin_never_reaches_the_card(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cpe-accueil")
        await desk.user.see("Essais restants : 3 sur 3")
        await desk.user.type("123")
        await desk.user.press("enter")
        await desk.user.see("Le code porteur a quatre chiffres.", "Essais restants : 3 sur 3")

    play(story, tmp_path)


def test_the_digit_row_of_an_azerty_keyboard_needs_no_shift(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cpe-accueil")
        await desk.user.see("Saisissez votre code porteur")
        await desk.user.type("&é\"'")
        await desk.user.press("enter")
        await desk.user.see("Mode d'accès : NORMAL")

    play(story, tmp_path)


def test_the_last_try_is_confirmed_and_then_blocks(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cps-dernier-essai")
        await desk.user.see("ATTENTION — Essais restants : 1 sur 3")
        await desk.user.type("9999")
        await desk.user.press("enter")
        await desk.user.see("DERNIER ESSAI")
        await desk.user.press("n")
        await desk.user.see("Essais restants : 1 sur 3", "Saisissez votre code porteur")
        await desk.user.type("9999")
        await desk.user.press("enter")
        await desk.user.see("DERNIER ESSAI")
        await desk.user.press("o")
        await desk.user.see("Votre carte est bloquée.")

    play(story, tmp_path)


def test_gen_1370_several_activities_ask_which_one(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cps-multi")
        await desk.user.see("Saisissez votre code porteur")
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see(
            "Où travaillez-vous maintenant ?", "MAISON DE SANTE DU PORT", "EHPAD LES TILLEULS"
        )
        await desk.user.press("3")
        await desk.user.see("MAISON DE SANTE DU PORT", "Mode d'accès : NORMAL", "Médecin")

    play(story, tmp_path)


def test_the_permanent_line_tells_who_where_and_what_works(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.user.see("Impr.OK")
        line = desk.user.screen().splitlines()[0]
        for part in ("GIRAUD", "Médecin", "CPS", "NORMAL", "Lect.OK", "DMP."):
            assert part in line
        assert len(line) <= 80

    play(story, tmp_path)


@pytest.mark.parametrize("moment", ["pin", "home", "family", "form"])
def test_card_out_ends_the_session_wherever_the_user_is(moment: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cpe-accueil")
        await desk.user.see("Saisissez votre code porteur")
        if moment != "pin":
            await desk.user.type("1234")
            await desk.user.press("enter")
            await desk.user.see("Mode d'accès : NORMAL")
        if moment in ("family", "form"):
            await desk.family("vitale-seule")
        if moment == "form":
            await desk.user.press("enter")
            await desk.user.see("CONSENTEMENTS")
        await desk.remove("cpe-accueil")
        await desk.user.gone()

    play(story, tmp_path)


def test_a_fast_swap_of_professional_cards_is_a_removal(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cpe-accueil")
        await desk.swap("cps-medecin", 0)
        await desk.user.gone()

    play(story, tmp_path)


def test_one_reader_takes_both_cards_in_turn(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("vitale-seule")
        screen = await desk.user.see("Carte Vitale lue (1 personne).", "insérez votre carte CPS ou CPE")
        assert "SIMONE" not in screen
        await desk.remove("vitale-seule")
        await desk.user.see("Carte Vitale lue (1 personne).")
        await desk.insert("cpe-accueil")
        await desk.user.see("Saisissez votre code porteur")
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see("OEUVRARD SIMONE", "Pas de DMP")
        await desk.user.press("enter", "space", "f10")
        await desk.user.see("Le DMP du patient a été créé.")

    play(story, tmp_path, readers=1)


def test_f9_opens_the_card_tray_and_inserts(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.user.see("F9 ouvre le tiroir")
        await desk.user.press("f9")
        await desk.user.see("Tiroir à cartes (simulation)", "Léa MARCHAND")
        assert isinstance(desk.user.app.screen_stack[-2], Attract)
        await desk.user.press("enter")
        await desk.user.see("Bonjour MARCHAND LEA")

    play(story, tmp_path)
