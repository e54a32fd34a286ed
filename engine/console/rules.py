"""The reasons of the engine in a few words each, as they stand beside a number."""

from __future__ import annotations

from engine.console.words import N_

RULES = {
    "accepted": N_("accepted"),
    "answered": N_("answered in the shop"),
    "applicability": N_("does not apply"),
    "bad_address": N_("the address is dead"),
    "best": N_("the best action"),
    "block": N_("withdrawn a moment before"),
    "cap": N_("enough messages already"),
    "case_expired": N_("the case is closed"),
    "completed": N_("all steps done"),
    "consent": N_("no consent"),
    "delivery_fault": N_("could not be delivered"),
    "duplicate": N_("was told before"),
    "eligibility": N_("not eligible"),
    "erased": N_("erased"),
    "event": N_("an event"),
    "exit": N_("its journey had ended"),
    "expired": N_("too late to be of use"),
    "global_holdout": N_("in the general control group"),
    "goal": N_("goal reached"),
    "holdout": N_("in the control group"),
    "identity": N_("the same customer"),
    "killed": N_("killed by an operator"),
    "late_exit": N_("the goal came late"),
    "lost_step": N_("its step is gone"),
    "map": N_("taken along by a release"),
    "merged": N_("two customers became one"),
    "next_channel": N_("another channel next"),
    "no_channel": N_("no channel could be used"),
    "no_voucher": N_("no voucher code was left"),
    "nothing": N_("nothing fits"),
    "past": N_("the moment had passed"),
    "paused": N_("paused"),
    "placement": N_("not at this place"),
    "quiet_hours": N_("quiet hours"),
    "ramp": N_("not everybody yet"),
    "refused": N_("refused by the provider"),
    "render_failed": N_("could not be written"),
    "rest": N_("rests after it was shown"),
    "retry": N_("to be tried again"),
    "runaway": N_("without end"),
    "stop": N_("stopped by the journey"),
    "stop_if": N_("a reason to stop came"),
    "suitability": N_("not suitable"),
    "suppressed": N_("silenced by a policy"),
    "time_to_live": N_("too late to be of use"),
    "timeout": N_("no answer in time"),
    "too_late": N_("arrived too late"),
    "unhealthy": N_("the provider rests"),
    "unknown": N_("nobody knows"),
    "unreachable": N_("not reachable"),
}
# What becomes of a message, beside being sent.
KINDS = {
    "held": N_("held"),
    "refused": N_("not sent"),
    "expired": N_("expired"),
    "cancelled": N_("cancelled"),
    "withdrawn": N_("taken back"),
    "held_out": N_("kept back to compare"),
    "unknown": N_("unknown whether it arrived"),
}
CHANNELS = {"email": N_("e-mail"), "push": N_("push"), "sms": N_("text message"), "store": N_("in the shop")}
KLASSES = {"transactional": N_("service"), "triggered": N_("triggered"), "bulk": N_("bulk")}
STANDINGS = {
    "": N_("running"),
    "paused": N_("paused"),
    "killed": N_("killed"),
    "gone": N_("not in the workspace"),
}
