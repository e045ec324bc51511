"""A bare Textual program: what starting the same library costs, with nothing of the kiosk in it."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("Insérez votre carte")


if __name__ == "__main__":
    Bare().run()
