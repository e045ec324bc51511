"""Reception: a creation with its sheet, a child with a legal representative, a closed record opened again."""

import asyncio

from kiosk.rehearsals.stage import Stage


async def play(stage: Stage) -> None:
    async with stage.kiosk("accueil"):
        await stage.step("Écran d'accueil", "Bonjour", "Insérez votre carte CPS ou CPE")
        await stage.log_in("cpe-accueil", "MARCHAND LEA")
        await stage.insert("vitale-seule")
        await stage.step(
            "Carte Vitale insérée : INS-C et réponse du DMP",
            "Personne(s) présente(s) sur la carte Vitale",
            "OEUVRARD SIMONE",
            "INS-C",
            "Pas de DMP",
        )
        await stage.step(
            "Formulaire de création pré-rempli", "CONSENTEMENTS", "OEUVRARD", "14/02/1947", keys=("enter",)
        )
        await stage.step(
            "Sans accord du patient, rien n'est envoyé",
            "Sans l'accord du patient, rien n'est envoyé",
            keys=("f10",),
        )
        await stage.step(
            "Compte internet : le portable manque",
            "Le compte internet demande un portable",
            keys=("space", "down", "space", "f10"),
        )
        await stage.step("Portable saisi", "0639981234", typed="0639981234")
        await stage.step("DMP créé avec l'accord du patient", "Le DMP du patient a été créé.", keys=("f10",))
        await stage.step(
            "Canal du code à usage unique", "Où le patient recevra-t-il son code", keys=("enter",)
        )
        await stage.step(
            "Codes demandés, document des secrets imprimé", "La feuille est-elle sortie ?", keys=("enter",)
        )
        await _sheet(stage)
        await stage.step("Feuille remise au patient", "Personne(s) présente(s)", keys=("o",))
        await stage.step("Le DMP existe maintenant", "DMP · non autorisé", keys=("f5",))
        await _child(stage)
        await _reactivation(stage)
        await stage.card_out("cpe-accueil")
    await stage.end("Création du DMP (TD1.1)", "Réactivation du DMP (TD1.2)", "Feuille du patient")


async def _child(stage: Stage) -> None:
    await stage.swap("vitale-seule", "vitale-ecoliere")
    await stage.step("Une enfant de huit ans, sans DMP", "CARTABLE LINA", "Pas de DMP")
    await stage.step(
        "Création : un représentant légal est demandé",
        "[x] Un représentant légal agit pour lui",
        keys=("enter",),
    )
    await stage.step("Le représentant avant l'envoi", "Qui agit pour CARTABLE LINA", keys=("space", "f10"))
    await stage.step("Qualité cherchée en trois lettres", "> MTH", typed="mèr")
    await stage.step("Choisie : la civilité suit", "[Mme", keys=("enter",))
    await stage.step("Sa mère", "[CARTABLE", keys=("tab",), typed="CARTABLE")
    await stage.step("Son prénom", "[JEANNE", keys=("tab",), typed="JEANNE")
    await stage.step("DMP de l'enfant créé", "Le DMP du patient a été créé.", keys=("f10",))
    await stage.choose("Sans feuille", "Terminer sans imprimer", "Personne(s) présente(s)")


async def _reactivation(stage: Stage) -> None:
    await stage.swap("vitale-ecoliere", "vitale-famille")
    await stage.step("Une famille : un DMP fermé", "BERNARD CHLOE", "DMP fermé le 10/01/2025")
    await stage.step(
        "Dossier fermé : date, motif, réactivation", "Réactiver le DMP", "10/01/2025", keys=("3",)
    )
    await stage.step(
        "La case n'est pas cochée d'avance", "[ ] Le patient demande la réactivation", keys=("1",)
    )
    await stage.step(
        "Réactivé avec l'accord du patient", "Le DMP du patient est réactivé.", keys=("space", "f10")
    )
    await stage.step("Le dossier est actif", "DMP actif", keys=("enter",))


async def _sheet(stage: Stage) -> None:
    sheets = await asyncio.to_thread(lambda: sorted(stage.box.sheets.glob("*.pdf")))
    whole = len(sheets) == 1 and sheets[0].read_bytes().startswith(b"%PDF-1.")
    await stage.check(
        "La feuille est sortie du bac à papier", true=whole, otherwise=f"{len(sheets)} feuille(s)"
    )
