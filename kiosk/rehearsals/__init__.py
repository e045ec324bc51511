"""The paths `dmp-kiosk rehearse` plays, one module each: `play(stage)`."""

PATHS = {"accueil": "reception", "pharmacie": "pharmacy", "urgences": "emergency"}
"""Names on the command line, and the module of each."""
