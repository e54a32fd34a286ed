"""The prompts of stores in Redis: shown, taken by one associate, answered, withdrawn; and what happened, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store

CLAIM_LASTS = 10 * 60_000  # ms for which a prompt is one associate's who does not say what became of it
MOST = 200  # prompts that a store shows at once: those that end first
TOLD = 86_400_000  # ms for which events are kept, as in prompts.lua
PAGE = 500  # events that are read at once
RECENT = 1_000  # names of stores that have just changed
INSIDE = ("until", "by", "claimed", "claim_until", "state", "outcome", "reason")


@dataclass(frozen=True, slots=True)
class Shown:
    """One prompt as tablets see it. `said` is what the journey gave it (label, journey, message, at, title, body,
    associate, link); `until` its end and `claim` who has taken it, (by, since, until), in server ms."""

    id: str
    said: Mapping[str, str]
    until: int
    claim: tuple[str, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What a store shows at server time `now`; `last` names the newest event that is in it. `count`: how many there
    are, though only the first MOST are in `prompts`."""

    now: int
    last: str
    count: int
    prompts: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a store, named `id`: kind is shown, claimed, released, answered or withdrawn; `more` says by whom
    and when. `prompt` is what was shown."""

    id: str
    kind: str
    about: str
    more: Mapping[str, str] = field(default_factory=dict)
    prompt: Shown | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a prompt stands for whoever asks: free, yours, taken, answered, withdrawn or over. Instants in server ms.

    `by` has it or has answered it (withdrawn: why); `outcome` is the answer.
    """

    word: str
    by: str = ""
    since: int = 0
    until: int = 0
    outcome: str = ""


class StorePrompts:
    """All methods raise StoreError when the store is away, and may be repeated then."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # What the engine does

    def show(self, store_id: str, prompt: str, said: Mapping[str, str], lasts: int) -> None:
        """Show a prompt for `lasts` ms. The same again changes nothing but its end."""
        self._store.redis.set(keys.prompt_store(prompt), store_id, px=lasts + TOLD)
        fields = [part for pair in said.items() for part in pair]
        if self._call("show", store_id, prompt, lasts, *fields):
            self._ring(store_id)

    def withdraw(self, store_id: str, prompt: str, why: str) -> None:
        """Show it no more, and forget its words. Harmless when it is not shown, or answered."""
        if self._call("withdraw", store_id, prompt, why):
            self._ring(store_id)

    # What associates do

    def store_of(self, prompt: str) -> str:
        """The store that shows or has shown a prompt; '' when nothing is known of it."""
        return str((self._store.redis.get(keys.prompt_store(prompt)) or b"").decode())

    def claim(self, store_id: str, prompt: str, who: str) -> Standing:
        """Take it for `who`, unless somebody else has. By the same associate again: what was answered before."""
        found = _standing(self._call("take_prompt", store_id, prompt, who, CLAIM_LASTS))
        self._ring(store_id)
        return found

    def release(self, store_id: str, prompt: str, who: str) -> Standing:
        """Let go of it; how it stood before."""
        found = _standing(self._call("leave_prompt", store_id, prompt, who))
        self._ring(store_id)
        return found

    def answer(self, store_id: str, prompt: str, who: str, outcome: str, *, done: bool) -> Standing:
        """What became of it: first not `done`, and once the customer's event is in, `done`."""
        found = _standing(self._call("answer_prompt", store_id, prompt, who, outcome, int(done)))
        if done:
            self._ring(store_id)
        return found

    def said(self, store_id: str, prompt: str) -> Mapping[str, str]:
        """What is known of a prompt; {} when nothing is."""
        return _text(self._store.redis.hgetall(keys.prompt(store_id, prompt)))

    # What tablets see

    def table(self, store_id: str) -> Table:
        """What a store shows now, and how far its events are: one instant's picture."""
        names = [keys.store_prompts(store_id), keys.store_events(store_id)]
        now, last, count, *ids = self._store.call("prompts", names, MOST)
        last_id = last.decode() if last else f"{int(now) - 1}-0"
        found = self._shown(store_id, [each.decode() for each in ids])
        return Table(int(now), last_id, int(count), tuple(each for each in found if each is not None))

    def tells_since(self, store_id: str, after: str) -> bool:
        """Whether everything that happened after the event `after` is still known."""
        pipe = self._store.pipeline()
        pipe.time()
        pipe.xrevrange(keys.store_events(store_id), count=1)
        (seconds, _), newest = pipe.execute()
        if not newest:
            return False
        return int(seconds) * 1000 - TOLD < place(after)[0] and place(after) <= place(newest[0][0].decode())

    def since(self, places: Mapping[str, str]) -> dict[str, list[Happened]]:
        """What happened in each store after its event, at most PAGE of them, oldest first.

        A prompt that is not shown any more comes without what it said: somebody has answered or withdrawn it.
        """
        pipe = self._store.pipeline()
        for store_id, after in places.items():
            pipe.xrange(keys.store_events(store_id), f"({after}", "+", count=PAGE)
        rows = dict(zip(places, pipe.execute() if places else [], strict=True))
        return {store_id: self._read(store_id, entries) for store_id, entries in rows.items() if entries}

    def changed(self, after: str, block: int) -> tuple[str, set[str]]:
        """Wait up to `block` ms for stores to change; the newest place in the list of changes, and which."""
        found = self._store.redis.xread({keys.STORES: after}, count=RECENT, block=block)
        entries = [entry for _, entries in found or () for entry in entries]
        return (entries[-1][0].decode() if entries else after), {fields[b"s"].decode() for _, fields in entries}

    def newest_change(self) -> str:
        """The place in the list of changes from which on to wait."""
        found = self._store.redis.xrevrange(keys.STORES, count=1)
        return found[0][0].decode() if found else "0-0"

    def _read(self, store_id: str, entries: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> list[Happened]:
        told = [(name.decode(), _text(fields)) for name, fields in entries]
        new = [fields["prompt"] for _, fields in told if fields["kind"] == "shown"]
        prompts = dict(zip(new, self._shown(store_id, new), strict=True))
        return [
            Happened(name, fields.pop("kind"), about := fields.pop("prompt"), fields, prompts.get(about))
            for name, fields in told
        ]

    def _shown(self, store_id: str, prompts: Sequence[str]) -> list[Shown | None]:
        pipe = self._store.pipeline()
        for each in prompts:
            pipe.hgetall(keys.prompt(store_id, each))
        found = pipe.execute() if prompts else []
        return [_prompt(each, _text(fields)) for each, fields in zip(prompts, found, strict=True)]

    def _call(self, name: str, store_id: str, prompt: str, *arguments: Any) -> Any:
        names = [keys.store_prompts(store_id), keys.store_events(store_id), keys.prompt(store_id, prompt)]
        return self._store.call(name, names, prompt, *arguments)

    def _ring(self, store_id: str) -> None:
        """Say that there is something to see. Whoever misses it looks by itself in a moment."""
        from engine.runtime.store import StoreError

        with suppress(StoreError):
            self._store.redis.xadd(keys.STORES, {"s": store_id}, maxlen=RECENT, approximate=True)


def place(event: str) -> tuple[int, int]:
    """The place of an event in its stream. Raises ValueError when it is none."""
    ms, dash, number = event.partition("-")
    if not (dash and ms.isdecimal() and number.isdecimal() and len(event) <= 40):
        raise ValueError(f"'{event[:40]}' names no event")
    return int(ms), int(number)


def _text(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode("utf-8", "replace") for name, value in fields.items()}


def _prompt(name: str, fields: dict[str, str]) -> Shown | None:
    """What a hash holds; None when it is over, withdrawn or answered."""
    if "until" not in fields or fields.get("state"):
        return None
    until = int(fields["until"])
    claim = None
    if "by" in fields:
        claim = (fields["by"], int(fields["claimed"]), int(fields.get("claim_until", until)))
    return Shown(name, {key: value for key, value in fields.items() if key not in INSIDE}, until, claim)


def _standing(answer: Sequence[bytes]) -> Standing:
    word, *rest = (each.decode() if isinstance(each, bytes) else str(each) for each in answer)
    if len(rest) < 3:
        return Standing(word, "".join(rest[:1]))
    by, since, last = rest[:3]
    if last.isdecimal():
        return Standing(word, by, int(since), until=int(last))
    return Standing(word, by, int(since), outcome=last)
