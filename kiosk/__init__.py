"""Terminal kiosk for the French shared medical record (DMP)."""

__version__ = "0.1.0"

SOFTWARE_NAME = "DMP-KIOSK"
"""Name shown by « À propos » and sent as LPS_Nom: the same string in both places (EX_GEN-1180)."""
