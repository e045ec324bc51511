"""The idle clock: four states, in order, and a touch that begins again."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.idle import Idle, IdleLimits, Presence

LIMITS = IdleLimits(lock=120, end=300)


@given(st.floats(0, 10_000), st.floats(0, 10_000))
def test_the_states_come_in_order_and_a_touch_begins_again(first: float, more: float) -> None:
    now = 0.0
    idle = Idle(LIMITS, lambda: now)
    order = list(Presence)
    now = first
    early = order.index(idle.presence)
    now = first + more
    assert order.index(idle.presence) >= early
    idle.touch()
    assert idle.presence is Presence.HERE


def test_the_limits_themselves() -> None:
    now = 0.0
    idle = Idle(LIMITS, lambda: now)
    seen = []
    for second in (89, 90, 119, 120, 299, 300):
        now = second
        seen.append(idle.presence)
    assert seen == [
        Presence.HERE, Presence.WARNED, Presence.WARNED, Presence.LOCKED, Presence.LOCKED, Presence.GONE
    ]  # fmt: skip
