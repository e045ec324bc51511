"""Which card may be used here and now (EX_GEN-1430, L9)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk import errors
from kiosk.card.admission import admit_professional, admit_vitale, professional_slot, vitale_slot
from kiosk.card.model import CardKind, CardType, Professional, VitaleCard
from kiosk.card.nomenclature import profession
from kiosk.card.readers import SlotState, Snapshot

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
HOLDER = Professional("899700000021", "GIRAUD", "CAMILLE", profession("10"), None, CardType.CPS, True, "0000000021",
                      NOW - timedelta(days=1), NOW + timedelta(days=1))  # fmt: skip

CPS, VITALE = CardKind.PROFESSIONAL, CardKind.VITALE


def snapshot(*kinds: CardKind | None) -> Snapshot:
    return Snapshot(True, tuple(SlotState(f"Tiroir {n}", kind, b"", n) for n, kind in enumerate(kinds, 1)))


@pytest.mark.parametrize(
    "kinds", [(CPS,), (CPS, None), (CPS, VITALE), (CPS, CardKind.UNKNOWN), (CPS, CardKind.MUTE)]
)
def test_the_one_professional_card(kinds: tuple[CardKind, ...]) -> None:
    for order in (kinds, tuple(reversed(kinds))):
        slot = professional_slot(snapshot(*order))
        assert slot is not None
        assert slot.kind is CPS


def test_nothing_yet() -> None:
    assert professional_slot(snapshot(None, None)) is None
    assert vitale_slot(snapshot(None, CPS)) is None


def test_the_vitale_card_beside() -> None:
    slot = vitale_slot(snapshot(CPS, VITALE))
    assert slot is not None
    assert slot.reader == "Tiroir 2"


@pytest.mark.parametrize(
    ("seen", "error"),
    [
        (Snapshot(False, (), "pcsc=8010001D"), errors.ReaderServiceAbsent),
        (Snapshot(True, ()), errors.ReaderAbsent),
        (snapshot(CPS, CPS), errors.TwoProfessionalCards),
        (snapshot(VITALE, None), errors.WrongCard),
        (snapshot(None, CardKind.CONTACTLESS), errors.ContactlessRefused),
        (snapshot(None, CardKind.UNKNOWN), errors.CardUnknown),
        (snapshot(CardKind.MUTE), errors.CardMute),
    ],
)
def test_what_is_in_the_way(seen: Snapshot, error: type[errors.CardError]) -> None:
    with pytest.raises(error):
        professional_slot(seen)


def test_ex_gen_1430_test_and_real_never_mix() -> None:
    real = replace(HOLDER, test_card=False)
    admit_professional(HOLDER, now=NOW, production=False)
    admit_professional(real, now=NOW, production=True)
    with pytest.raises(errors.TestCardRefused):
        admit_professional(HOLDER, now=NOW, production=True)
    with pytest.raises(errors.RealCardRefused):
        admit_professional(real, now=NOW, production=False)
    admit_vitale(VitaleCard("1", True, ()), production=False)
    admit_vitale(VitaleCard("1", False, ()), production=True)
    with pytest.raises(errors.TestCardRefused):
        admit_vitale(VitaleCard("1", True, ()), production=True)
    with pytest.raises(errors.RealCardRefused):
        admit_vitale(VitaleCard("1", False, ()), production=False)


@pytest.mark.parametrize(
    ("now", "error"),
    [
        (HOLDER.valid_until + timedelta(seconds=1), errors.CertificateExpired),
        (HOLDER.valid_from - timedelta(seconds=1), errors.CertificateNotYetValid),
    ],
)
def test_dates(now: datetime, error: type[errors.CardError]) -> None:
    admit_professional(HOLDER, now=HOLDER.valid_from, production=False)
    admit_professional(HOLDER, now=HOLDER.valid_until, production=False)
    with pytest.raises(error, match="CARTE-04"):
        admit_professional(HOLDER, now=now, production=False)
