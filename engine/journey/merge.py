"""Two customers turn out to be one: one profile takes the other over, in the middle of whatever they are in.

Of two runs for the same (journey, key) the one that got furthest goes on. What either of them was sent is
not sent again, and what either of them did counts for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.journey.conclude import conclude
from engine.journey.messages import close, requeue
from engine.journey.react import ask_again, suppress, wake
from engine.journey.runs import end, exit_by_state, hit_by_past
from engine.journey.starts import move_schedules
from engine.journey.union import later_idle, unite
from engine.journey.walk import Walk
from engine.model.event import Event
from engine.model.flags import NO_FLAGS, Flags
from engine.model.flow import REGROUPED
from engine.model.ids import rehomed
from engine.model.message import Message
from engine.model.plan import Plan
from engine.model.profile import Ended, Enrolment, Past, Profile
from engine.model.record import Reason
from engine.policy.wallclock import customer_zone

SENT_BEFORE = "it left before, to the customer merged with"
History = Mapping[str, Sequence[Past]]


def differing(strong: Mapping[str, Sequence[str]], profile: Profile) -> str:
    """The strong identifier by which `profile` and a bearer of `strong` are two people; '' when there is none."""
    for name, values in strong.items():
        own = profile.identifiers.get(name)
        if own and values and not set(own) & set(values):
            return name
    return ""


def absorb(plan: Plan, keeper: Profile, absorbed: Profile, now: int, flags: Flags = NO_FLAGS) -> Walk:
    """Merge `absorbed` into `keeper` at engine time `now`; no message of `absorbed` may be `sending`.

    Takes both profiles over. `walk.profile` is the keeper; `absorbed` is used up.
    """
    walk = Walk(plan, keeper, now, flags)
    zone = customer_zone(keeper, plan.policies)
    ours, theirs = keeper.history, absorbed.history
    keeper.history = dict(ours)
    mine = list(keeper.enrolments.values())
    what = Reason("identity", f"{absorbed.label} is the same customer")
    walk.record("merged", reason=what, extra={"from": absorbed.id})
    unite(plan, keeper, absorbed)
    new = _take_over(walk, absorbed)
    for runs, others in ((mine, theirs), (new, ours)):
        for run in runs:
            _exit(walk, run, others)
    _decide_twins(walk)
    _keep_out(walk)
    _cancel_idles(walk, ours, theirs)
    for runs, others in ((mine, theirs), (new, ours)):
        for run in runs:
            _catch_up(walk, run, others)
    if customer_zone(keeper, plan.policies) != zone:
        ask_again(walk)
        move_schedules(walk, zone)
    suppress(walk)
    return conclude(walk)


def _take_over(walk: Walk, absorbed: Profile) -> list[Enrolment]:
    """Enrolments, what they have under way, and starts that wait; the enrolments."""
    keeper = walk.profile
    runs = list(absorbed.enrolments.values())
    for run in runs:
        # the number of a run goes into the ids of its messages: it must be one that the keeper never used
        past = keeper.ended.get(f"{run.journey}|{run.key}")
        used = [each.entry for each in keeper.enrolments.values() if _twins(each, run)]
        run.entry = max(run.entry, 1 + max([past.entries if past is not None else 0, *used]))
        keeper.enrolments[run.id] = run
    for message in absorbed.messages.values():
        _take_message(walk, message)
    for name, idle in absorbed.idles.items():
        keeper.idles[name] = later_idle(keeper.idles.get(name), idle)
    return runs


def _twins(one: Enrolment, other: Enrolment) -> bool:
    return (one.journey, one.key) == (other.journey, other.key)


def _take_message(walk: Walk, message: Message) -> None:
    keeper = walk.profile
    unheard_of = not message.attempt and not message.unsure and message.status in ("planned", "held")
    if unheard_of:  # by any provider: its id may lead to its new home
        old, message.id = message.id, rehomed(message.id, keeper.id)
        run = keeper.enrolments.get(message.enrolment)
        if run is not None:
            run.waits_on = message.id if run.waits_on == old else run.waits_on
            run.sent = {step: message.id if sent == old else sent for step, sent in run.sent.items()}
    keeper.messages[message.id] = message
    if message.status == "planned":
        requeue(walk, message, message.queue, walk.now)


def _exit(walk: Walk, run: Enrolment, others: History) -> None:
    """End a run whose goal, or what stops it, the other one has done or brings along."""
    journey = walk.journey(run)
    found = hit_by_past(walk, journey, run, others) if journey is not None else None
    if found is not None:
        rule, line, past = found
        end(walk, run, Reason(rule, f"{line.text} ({past.id}, of the customer merged with)", str(line.place)))
    else:
        exit_by_state(walk, run)


def _decide_twins(walk: Walk) -> None:
    """Where both are in one journey with one key, the run that got furthest goes on."""
    groups: dict[tuple[str, str], list[Enrolment]] = {}
    for run in walk.profile.enrolments.values():
        groups.setdefault((run.journey, run.key), []).append(run)
    again: list[Message] = []
    for runs in groups.values():
        furthest, *others = sorted(runs, key=lambda run: _distance(walk, run))
        for run in others:
            again += _give_way(walk, run, furthest)
    for message in again:
        if message.id in walk.profile.messages:
            close(walk, message, "refused", Reason("duplicate", SENT_BEFORE))


def _distance(walk: Walk, run: Enrolment) -> tuple[int, int, int, str]:
    """What sorts the run that got furthest to the front: most messages, most steps, earliest start."""
    sending = sum(1 for each in walk.profile.messages.values() if each.enrolment == run.id and each.status == "sending")
    return -sum(run.gone.values()) - sending, -sum(run.visits.values()), run.started, run.id


def _give_way(walk: Walk, run: Enrolment, furthest: Enrolment) -> list[Message]:
    """End `run` in favour of `furthest`; what that one has planned although `run` has had it sent."""
    sent = dict(run.gone)
    for message in walk.profile.messages.values():
        if message.enrolment == run.id and message.status == "sending" and not message.call:
            sent[message.step] = run.visits.get(message.step, 1)
    again = [
        message
        for message in walk.profile.messages.values()
        if message.enrolment == furthest.id
        and message.status in ("planned", "held")
        and furthest.gone.get(message.step, 0) < furthest.visits.get(message.step, 1) <= sent.get(message.step, 0)
    ]
    for step, visit in sent.items():
        furthest.gone[step] = max(visit, furthest.gone.get(step, 0))
    furthest.left = max(furthest.left, run.left)
    furthest.renewed = max(furthest.renewed, run.last_start)  # it stands for both: what came between ends neither
    name = f"{run.journey}|{run.key}"
    before = walk.profile.ended.get(name)
    end(walk, run, Reason("merged", "the run of the customer merged with got further"))
    entries = max(run.entry, furthest.entry, before.entries if before is not None else 0)
    walk.profile.ended[name] = Ended(walk.now, entries, "merged")
    return again


def _keep_out(walk: Walk) -> None:
    """The first exposure to a holdout is the one that counts, also for a run that is on its way."""
    arms = walk.profile.arms
    for run in walk.profile.enrolments.values():
        kept = [arms[key].arm for key in ("*/holdout:", f"{run.journey}/holdout:") if key in arms]
        if not kept:
            continue
        before, run.held_out = run.held_out, next((arm for arm in kept if arm), "")
        if run.held_out != before:
            walk.count(run.journey, run.version, REGROUPED, "", before, run.held_out)


def _cancel_idles(walk: Walk, *histories: History) -> None:
    for name, idle in list(walk.profile.idles.items()):
        journey = walk.plan.journeys.get(idle.journey)
        if journey is None:
            continue
        if any(hit_by_past(walk, journey, idle, each, idle.event) is not None for each in histories):
            del walk.profile.idles[name]


def _catch_up(walk: Walk, run: Enrolment, others: History) -> None:
    """Tell a run that waits for an event of those that the other customer has brought."""
    if run.id not in walk.profile.enrolments or run.due is None or run.waits_on:
        return
    since = min(run.since, run.start_at)
    found = [
        (past.at, past.id, name, past)
        for name, many in others.items()
        for past in many
        if past.at >= since and not past.late
    ]
    for at, id_, name, past in sorted(found, key=lambda each: each[:2]):
        event = Event(id=id_, name=name, profile={}, at=at, received=walk.now, properties=past.data)
        wake(walk, run.id, event)
