"""A code spelled aloud, so that 0 and O, 1 and l cannot be taken for each other on paper or by telephone."""

_SIGNS = {
    " ": "espace",
    "!": "point d’exclamation",
    '"': "guillemet",
    "#": "dièse",
    "$": "dollar",
    "%": "pour cent",
    "&": "et commercial",
    "'": "apostrophe",
    "(": "parenthèse ouvrante",
    ")": "parenthèse fermante",
    "*": "astérisque",
    "+": "plus",
    ",": "virgule",
    "-": "tiret",
    ".": "point",
    "/": "barre oblique",
    ":": "deux-points",
    ";": "point-virgule",
    "<": "inférieur",
    "=": "égal",
    ">": "supérieur",
    "?": "point d’interrogation",
    "@": "arobase",
    "[": "crochet ouvrant",
    "\\": "barre oblique inverse",
    "]": "crochet fermant",
    "^": "accent circonflexe",
    "_": "tiret bas",
    "`": "accent grave",
    "{": "accolade ouvrante",
    "|": "barre verticale",
    "}": "accolade fermante",
    "~": "tilde",
}


def spelled(code: str) -> str:
    """`'aB3:'` → `'a minuscule, B majuscule, chiffre 3, deux-points'`.

    A sign without a name here stands for itself. Raises `ValueError`, without the code, for a character that
    leaves no ink.
    """
    return ", ".join(_spelled(character) for character in code)


def _spelled(character: str) -> str:
    if not character.isprintable():
        raise ValueError("a character that does not print")
    if character.isalpha():
        return f"{character} {'majuscule' if character.isupper() else 'minuscule'}"
    if character.isdigit():
        return f"chiffre {character}"
    return _SIGNS.get(character, character)
