"""The root of the tree: what every error carries."""

from typing import ClassVar


class KioskError(Exception):
    """Root of the tree. Every leaf sets the four texts; a raiser may make one of them more precise."""

    code: ClassVar[str] = "BORNE-000"
    what: str = "La borne a rencontré une erreur inattendue."
    cause: str = "Un défaut du programme."
    todo: str = "Recommencez ; si l'erreur revient, donnez ce code à l'assistance."

    def __init__(
        self,
        *,
        what: str = "",
        cause: str = "",
        todo: str = "",
        detail: str = "",
        server_code: str = "",
        server_text: str = "",
    ) -> None:
        self.what = what or self.what
        self.cause = cause or self.cause
        self.todo = todo or self.todo
        self.detail = detail
        self.server_code = server_code
        self.server_text = server_text
        super().__init__(f"{self.code} {detail}".strip())
