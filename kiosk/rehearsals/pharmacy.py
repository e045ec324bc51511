"""Pharmacy: consult by type, a refused type explained, a biology curve, an ordonnance deposited, replaced, hidden."""

from kiosk.rehearsals.stage import Stage

_TITLE = "Ordonnance renouvelée ce jour"
_AGAIN = "Ordonnance renouvelée, posologie corrigée"


async def play(stage: Stage) -> None:
    async with stage.kiosk("pharmacie"):
        await stage.step("Écran d'accueil", "Insérez votre carte CPS ou CPE")
        await stage.log_in("cps-pharmacien", "DA COSTA INES")
        await stage.insert("vitale-suivi")
        await stage.step("Autorisation expirée", "PETIT ANDRE", "autorisation expirée")
        await stage.step("Dossier du patient", "Documents du DMP (avec l'accord du patient)", keys=("enter",))
        await stage.step("L'accord n'est pas coché d'avance", "[ ] Le patient, informé, accepte", keys=("1",))
        await stage.step(
            "Accord donné : la liste", "Documents — DMP", "87 document(s)", keys=("space", "f10")
        )
        await _consult(stage)
        await stage.step("Retour au dossier", "Dossier du patient", keys=("f10",))
        await _deposit(stage)
        await _manage(stage)
        await stage.card_out("cps-pharmacien")
    await stage.end(
        "Accord du patient",
        "Recherche de documents (TD3.1)",
        "Lecture d'un document (TD3.2)",
        "Dépôt de documents (TD2.1)",
        "Masquage d'un document (TD3.3a)",
    )


async def _consult(stage: Stage) -> None:
    await stage.step(
        "Types fermés à la profession, expliqués", "Types non ouverts à votre profession", keys=("h",)
    )
    await stage.step("Retour à la liste", "Documents — DMP", "types fermés", keys=("f10",))
    await stage.step(
        "La dernière biologie, en deux touches",
        "Bilan sanguin du 09/06/2025",
        "Résultats anormaux",
        keys=("a", "enter"),
    )
    await stage.step(
        "Courbes : les autres comptes rendus, sur demande", "Les ouvrir pour tracer les courbes", keys=("c",)
    )
    await stage.step("Une courbe de biologie", "Courbes de biologie", "Hémoglobine glyquée", keys=("o",))
    await stage.step("Retour au document", "Document — DMP", keys=("f10",))
    await stage.step("Retour à la liste", "Documents — DMP", keys=("f10",))


async def _deposit(stage: Stage) -> None:
    await stage.choose(
        "Déposer : le dossier de numérisation",
        "Déposer des documents",
        "Dossier de numérisation",
        "compte-rendu-fictif.txt",
    )
    await stage.step("Le fichier choisi", "Document à déposer", "Type *", keys=("enter",))
    await stage.step("Le type, en quelques lettres", "Renouvellement ordonnance", typed="renouvel")
    await stage.step("Son titre", _TITLE, keys=("enter", "ctrl+u"), typed=_TITLE)
    await _send(stage, "L'ordonnance est dans le DMP")
    await stage.step("Retour au dossier", "Dossier du patient", keys=("enter",))


async def _manage(stage: Stage) -> None:
    await stage.step("La liste", "Documents — DMP", "Triés par", keys=("1",))
    await stage.step("Elle y est", "1 sur", _TITLE, keys=("slash",), typed="renouvelee")
    await stage.step("Gérer ce document", "Gérer un document", _TITLE, keys=("f4",))
    await stage.choose("Le remplacer", "Remplacer par une nouvelle version", "Dossier de numérisation")
    await stage.step("Le nouveau fichier", "Document à déposer", _TITLE, keys=("enter",))
    await stage.step("Son titre dit ce qui change", _AGAIN, keys=("tab", "ctrl+u"), typed=_AGAIN)
    await _send(stage, "La nouvelle version a remplacé l'ancienne")
    await stage.step("Chercher de nouveau ? Le patient le verra", "O : chercher", keys=("enter",))
    await stage.step("La liste, demandée de nouveau", "Documents — DMP", "1 sur", _AGAIN[:24], keys=("o",))
    await stage.step("Gérer la nouvelle version", "Gérer un document", _AGAIN, keys=("f4",))
    await stage.choose("La masquer aux autres professionnels", "Masquer", "O : confirmer")
    await stage.step("Masquée", "masqué", keys=("o",))
    await stage.step("Chercher de nouveau", "O : chercher", keys=("enter",))
    await stage.step("La liste le dit", "Documents — DMP", "masqué PS", keys=("o",))


async def _send(stage: Stage, done: str) -> None:
    await stage.step("Mise au lot", "Signer et envoyer", keys=("f10",))
    await stage.step("Relire avant de signer", "O : signer et envoyer", keys=("f10",))
    await stage.step(done, "Déposé dans le DMP", keys=("o",))
