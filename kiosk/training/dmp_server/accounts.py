"""Internet accounts of the patients, and the channels of their one-time codes.

A password is kept as a hash alone, as on a real service: what the client lost, nobody can show again.
"""

import hashlib
import secrets

from kiosk.training.dmp_server.database import Database


class Accounts(Database):
    def has_account(self, ins_c: str) -> bool:
        return bool(self.text("SELECT login FROM account WHERE ins_c = ?", ins_c))

    def open_account(self, ins_c: str, login: str, password: str) -> bool:
        """Keep a new internet account; False when the patient has one already."""
        salt = secrets.token_bytes(16)
        values = (ins_c, login, salt, _hash(password, salt))
        return self.change("INSERT OR IGNORE INTO account VALUES (?, ?, ?, ?)", *values)

    def renew_account(self, ins_c: str, login: str, password: str) -> bool:
        """Replace login and password; False when the patient has no account."""
        salt = secrets.token_bytes(16)
        values = (login, salt, _hash(password, salt), ins_c)
        return self.change("UPDATE account SET login = ?, salt = ?, hash = ? WHERE ins_c = ?", *values)

    def opens_account(self, login: str, password: str) -> bool:
        """Whether a patient could log in with these."""
        found = self.rows("SELECT salt, hash FROM account WHERE login = ?", login)
        return bool(found) and secrets.compare_digest(_hash(password, found[0][0]), found[0][1])

    def add_channel(self, ins_c: str, kind: str, value: str) -> bool:
        """Where one-time codes go, `SMS` or `EMAIL`; False when there is one of that kind."""
        return self.change("INSERT OR IGNORE INTO channel VALUES (?, ?, ?)", ins_c, kind, value)

    def change_channel(self, ins_c: str, kind: str, value: str) -> bool:
        """False when there is none of that kind."""
        return self.change("UPDATE channel SET value = ? WHERE ins_c = ? AND kind = ?", value, ins_c, kind)

    def remove_channel(self, ins_c: str, kind: str) -> bool:
        """False when there is none of that kind."""
        return self.change("DELETE FROM channel WHERE ins_c = ? AND kind = ?", ins_c, kind)


def _hash(password: str, salt: bytes) -> bytes:
    # A light setting: these passwords live one day and open nothing, and the box hashes some while it starts.
    return hashlib.scrypt(password.encode(), salt=salt, n=2**10, r=8, p=1)
