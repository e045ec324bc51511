"""Emulated cards: ISO 7816 files and commands of a CPS3, a Vitale 2 and a few cards nobody wants.

Written from what the reference says the real middleware sends and accepts; where nobody outside knows what a real
card answers, the value is an invention marked [unknown] at the one place where it stands.
"""
