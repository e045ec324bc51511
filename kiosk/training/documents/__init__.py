"""Synthetic documents: what the DMP of each member of the cast holds at the start of a training day.

Deterministic: the same patient has the same documents, byte for byte, on every box.
"""
