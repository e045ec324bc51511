"""The kiosk itself: settings, journal, box, and accesses that end. BORNE-1xx to BORNE-4xx."""

from kiosk.errors.root import KioskError


class SettingsError(KioskError):
    code = "BORNE-100"
    what = "Un réglage de la borne est absent ou incorrect."
    cause = "Le fichier de réglages n'a pas la forme attendue."
    todo = "Corrigez la ligne indiquée, puis relancez la borne."


class JournalError(KioskError):
    code = "BORNE-200"
    what = "Le journal ne peut pas être écrit : l'action n'a pas été faite."
    cause = "Le disque est plein ou en lecture seule."
    todo = "Prévenez l'assistance ; aucun acte tracé n'est possible tant que le journal est fermé."


class BoxNotStarted(KioskError):
    code = "BORNE-400"
    what = "La boîte d'entraînement n'a pas démarré."
    cause = "Un port est pris, le disque est plein, ou l'installation est incomplète."
    todo = "Relancez ./run ; si l'erreur revient, lancez dmp-kiosk training pour lire le détail."


class Cancelled(KioskError):
    code = "BORNE-300"
    what = "Opération abandonnée à votre demande."
    cause = "Vous avez appuyé sur Échap."
    todo = "Recommencez quand vous voulez."


class GlassNotNeeded(KioskError):
    code = "BORNE-310"
    what = "Le bris de glace n'est pas ouvert ici."
    cause = "Vous avez déjà accès à ce dossier, ou votre carte ne le permet pas."
    todo = "Ouvrez le dossier en mode normal, ou recueillez l'accord du patient."


class ConsentNotKept(KioskError):
    code = "BORNE-312"
    what = "L'accord du patient n'a pas pu être enregistré sur ce poste."
    cause = "Le disque est plein ou protégé en écriture."
    todo = "Rien n'a été envoyé au DMP. Libérez le disque, ou prévenez l'assistance."


class GlassMended(KioskError):
    code = "BORNE-311"
    what = "L'accès en bris de glace est terminé."
    cause = "Il dure trente minutes au plus, pour un seul patient."
    todo = "Refermez le dossier. Si l'urgence dure, demandez un nouvel accès avec son motif."
