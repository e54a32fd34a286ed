"""What is planned for a customer, and what could still stop it: read from the state, changing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from engine.journey.steps.send import Choosing, Sending
from engine.journey.walk import Walk
from engine.model.condition import Match, Scope
from engine.model.flags import Flags
from engine.model.message import Message
from engine.model.plan import Journey, Plan, Step
from engine.model.problem import NOWHERE, Place
from engine.model.profile import Enrolment, Profile
from engine.policy.caps import refused_by_caps
from engine.policy.consent import refused_by_consent, unreachable
from engine.policy.suppression import refused_by_suppression


@dataclass(frozen=True, slots=True)
class Stopper:
    """Something that stops what is planned: a rule, its text, and where it is written. `seen` is how things
    stand now, `holds` whether it would stop it now."""

    rule: str
    text: str
    place: Place
    seen: str = ""
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing that will happen at `at` (epoch ms; None: it waits for an event or for its turn).

    what     message | step | start | schedule
    then     the messages that come next in the journey
    """

    at: int | None
    what: str
    journey: str
    name: str
    place: Place
    version: str = ""
    key: str = ""
    detail: str = ""
    then: tuple[str, ...] = ()
    stoppers: tuple[Stopper, ...] = ()


def outlook(plan: Plan, profile: Profile, now: int, flags: Flags) -> list[Planned]:
    """Everything that is planned for `profile` at engine time `now`, soonest first. `profile` is the caller's copy."""
    walk = Walk(plan, profile, now, flags)
    found = [_message(walk, message) for message in profile.messages.values()]
    found += [_step(walk, run) for run in profile.enrolments.values() if run.step and not run.waits_on]
    for idle in profile.idles.values():
        journey = plan.journeys.get(idle.journey)
        if journey is not None:
            scope = walk.scope(idle.view, idle.view, idle.key, skip=idle.event)
            lines = _events(journey) + _no(journey, scope) + _stopped(walk, journey.name)
            detail = f"another {idle.view.get('event', 'start event')} sets its clock back"
            found.append(
                Planned(idle.due, "start", journey.name, "", journey.start.place, "", idle.key, detail, stoppers=lines)
            )
    for name, due in profile.schedules.items():
        journey = plan.journeys.get(name)
        if journey is not None:
            scope = walk.scope({"event": f"schedule {name}", "at": now})
            lines = tuple(
                Stopper("audience", line.text, line.place, line.why(scope), not line.holds(scope))
                for line in journey.start.audience
            )
            found.append(
                Planned(due, "schedule", name, "", journey.start.place, stoppers=lines + _stopped(walk, journey.name))
            )
    return sorted(found, key=lambda each: (each.at is None, each.at or 0, each.journey, each.name))


def _message(walk: Walk, message: Message) -> Planned:
    run = walk.profile.enrolments.get(message.enrolment)
    journey = walk.journey(run) if run is not None else walk.plan.journeys.get(message.journey)
    step = journey.steps.get(message.step) if journey is not None else None
    place = step.place if step is not None else NOWHERE
    version = run.version if run is not None else ""
    if message.status == "left":
        others = [name for name in message.via if name not in message.tried and name != message.channel]
        when = "unless it is opened before" if message.due is not None else "only if it bounces"
        detail = f"by {others[0] if others else 'no other channel'}, {when}; it has left by {message.channel}"
        return Planned(message.due, "message", message.journey, message.name, place, version, "", detail)
    stoppers = _stopped(walk, message.journey)
    if journey is not None and run is not None:
        stoppers += _ends(walk, journey, run)
    if step is not None and isinstance(step.spec, Sending):
        stoppers += _gate(walk, step.spec)
    detail = f"{message.status}, by {message.channel or message.queue or message.via[0]}"
    detail += f" to {message.to}" if message.to else ""
    return Planned(message.due, "message", message.journey, message.name, place, version, "", detail, (), stoppers)


def _send(send: Sending) -> str:
    name = f"the best of {send.placement}" if isinstance(send, Choosing) else send.message
    return f"{name} by {', '.join(send.via)}" + (f" to {send.to.text}" if send.to is not None else "")


def _step(walk: Walk, run: Enrolment) -> Planned:
    journey = walk.journey(run)
    step = journey.steps.get(run.step) if journey is not None else None
    if journey is None or step is None:
        return Planned(run.due, "step", run.journey, run.step, NOWHERE, run.version, run.key)
    sends = _next_sends(journey, step)
    stoppers = _stopped(walk, run.journey) + _ends(walk, journey, run)
    for send in sends[:1]:
        stoppers += _gate(walk, send)
    then = tuple(dict.fromkeys(_send(send) for send in sends))
    return Planned(
        run.due, "step", run.journey, step.verb.name, step.place, run.version, run.key, then=then, stoppers=stoppers
    )


def _next_sends(journey: Journey, step: Step) -> list[Sending]:
    """The sends that may come next after `step`, on every branch, each branch up to its first one."""
    found: list[Sending] = []
    seen, todo = {step.id}, [*_followers(journey, step)]
    while todo:
        each = todo.pop(0)
        if each.id in seen:
            continue
        seen.add(each.id)
        if isinstance(each.spec, Sending):
            found.append(each.spec)
        else:
            todo += _followers(journey, each)
    return found


def _followers(journey: Journey, step: Step) -> Iterator[Step]:
    """The steps that a step may lead to: whatever its spec names, else the one after it."""
    named = _ids(step.spec)
    for name in dict.fromkeys([*named, step.next]):
        if name in journey.steps:
            yield journey.steps[name]


def _ids(spec: object) -> Iterator[str]:
    if isinstance(spec, str):
        yield spec
    elif isinstance(spec, list | tuple):
        for each in spec:
            yield from _ids(each)
    elif is_dataclass(spec):
        for field in fields(spec):
            yield from _ids(getattr(spec, field.name))


def _stopped(walk: Walk, journey: str) -> tuple[Stopper, ...]:
    """What an operator has stopped."""
    found = []
    for word, names in (("killed", walk.flags.killed), ("paused", walk.flags.paused)):
        if journey in names or "*" in names:
            what = "everything" if "*" in names else journey
            found.append(Stopper(word, f"{what} was {word} by an operator", NOWHERE, holds=True))
    return tuple(found)


def _ends(walk: Walk, journey: Journey, run: Enrolment) -> tuple[Stopper, ...]:
    scope = walk.run_scope(run)
    return tuple(_line(rule, line, scope) for rule, lines in _lists(journey) for line in lines)


def _line(rule: str, line: Match, scope: Scope) -> Stopper:
    if line.condition is None:
        return Stopper(rule, line.text, line.place)
    return Stopper(rule, line.text, line.place, line.condition.why(scope), line.condition.holds(scope))


def _lists(journey: Journey) -> tuple[tuple[str, tuple[Match, ...]], ...]:
    return ("goal", journey.goal), ("stop_if", journey.stop_if)


def _events(journey: Journey) -> tuple[Stopper, ...]:
    return tuple(Stopper(rule, line.text, line.place) for rule, lines in _lists(journey) for line in lines)


def _no(journey: Journey, scope: Scope) -> tuple[Stopper, ...]:
    return tuple(
        Stopper("only_if", line.text, line.place, line.why(scope), not line.holds(scope))
        for line in journey.start.only_if
    )


def _gate(walk: Walk, send: Sending) -> tuple[Stopper, ...]:
    """What the gate would say to a send now, channel by channel, and what it will ask again when it leaves."""
    plan, profile, policies = walk.plan, walk.profile, walk.plan.policies
    if send.to is not None:  # the customer's rules say nothing about our own people
        return ()
    purpose = policies.purpose(send.purpose)
    found: list[Stopper] = []
    hindered = 0
    for name in send.via:
        channel = plan.channels[name]
        refusal = unreachable(profile, channel) or refused_by_consent(profile, channel, purpose)
        refusal = refusal or refused_by_caps(profile, policies, purpose, name, walk.now, send.on_cap, send.tags)
        if refusal is not None:
            hindered += 1
            found.append(Stopper(refusal.rule, name, refusal.place, refusal.observed))
    if hindered == len(send.via):
        found = [Stopper(each.rule, each.text, each.place, each.seen, True) for each in found]
    suppressed = refused_by_suppression(profile, policies, purpose, walk.now, walk.scope())
    if suppressed is not None:
        found.append(Stopper(suppressed.rule, "all channels", suppressed.place, suppressed.observed, True))
    if not purpose.transactional:
        mine = [rule for rule in policies.suppress if rule.purpose == purpose.name and suppressed is None]
        found += [Stopper("suppress", rule.when.text, rule.place) for rule in mine]
    return tuple(found)
