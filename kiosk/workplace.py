"""Where the professional works from now on: one place on the card, one of several, or one he declares himself.

Each question returns what will make the session work there, to be called from a worker thread; None when somebody
who already works somewhere changed his mind.
"""

import asyncio
from collections.abc import Callable
from functools import partial

from textual.app import App

from kiosk.attachment import Attachment
from kiosk.errors import NoActivity
from kiosk.screens.activity import ChooseActivity, ChooseAttachment, Declare
from kiosk.screens.attachment import AttachmentScreen
from kiosk.session import Session

Begin = Callable[[], None]


async def ask(app: App[int], session: Session) -> Begin | None:
    """Ask only what the card leaves open. Raises `NoActivity` for an employee's card without a structure."""
    match session.activities:
        case [] if session.may_declare:
            return await _ask_attachment(app, session)
        case []:
            raise NoActivity()
        case [only]:
            return partial(session.choose, only)
        case several:
            return partial(session.choose, await app.push_screen_wait(ChooseActivity(several)))


async def correct(app: App[int], session: Session) -> Begin | None:
    """Declare again what was declared wrong."""
    return await _declare(app, session, session.attachment)


async def _ask_attachment(app: App[int], session: Session) -> Begin | None:
    """One remembered, or one typed now."""
    remembered = await asyncio.to_thread(session.remembered)
    if not remembered and session.attachment is None:
        return await _declare(app, session, None)
    match await app.push_screen_wait(ChooseAttachment(remembered, session.attachment)):
        case Attachment() as known:
            return partial(session.attach, known)
        case Declare.ANOTHER:
            return await _declare(app, session, None)
        case Declare.CORRECT:
            return await correct(app, session)
        case None:
            return None


async def _declare(app: App[int], session: Session, former: Attachment | None) -> Begin | None:
    declared = await app.push_screen_wait(AttachmentScreen(session, former))
    return None if declared is None else partial(session.attach, declared, instead_of=former)
