"""Every Redis key, made in one place.

What belongs to a shard carries its tag `{p007}`, so that one function may touch all of it, on one server
or on a cluster. `docs` of each key say what it holds; times are engine time unless they say server time.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from engine.model.ids import SHARDS, address_id

GROUP = "g"
CONSUMER = "only"  # one fixed name: a new owner reads what a dead one left, in order
KLASSES = ("transactional", "triggered", "bulk")  # from the most to the least urgent

META = "parcours:meta"  # hash: shards, created
CLOCK = "parcours:clock"  # hash: offset_ms, or held_ms and timers_ms
FLAGS = "parcours:flags"  # hash: journey or '*' -> how it stands: paused, killed, and what is over (JSON)
RELEASES = "parcours:releases"  # hash: fingerprint -> when, by whom, which versions (JSON)
PLANS = "parcours:plans"  # hash: process -> the plan it decides by, and when it said so (JSON)
AUDIT = "parcours:audit"  # stream: who changed what of the installation, and when
VISITS = "parcours:visits"  # stream: who signed in to the console, whom they looked at (a hash), what was refused
SESSIONS = "parcours:sessions"  # sorted set: hashes of the secrets of sessions by when they began (server ms)
PLAN = "parcours:plan"  # the current plan's fingerprint
JOURNEYS = "parcours:journeys"  # hash: 'name|version' -> a fingerprint that holds it
BROADCASTS = "parcours:broadcasts"  # sorted set: broadcasts by when they began (server ms)
BROADCASTING = "parcours:broadcasting"  # set: broadcasts that still have customers to reach
WORKERS = "parcours:workers"  # hash: machine:process -> its last sign of life
BREAKERS = "parcours:breakers"  # hash: provider that has failed lately -> state of its circuit breaker (msgpack)
ASIDE = "parcours:aside"  # stream: receipts that could not be taken in, with the reason; no address
WAKE_OWED = "parcours:wake-owed"  # set while a release has not yet had every customer looked at
LESSONS = "parcours:lessons"  # stream: what each of those snapshots has added to the one before; bounded
LEARNED = "parcours:learned"  # hash: n = number of the newest snapshot of what was learned, b = the snapshot (msgpack)
STORES = "parcours:stores"  # stream: stores whose prompts have just changed; only the newest
REFUSED = "parcours:refused"  # stream: what sources have sent that is no event of ours, with the reason; bounded
TICK = "parcours:tick"  # guard: one worker rings at a time
POOLS = "parcours:pools"  # set: pools of voucher codes that were ever loaded
ARCHIVE = "parcours:archive"  # hash: how far the archive is
ARCHIVING = "parcours:archiving"  # guard: one archiver at a time
EVERY_SHARD = range(SHARDS)
TAGS = tuple(f"{{p{shard:03d}}}" for shard in range(SHARDS))


def inbox(shard: int) -> str:
    """Stream of events and wakes, in order of arrival."""
    return f"{TAGS[shard]}:in"


def profile(shard: int, profile_id: str) -> str:
    """Hash {v: version, b: blob}, and m: where it was merged into, once it was."""
    return f"{TAGS[shard]}:profile:{profile_id}"


def profile_pattern() -> str:
    """Matches the keys of all profiles."""
    return "{p*}:profile:*"


def profile_of(key: str) -> tuple[int, str]:
    """Shard and profile id of a profile's key."""
    tag, _, name = key.partition(":profile:")
    return int(tag[2:5]), name


def people(shard: int) -> str:
    """Sorted set: the ids of all profiles, in the order of their letters."""
    return f"{TAGS[shard]}:people"


def timers(shard: int) -> str:
    """Sorted set: profile id by the instant at which time alone changes something for it."""
    return f"{TAGS[shard]}:timers"


def out(shard: int, channel: str, klass: str) -> str:
    """Sorted set: `<profile>|<message>` by the instant it may be looked at."""
    return f"{TAGS[shard]}:out:{channel}:{klass}"


def sending(shard: int) -> str:
    """Sorted set: `<channel>|<klass>|<profile>|<message>` by the server time at which its lease ends."""
    return f"{TAGS[shard]}:sending"


def message(shard: int, message_id: str) -> str:
    """Hash: the rendered copy, who it was for, what became of it. Expires."""
    return f"{TAGS[shard]}:message:{message_id}"


def doubtful(shard: int) -> str:
    """Sorted set: messages that may have arrived, or arrived twice, by the server time of the latest doubt."""
    return f"{TAGS[shard]}:doubtful"


def log(shard: int) -> str:
    """Stream of inputs and outcomes."""
    return f"{TAGS[shard]}:log"


def timeline(shard: int, profile_id: str) -> str:
    """List: the last things that happened to a customer, with reasons."""
    return f"{TAGS[shard]}:timeline:{profile_id}"


def dead(shard: int) -> str:
    """Stream of inbox entries that could not be decided, with the reason."""
    return f"{TAGS[shard]}:dead"


def stops(shard: int) -> str:
    """Hash: journey or '*' -> paused or killed. No message of it begins to leave, whatever its worker knows."""
    return f"{TAGS[shard]}:stops"


def counts(shard: int) -> str:
    """Hash: 'journey|version|step' -> how many enrolments stand there."""
    return f"{TAGS[shard]}:counts"


def flows(shard: int) -> str:
    """Hash: a counter of a journey (see `Flow`) -> how often it happened."""
    return f"{TAGS[shard]}:flows"


def tried(shard: int) -> str:
    """Hash: 'day|action|placement|segment|s' (or 'a'), and '|traits' for the contextual model -> how many showings
    (acceptances) since the last parcel."""
    return f"{TAGS[shard]}:tried"


def parcel(shard: int) -> str:
    """Hash: what `tried` held when it was last taken, and '#', its number."""
    return f"{TAGS[shard]}:parcel"


def relay(shard: int) -> str:
    """Stream of parcels for other shards and for the index of identities, until they are brought."""
    return f"{TAGS[shard]}:relay"


def copies(shard: int, profile_id: str) -> str:
    """Sorted set: the messages of which a rendered copy is kept, by the server time at which it expires."""
    return f"{TAGS[shard]}:copies:{profile_id}"


def seen(shard: int) -> str:
    """Sorted set: event ids by the server time of their arrival."""
    return f"{TAGS[shard]}:seen"


def erased(shard: int) -> str:
    """Sorted set: hashes of erased profiles by the server time at which that was asked."""
    return f"{TAGS[shard]}:erased"


def block(shard: int, profile_id: str) -> str:
    """Hash: 'channel/purpose' -> the event that withdrew it and has not been processed yet."""
    return f"{TAGS[shard]}:block:{profile_id}"


def words(shard: int, profile_id: str) -> str:
    """Hash: action -> how it was last put into words where this customer was. Expires."""
    return f"{TAGS[shard]}:words:{profile_id}"


def heed(shard: int, profile_id: str) -> str:
    """List: entries of the inbox that answers know of before they are processed. Expires."""
    return f"{TAGS[shard]}:heed:{profile_id}"


def asked(shard: int, profile_id: str) -> str:
    """Sorted set: requests for decisions whose answers are kept, by the server time at which they expire."""
    return f"{TAGS[shard]}:asked:{profile_id}"


def lease(shard: int) -> str:
    """Hash {owner, fence}; expires by server time."""
    return f"{TAGS[shard]}:lease"


def fence(shard: int) -> str:
    """Counter behind the leases; only grows."""
    return f"{TAGS[shard]}:fence"


def identity(identifier: str, value: str) -> str:
    """Profile id of whoever is known by this identifier."""
    return f"parcours:id:{identifier}:{value}"


def request(name: str) -> str:
    """The answer that was given to a request for decisions, by a hash of its id. Expires."""
    return f"parcours:request:{name}"


def session(name: str) -> str:
    """Somebody who is signed in to the console, by a hash of the secret that their browser keeps. Expires."""
    return f"parcours:session:{name}"


def sign_in(name: str) -> str:
    """A link that signs in once, by a hash of its secret. Expires."""
    return f"parcours:sign-in:{name}"


def tryout(name: str) -> str:
    """What is tried out in the console: whose history, or a file, under which definitions. Expires."""
    return f"parcours:tryout:{name}"


def looked(name: str) -> str:
    """Somebody has just looked at a person in the console, by a hash of both. Expires."""
    return f"parcours:looked:{name}"


def sources(fingerprint: str) -> str:
    """zlib(msgpack {relative path: text}) of a published plan."""
    return f"parcours:plan:{fingerprint}"


def rate(channel: str) -> str:
    """State of a channel's rate limit."""
    return f"parcours:rate:{channel}"


def address(channel: str, value: str) -> str:
    """Hash: purpose (or '*': all of them) -> 'state|at|event', what was said about this address."""
    return f"parcours:address:{channel}:{address_id(value)}"


def intent(channel: str, value: str, name: str) -> str:
    """'profile|at': who was told this at this address. Expires."""
    return f"parcours:intent:{channel}:{address_id(value)}:{name}"


def report(name: str) -> str:
    """When a report that withdraws something, and does not say when, was first heard (engine ms). Expires."""
    return f"parcours:report:{name}"


def named(source: str, provider_id: str) -> str:
    """The attempt that a provider calls by an id of its own. Expires."""
    return f"parcours:named:{source}:{address_id(provider_id)}"


def ready(queue: str) -> str:
    """Set: the shards that whoever hears a doorbell of this queue is to look at."""
    return f"parcours:ready:{queue}"


def called(queue: str) -> str:
    """Set while a doorbell of this queue is on its way."""
    return f"parcours:called:{queue}"


def broadcast(name: str) -> str:
    """Hash: journey, who, state, total; 'c<shard>' how far a shard is ('+': done), 'n<shard>' how many it has told."""
    return f"parcours:broadcast:{name}"


def voucher(pool: str, part: str) -> str:
    """A pool's codes: `free` (list), `given` (hash: message -> code), `claimed` (sorted set: `<profile>|<message>` by
    the server time at which it is looked whether they have ended), `codes` (set: all there ever were), `taken` (list:
    hashes of those that were given, until they are archived), `gone` (set: of those given before a loss)."""
    return f"parcours:voucher:{{{pool}}}:{part}"  # in braces: a pool lies on one node of a cluster


def stock(part: str) -> str:
    """What was put over the catalogue: hashes of 'kind|key': `items` (msgpack of the fields), `told` (the numbers as
    they were last looked at); `changed` (sorted set of these by version); `news` (hash: `seen`, `job`) and its
    `news:<job>` (hash: shard -> how far it is told; expires)."""
    return f"parcours:{{stock}}:{part}"


def store_prompts(store_id: str) -> str:
    """Sorted set: prompt (message) ids of one store by the server time at which they expire."""
    # in braces: all that one store shows lies on one node of a cluster; quoted: a name may hold braces itself
    return f"parcours:store:{{{quote(store_id, safe='')}}}"


def store_events(store_id: str) -> str:
    """Stream: what happened to the prompts of one store, without their words. Expires."""
    return f"{store_prompts(store_id)}:events"


def prompt(store_id: str, message_id: str) -> str:
    """Hash: one prompt on the associates' tablets, who has taken it, and what became of it. Expires."""
    return f"{store_prompts(store_id)}:{message_id}"


def prompt_store(message_id: str) -> str:
    """The store that shows a prompt. Expires."""
    return f"parcours:prompt:{message_id}"


def outs(shard: int, channels: Iterable[str]) -> list[str]:
    """The outboxes of these channels, each with its classes from most to least urgent."""
    return [out(shard, channel, klass) for channel in channels for klass in KLASSES]
