"""These tests borrow the cast and the training day of the client's own tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "dmp"))
