"""The one thread that talks to a card.

A card is serial and its verified-PIN state belongs to one connection: every operation runs here, in the order
asked, whoever asks (a screen's worker, the network's thread in the middle of a TLS handshake).
"""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from kiosk.errors import CardGivenUp, CardMute, CardRemoved

T = TypeVar("T")

_Work = tuple[Callable[[], Any], Future[Any]]


class CardOwner:
    """Runs card operations one after the other in a daemon thread of its own."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._awaited: set[Future[Any]] = set()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="card-owner", daemon=True)
        self._thread.start()

    def call(self, operation: Callable[[], T], timeout: float | None = None) -> T:
        """Run `operation` in the card's thread; its result, or its exception.

        `timeout` in seconds counts waiting and running: past it `CardMute` is raised, and an operation that
        has not begun never will (a PIN is not presented behind the user's back). Raises `CardRemoved` once
        stopped, `CardGivenUp` after `give_up`. An operation may itself use `call`: it is already in the right
        thread.
        """
        if threading.current_thread() is self._thread:
            return operation()
        future: Future[T] = Future()
        with self._lock:
            if self._stopped:
                raise CardRemoved(detail="owner stopped")
            self._queue.put((operation, future))
            self._awaited.add(future)
        try:
            return future.result(timeout)
        except TimeoutError:
            if future.cancel() or not future.done():
                raise CardMute(detail="card operation timed out") from None
            return future.result()  # it ended at the last moment, or the time-out was its own
        except CancelledError:
            raise CardRemoved(detail="owner stopped") from None
        finally:
            with self._lock:
                self._awaited.discard(future)

    @property
    def awaited(self) -> bool:
        """Whether somebody waits."""
        return bool(self._awaited)

    def give_up(self) -> None:
        """Let everybody who waits go (`CardGivenUp`): what has not begun never will, what runs ends unheard."""
        with self._lock:
            for future in self._awaited:
                with suppress(InvalidStateError):
                    future.set_exception(CardGivenUp())

    def stop(self) -> None:
        """Take no more work and drop what waits (`CardRemoved`); a running operation ends on its own."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            self._queue.put(None)

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            operation, future = work
            if self._stopped:
                future.cancel()
            if not self._begins(future):
                continue
            try:
                result = operation()
            except BaseException as error:
                with suppress(InvalidStateError):
                    future.set_exception(error)
            else:
                with suppress(InvalidStateError):
                    future.set_result(result)

    def _begins(self, future: Future[Any]) -> bool:
        """False when nobody waits for it any more."""
        with self._lock:
            return not (future.done() and not future.cancelled()) and future.set_running_or_notify_cancel()
