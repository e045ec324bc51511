"""Emergency: break-glass granted, refused, ended by time and by the card."""

from kiosk.record.visit import BREAK_GLASS_SECONDS
from kiosk.rehearsals.stage import Stage

_BANNER = "BRIS DE GLACE · COMA BRUNO · encore 30 min"


async def play(stage: Stage) -> None:
    async with stage.kiosk("urgences"):
        await stage.step("Écran d'accueil", "Insérez votre carte CPS ou CPE")
        await stage.log_in("cps-urgentiste", "O'BRIEN MARC")
        await stage.insert("vitale-urgence")
        await stage.step("Patient inconscient : DMP sans autorisation", "COMA BRUNO", "DMP · non autorisé")
        await _break(stage, "COMA BRUNO")
        await stage.step("Documents ouverts, bandeau sur l'écran", "Documents — DMP", _BANNER)
        await stage.step("Bandeau sur le dossier aussi", "Dossier du patient", _BANNER, keys=("f10",))
        await stage.step(
            "Dossier fermé : le bris de glace finit avec lui",
            "Personne(s) présente(s)",
            "·NORMAL",
            keys=("f10",),
        )
        await stage.swap("vitale-urgence", "vitale-glace")
        await stage.step("Un patient opposé au bris de glace", "BRISEFER", "DMP · non autorisé")
        await _break(stage, "BRISEFER")
        await stage.step("Refus du DMP, et ce qui reste possible", "DMPAccessForbidden", "appeler le SAMU")
        await stage.step("Aucun accès ouvert", "Dossier du patient", "·NORMAL", keys=("enter",))
        await stage.step("Retour à la famille", "Personne(s) présente(s)", keys=("f10",))
        await stage.swap("vitale-glace", "vitale-urgence")
        await stage.step("Le premier patient de nouveau", "COMA BRUNO", "DMP · non autorisé")
        await _break(stage, "COMA BRUNO")
        await stage.step("Ouvert une seconde fois", "Documents — DMP", _BANNER)
        stage.pass_time(BREAK_GLASS_SECONDS + 1)
        await stage.step(
            "Trente minutes plus tard : l'accès finit de lui-même", "L'accès en bris de glace est terminé"
        )
        await stage.step("Retour à la famille", "Personne(s) présente(s)", "·NORMAL", keys=("escape",))
        await _break(stage, "COMA BRUNO")
        await stage.step("Ouvert une troisième fois", "Documents — DMP", _BANNER)
        await stage.card_out("cps-urgentiste")
    await stage.end(
        "Bris de glace demandé",
        "motif Patient inconscient",
        "dossier refermé",
        "DMPAccessForbidden",
        "trente minutes écoulées",
        "Recherche de documents (TD3.1)",
    )


async def _break(stage: Stage, name: str) -> None:
    await stage.step("F6 : le motif", "Pourquoi le patient ne peut-il pas donner son accord", keys=("f6",))
    await stage.step(
        "Motif 1 : la confirmation nomme le patient et l'avertissement",
        f"Ouvrir en urgence le DMP de {name}",
        "Le patient sera averti",
        keys=("1",),
    )
    await stage.user.press("o")
