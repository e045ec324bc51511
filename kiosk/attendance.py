"""The patient's story: family → record or creation → what comes next, until the user goes back home."""

import asyncio
from typing import TYPE_CHECKING

from kiosk.dmp.management import AuthorizationChange
from kiosk.dmp.model import DmpStatus, RecordState
from kiosk.errors import JournalError, KioskError
from kiosk.parameters.file import is_minor
from kiosk.patient import Family, Member
from kiosk.record.desk import PatientDesk
from kiosk.record.handover import Handover
from kiosk.record.identity import differences
from kiosk.record.visit import Visit
from kiosk.screens.account import ChooseChannel
from kiosk.screens.base import KioskScreen
from kiosk.screens.created import AfterCreation, CreatedScreen
from kiosk.screens.creation import Created, CreationScreen
from kiosk.screens.dialogs import ErrorDialog, TextDialog
from kiosk.screens.family import NO_RECORD, FamilyScreen
from kiosk.screens.identity import IdentityScreen
from kiosk.screens.paper import PaperScreen
from kiosk.screens.record import RecordScreen
from kiosk.screens.secret_connection import SecretQuestion
from kiosk.session import Session

if TYPE_CHECKING:
    from kiosk.app import Kiosk


async def attend(app: "Kiosk", session: Session, family: Family) -> None:
    """Everybody on the card, one after the other, as long as somebody is chosen."""
    cursor = 0
    while (chosen := await app.push_screen_wait(FamilyScreen(session, family, cursor))) is not None:
        cursor = family.members.index(chosen.member)
        session.seen(chosen.member, chosen.status)
        if chosen.status.state is RecordState.NONE:
            created = await app.push_screen_wait(CreationScreen(session, chosen.member))
            if created is not None:
                await _after_creation(app, session, chosen.member, created)
        else:
            await open_record(app, session, chosen.member, chosen.status, emergency=chosen.emergency)


async def open_member(app: "Kiosk", screen: KioskScreen[None], session: Session, member: Member) -> None:
    """Somebody without a card in the reader: the existence test first, then the record."""
    status = await screen.attempt("Test d'existence", lambda: session.existence(member))
    if status is None:
        return
    session.seen(member, status)
    if status.state is RecordState.NONE:
        no_record = _CARD_NEEDED if session.profile.offers("TD1.1") else NO_RECORD
        await app.push_screen_wait(TextDialog(member.name, no_record))
        return
    await open_record(app, session, member, status)


_CARD_NEEDED = "Ce patient n'a pas de DMP. Pour aller plus loin, insérez sa carte Vitale."


async def open_record(
    app: "Kiosk", session: Session, member: Member, status: DmpStatus, *, emergency: bool = False
) -> None:
    """One record, after the questions that come before it; whatever was opened ends with it."""
    if not await _same_person(app, session, member, status):
        return
    secret = await _secret(app, member)
    if secret is None:
        return
    session.visit = visit = Visit(session, member, status, secret=secret)
    untold: KioskError | None = None
    try:
        await _heed_withdrawal(app, visit)
        await app.push_screen_wait(RecordScreen(visit, emergency=emergency))
    finally:
        session.visit = None
        if session.calling:  # left by the clock or for another card: nobody waits for the answer any more
            session.cancel()
        try:
            await asyncio.to_thread(visit.leave)
        except JournalError as error:  # the access is over all the same
            untold = error
        app.draw_status()
    if untold is not None:
        await app.push_screen_wait(ErrorDialog(untold))
    if visit.over is not None:
        await app.push_screen_wait(ErrorDialog(visit.over))


async def _heed_withdrawal(app: "Kiosk", visit: Visit) -> None:
    """An authorisation from before the patient took back his word to the structure is removed (EX_0.3-1040)."""
    try:
        moment = await asyncio.to_thread(visit.withdrawn)
        if moment is None:
            return
        await asyncio.to_thread(visit.change_authorization, AuthorizationChange.GIVE_UP)
    except KioskError as error:
        await app.push_screen_wait(ErrorDialog(error))
        return
    told = _TAKEN_BACK.format(f"{moment.astimezone():%d/%m/%Y à %H:%M}")
    await app.push_screen_wait(TextDialog(visit.member.name, told))


_TAKEN_BACK = (
    "Le patient a retiré son accord à votre structure le {} : votre autorisation, plus ancienne, vient d'être "
    "supprimée. Pour consulter son DMP, demandez-lui de nouveau son accord."
)


async def _same_person(app: "Kiosk", session: Session, member: Member, status: DmpStatus) -> bool:
    """Identity vigilance: asked only when card and DMP disagree; the answer goes to the journal."""
    found = differences(member.beneficiary, status.traits)
    if not found:
        return True
    same = await app.push_screen_wait(IdentityScreen(found))
    result = "SAME" if same else "OTHER"
    try:
        await asyncio.to_thread(
            lambda: session.trace("IDENTITY", "outcome", patient=member.patient, result=result)
        )
    except JournalError as error:
        await app.push_screen_wait(ErrorDialog(error))
        return False
    return same


async def _secret(app: "Kiosk", member: Member) -> bool | None:
    """A minor is asked at each visit; None when the record is not to be opened."""
    parameters = await app.parameters()
    today = app.station.clock().astimezone().date()
    minor = is_minor(member.beneficiary.birth_date, today, parameters)
    if minor is False:
        return False
    return await app.push_screen_wait(
        SecretQuestion(member.name, parameters.majority_age, certain=minor is True)
    )


async def _after_creation(app: "Kiosk", session: Session, member: Member, created: Created) -> None:
    match await app.push_screen_wait(CreatedScreen(member, created)):
        case AfterCreation.ACCOUNT:
            choice = await app.push_screen_wait(
                ChooseChannel(created.creation.email, created.creation.mobile)
            )
            if choice is not None:
                desk = PatientDesk(app.station, session, member, choice.channel, choice.address)
                await app.push_screen_wait(PaperScreen(Handover(desk, secret=True)))
        case AfterCreation.RECEIPT:
            desk = PatientDesk(app.station, session, member, creation=created.creation)
            await app.push_screen_wait(PaperScreen(Handover(desk, secret=False)))
