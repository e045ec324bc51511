"""Sending documents: what may go out, what was sent, and what is still in doubt. Knows nothing of Textual."""
