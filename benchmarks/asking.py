"""Channel apps that ask, by connections that stay open: as often as they are answered, or so many times a second.

It must take little of the two cores that everybody shares: requests are written before the clock runs, answers are
looked at after it has stopped, and in between there is one loop over plain sockets.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

END = b"\r\n\r\n"


@dataclass
class Asked:
    """What became of it: milliseconds of each answer, the answers, and seconds of the whole and of our processor."""

    took: list[float] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0


def ask(port: int, requests: Sequence[bytes], connections: int, rate: float = 0.0) -> Asked:
    """Send all of them. With a `rate` each is due at its instant, whether others are answered or not, and is timed from
    then on: what waits for a free connection waits, too."""
    sockets = {each.fileno(): each for each in (_connected(port) for _ in range(connections))}
    free, poll, found = deque(sockets), select.epoll(), Asked()
    for number in sockets:
        poll.register(number, select.EPOLLIN)
    came: dict[int, bytearray] = {}
    begun: dict[int, float] = {}
    started, worked, sent = time.perf_counter(), time.process_time(), 0
    while len(found.took) < len(requests):
        now = time.perf_counter()
        while free and sent < len(requests) and (not rate or started + sent / rate <= now):
            number = free.popleft()
            begun[number] = started + sent / rate if rate else time.perf_counter()
            came[number] = bytearray()
            sockets[number].sendall(requests[sent])
            sent += 1
        due = started + sent / rate - time.perf_counter() if rate and free and sent < len(requests) else 30.0
        for number, _ in poll.poll(max(due, 0.0)):
            part = sockets[number].recv(1 << 16)
            if not part:
                raise RuntimeError("the interface has hung up")
            came[number] += part
            if _whole(came[number]):
                found.took.append((time.perf_counter() - begun[number]) * 1e3)
                found.answers.append(bytes(came[number]))
                free.append(number)
    found.seconds, found.cpu = time.perf_counter() - started, time.process_time() - worked
    for each in sockets.values():
        each.close()
    return found


def _connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _whole(answer: bytearray) -> bool:
    end, at = answer.find(END), answer.find(b"content-length: ")
    if end < 0:
        return False
    return len(answer) >= end + len(END) + int(answer[at + 15 : answer.find(b"\r\n", at)])


def written(port: int, key: str, body: Any) -> bytes:
    """One request."""
    text = json.dumps(body).encode()
    head = (
        f"POST /v1/decisions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    return head.encode() + text


def checked(answers: Sequence[bytes], shown: int, most: float) -> None:
    """Raises RuntimeError unless each is an answer of its own, in time, with up to so many different actions in words,
    and a share `most` has as many: there are customers for whom there is little."""
    names, full = set(), 0
    for answer in answers:
        head, _, text = answer.partition(END)
        told = json.loads(text) if head.startswith(b"HTTP/1.1 200 ") else {}
        decision = (told.get("decisions") or [{}])[0]
        actions = decision.get("actions", ())
        said = {each["action"]: each["content"].get("title") for each in actions}
        if not decision or "degraded" in told or len(said) != len(actions) or not all(said.values()):
            raise RuntimeError(answer[:500].decode("utf-8", "replace"))
        names.add(decision["decision_id"])
        full += len(said) == shown
    if len(names) != len(answers) or full < most * len(answers):
        raise RuntimeError(f"{len(answers)} questions, {len(names)} decisions, {full} of them with {shown} actions")


def main() -> None:
    """Read {port, key, connections, rate, bodies, shown, most} as JSON, say {seconds, took, cpu}: a process of its own.
    `shown` 0 looks into no answer."""
    given = json.load(sys.stdin)
    requests = [written(given["port"], given["key"], each) for each in given["bodies"]]
    found = ask(given["port"], requests, given["connections"], given["rate"])
    if given["shown"]:
        checked(found.answers, given["shown"], given["most"])
    json.dump({"seconds": found.seconds, "took": found.took, "cpu": found.cpu}, sys.stdout)


if __name__ == "__main__":
    main()
