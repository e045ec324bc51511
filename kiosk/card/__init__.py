"""Readers and cards: PC/SC, CPS/CPE/CPF, Vitale, INS-C, TLS with the key in the card."""
