"""A push service that says a token is none of ours: is the token dead, or is our own set-up another one's?

The same answer means both. Until the service has accepted a message from this process, nothing is concluded about
the token; and when several tokens in a row are none of ours, it is the set-up that is wrong: messages wait, as for
everything that is ours to put right.
"""

from __future__ import annotations

import threading

from engine.model.message import SendOutcome

SEVERAL = 3


class Fitting:
    """What a sender knows of its set-up: whether it `fits`, or which tokens were none of ours. Threads may share it."""

    def __init__(self, advice: str) -> None:
        self._advice = advice
        self._fits = False
        self._strange: set[str] = set()
        self._lock = threading.Lock()

    def accepted(self) -> None:
        """The service has taken a message: tokens of ours are known to it."""
        self._fits = True

    def stranger(self, token: str, said: str) -> SendOutcome:
        """What it means that the service does not know `token` as one of ours."""
        if self._fits:
            return SendOutcome("bad_address", said)
        with self._lock:
            if len(self._strange) < SEVERAL:
                self._strange.add(token)
            several = len(self._strange) == SEVERAL
        if several:
            return SendOutcome("retry", f"{said}: so it says of every token, and has accepted none. {self._advice}")
        return SendOutcome("refused", f"{said}; the token is kept, for nothing has been accepted yet. {self._advice}")
