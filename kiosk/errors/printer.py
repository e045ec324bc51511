"""Sheets on their way to the paper. IMPR-xxx."""

from kiosk.errors.root import KioskError


class PrinterError(KioskError):
    code = "IMPR-000"
    what = "L'impression n'a pas pu se faire."
    cause = "L'imprimante a renvoyé une erreur."
    todo = "Vérifiez l'imprimante, puis recommencez."


class PrinterUnreachable(PrinterError):
    code = "IMPR-010"
    what = "L'imprimante ne répond pas."
    cause = "Elle est éteinte ou débranchée du réseau."
    todo = "Allumez-la, attendez qu'elle soit prête, puis recommencez."


class PrinterNotReady(PrinterError):
    code = "IMPR-011"
    what = "L'imprimante n'est pas prête."
    cause = "Elle manque de papier, est en pause ou ne sait pas imprimer ce document."
    todo = "Remettez du papier A4, puis recommencez."


class PrintAborted(PrinterError):
    code = "IMPR-012"
    what = "L'imprimante a abandonné le travail."
    cause = "Bourrage, manque de papier ou arrêt pendant l'impression."
    todo = "Regardez si une feuille est sortie, puis répondez à la question."


class PrintOutcomeUnknown(PrinterError):
    code = "IMPR-013"
    what = "La borne ne sait pas si la feuille est sortie."
    cause = "L'imprimante a cessé de répondre après avoir reçu le document."
    todo = "Regardez l'imprimante, puis répondez à la question."


class SheetNotComposed(PrinterError):
    """Nothing was sent to the printer. `detail` is one word, never text of the sheet."""

    code = "IMPR-014"
    what = "La feuille n'a pas pu être composée."
    cause = "Un code ou un nom contient un caractère qui ne s'imprime pas."
    todo = "Donnez ce code à l'assistance."
