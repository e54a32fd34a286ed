"""What a release says of actions, rules and placements: what changes, and what becomes of what is under way."""

from __future__ import annotations

from pathlib import Path

from engine.cli.plan_text import _change
from engine.define.diff import diff
from engine.define.diff_answers import aftermath
from engine.define.folder import read_folder
from engine.define.workspace import compile_sources

HOME = Path(__file__).resolve().parents[2] / "cases/next_best"


def test_a_release_says_what_is_new_gone_and_changed_and_what_becomes_of_it() -> None:
    before = read_folder(HOME)
    after = dict(before)
    actions = after["journeys/actions.yaml"]
    actions = actions.replace("value: 6", "value: 7").replace("big_basket:", "large_basket:\n    message: big_basket")
    actions = actions.replace("[web.home, app.home], value: 1", "[app.home], value: 1")
    after["journeys/actions.yaml"] = actions
    after["journeys/rules.yaml"] = before["journeys/rules.yaml"].replace("by: 3", "by: 4")
    after["journeys/placements.yaml"] = before["journeys/placements.yaml"] + "  kiosk: {show: 1}\n"
    old, new = compile_sources(before).sound(), compile_sources(after).sound()

    said = [line for change in diff(old, new) for line in _change(change)]

    assert said[0].startswith("  + placements kiosk: {show: 1}  (journeys/placements.yaml:")
    assert "  ~ actions boot_care_kit  (journeys/actions.yaml:2)" in said
    assert "      ~ value: 6 -> 7" in said
    assert any(line.startswith("  + actions large_basket: {message: big_basket") for line in said)
    assert any(line.startswith("  - actions big_basket: {") for line in said)
    assert "      ~ placements: [web.home, app.home] -> [app.home]" in said
    assert "      ~ then.boost.by: 3 -> 4" in said
    told = aftermath(old.plan, new.plan)
    assert [line.split(":")[0] for line in told] == [
        "big_basket is gone",
        "new_arrivals leaves web.home",
        "Who asks a second time today may get another answer",
    ]
    assert aftermath(old.plan, old.plan) == ()


def test_a_placement_that_is_gone_takes_along_what_was_meant_for_it() -> None:
    before = read_folder(HOME)
    after = {name: text for name, text in before.items() if "counter.yaml" not in name}
    after["journeys/placements.yaml"] = before["journeys/placements.yaml"].replace("  store.till: {show: 1}\n", "")
    after["journeys/actions.yaml"] = before["journeys/actions.yaml"].replace(", store.till", "")
    after["journeys/help.yaml"] = before["journeys/help.yaml"].replace(", store.till", "")

    told = aftermath(compile_sources(before).plan, compile_sources(after).sound().plan)

    assert told[-3].startswith("store.till is gone: who asks for it is refused")
    assert told[-2] == "counter: whoever is inside and comes to 'send_best: store.till' is sent nothing."
