"""The DMP of the training box: an independent peer of the kiosk's client, as strict as the real service.

It reads and writes its messages with its own code, from the published interface alone.
"""

from kiosk.training.dmp_server.server import DmpServer

__all__ = ["DmpServer"]
