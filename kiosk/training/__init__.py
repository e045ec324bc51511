"""The training box: emulated cards, DMP server, paper tray, synthetic people.

It plays the outside world and is written from the reference alone: it imports nothing of `kiosk` but the
version, so that the client and the server cannot agree on one mistake.
"""
