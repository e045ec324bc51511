"""The card's one owner thread: order, errors, time-outs, the end."""

import threading
from collections.abc import Callable, Iterator

import pytest

from kiosk.card.owner import CardOwner
from kiosk.errors import CardGivenUp, CardMute, CardRemoved, PinWrong

SECONDS = 10


@pytest.fixture
def owner() -> Iterator[CardOwner]:
    made = CardOwner()
    yield made
    made.stop()


def test_everything_runs_in_one_thread_in_the_order_asked(owner: CardOwner) -> None:
    seen: list[tuple[int, str]] = []
    gate, waiting = threading.Event(), threading.Event()

    def first() -> None:
        waiting.set()
        gate.wait(SECONDS)
        seen.append((0, threading.current_thread().name))

    callers = [threading.Thread(target=owner.call, args=(first,))]
    callers[0].start()
    assert waiting.wait(SECONDS)
    for number in range(1, 5):
        queued = owner._queue.qsize()
        caller = threading.Thread(
            target=owner.call, args=(lambda n=number: seen.append((n, threading.current_thread().name)),)
        )
        caller.start()
        while owner._queue.qsize() == queued:
            pass
        callers.append(caller)
    gate.set()
    for caller in callers:
        caller.join(SECONDS)
    assert seen == [(number, "card-owner") for number in range(5)]


def test_results_and_errors_come_back(owner: CardOwner) -> None:
    def wrong() -> None:
        raise PinWrong(2)

    assert owner.call(lambda: 42) == 42
    with pytest.raises(PinWrong) as caught:
        owner.call(wrong)
    assert caught.value.tries_left == 2
    assert owner.call(lambda: 43) == 43


def test_an_operation_may_call_again(owner: CardOwner) -> None:
    assert owner.call(lambda: owner.call(lambda: threading.current_thread().name)) == "card-owner"


def test_a_time_out_of_the_operation_s_own_is_its_own(owner: CardOwner) -> None:
    def late() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        owner.call(late, SECONDS)


def test_what_has_not_begun_in_time_never_runs(owner: CardOwner) -> None:
    gate, begun = threading.Event(), threading.Event()
    presented: list[str] = []

    def busy() -> None:
        begun.set()
        gate.wait(SECONDS)

    blocker = threading.Thread(target=owner.call, args=(busy,))
    blocker.start()
    assert begun.wait(SECONDS)
    with pytest.raises(CardMute):
        owner.call(lambda: presented.append("PIN"), 0.01)
    gate.set()
    blocker.join(SECONDS)
    assert owner.call(lambda: 1, SECONDS) == 1
    assert presented == []


def test_a_card_that_never_answers(owner: CardOwner) -> None:
    gate = threading.Event()
    with pytest.raises(CardMute):
        owner.call(lambda: gate.wait(SECONDS), 0.01)
    gate.set()


def test_after_the_end(owner: CardOwner) -> None:
    gate, begun = threading.Event(), threading.Event()
    outcome: list[BaseException] = []

    def busy() -> None:
        begun.set()
        gate.wait(SECONDS)

    def waiting() -> None:
        try:
            owner.call(lambda: 1)
        except CardRemoved as error:
            outcome.append(error)

    blocker = threading.Thread(target=owner.call, args=(busy,))
    blocker.start()
    assert begun.wait(SECONDS)
    waiter = threading.Thread(target=waiting)
    waiter.start()
    while not owner._queue.qsize():
        pass
    owner.stop()
    owner.stop()
    with pytest.raises(CardRemoved):
        owner.call(lambda: 1)
    gate.set()
    blocker.join(SECONDS)
    waiter.join(SECONDS)
    assert len(outcome) == 1
    assert not owner._thread.join(SECONDS)
    assert not owner._thread.is_alive()


def test_whoever_waits_is_let_go_and_what_has_not_begun_never_does() -> None:
    owner = CardOwner()
    begun, go_on = threading.Event(), threading.Event()
    done: list[str] = []
    errors: list[BaseException] = []

    def block() -> None:
        begun.set()
        go_on.wait()
        done.append("running")

    def ask(operation: Callable[[], None]) -> None:
        try:
            owner.call(operation)
        except CardGivenUp as error:
            errors.append(error)

    waiting = [threading.Thread(target=ask, args=(block,))]
    waiting[0].start()
    begun.wait()
    owner.give_up()
    waiting[0].join()
    # The thread of the card is still held: what is asked now waits, and is given up before it could begin.
    waiting.append(threading.Thread(target=ask, args=(lambda: done.append("queued"),)))
    waiting[1].start()
    while not owner.awaited:
        pass
    owner.give_up()
    for thread in waiting:
        thread.join()
    go_on.set()
    assert len(errors) == 2
    assert owner.call(lambda: "next") == "next"
    assert done == ["running"]
    owner.stop()
