"""One patient's record at this desk: what is asked, decided and remembered while it is open; no screen."""
