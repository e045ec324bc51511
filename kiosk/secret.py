"""Values that may be used once and never be seen: PIN, patient's login and first password."""


class Secret:
    """Bytes that no repr, log or comparison shows, and that can be wiped.

    Python strings cannot be wiped: what is secret is kept in one `bytearray` from the wire to the paper.
    `reveal()` makes a passing copy as text for the libraries that want one; the process that did so ends
    with the card session.
    """

    __slots__ = ("_bytes",)

    def __init__(self, value: bytes | bytearray | str) -> None:
        self._bytes = bytearray(value.encode() if isinstance(value, str) else value)

    def reveal(self) -> str:
        """The text, UTF-8. Raises `ValueError` once wiped."""
        if not self._bytes:
            raise ValueError("this secret was wiped")
        return self._bytes.decode()

    @property
    def buffer(self) -> bytearray:
        """The buffer itself, for callers that can work on bytes and leave no copy."""
        return self._bytes

    def wipe(self) -> None:
        """Overwrite, then empty. May be called again."""
        for i in range(len(self._bytes)):
            self._bytes[i] = 0
        self._bytes.clear()

    def __len__(self) -> int:
        return len(self._bytes)

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is never pickled")
