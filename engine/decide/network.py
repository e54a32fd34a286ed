"""One ruleset of durable_rules: the only file that touches its C module.

It is used as a matcher without a memory: one flat fact goes in, the rules that match come out, the fact is taken
back. One state node is made at the beginning and kept. Everything else of that library is left alone: it crashes,
loops for ever or answers wrongly outside this use. Callers hold a lock: the C code is not safe between threads.
"""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import Any

import durable_rules_engine as c  # type: ignore[import-not-found,unused-ignore]

_WARM = '{"sid":"s","id":"w","_k":1}'
_names = itertools.count()


class Network:
    """Rules compiled into one ruleset. `conditions` maps a rule's name ([a-z0-9]+) to its condition as JSON text.

    Raises RuntimeError when the library does not take them.
    """

    def __init__(self, conditions: dict[str, str]) -> None:
        rules = [f'"{name}":{{"all":[{{"m":{written}}}]}}' for name, written in conditions.items()]
        whole = "{" + ",".join([*rules, '"_":{"all":[{"m":{"_k":1}}]}']) + "}"
        try:
            self._handle = c.create_ruleset(f"n{next(_names)}", whole)
            self._warm()
        except c.error as fault:
            raise RuntimeError(f"durable_rules does not take these rules: {fault}") from fault

    def match(self, properties: str, found: set[str]) -> None:
        """Add the names of the rules that match to `found`. `properties` is JSON text: ',"a0":1,"a1":"x"'.

        Raises RuntimeError when the library fails; it can be asked again.
        """
        offset, started = 0, False
        try:
            code, offset = c.assert_fact(self._handle, f'{{"sid":"s","id":"f"{properties}}}')
            if code == 0:
                first = c.start_action_for_state(self._handle, offset)
                started = True
                match = first[1] if first is not None else None
                while match is not None:
                    found.add(match[2 : match.index('"', 2)])
                    match = c.complete_and_start_action(self._handle, offset)
                c.retract_fact(self._handle, '{"sid":"s","id":"f"}')
        except BaseException as fault:  # also a time limit: a state that is half read answers nothing for a minute
            self._mend(offset, started)
            if isinstance(fault, c.error):
                raise RuntimeError(f"durable_rules failed: {fault}") from fault
            raise

    def close(self) -> None:
        """Give its memory back. Nothing may be asked afterwards."""
        c.delete_state(self._handle, "s")
        c.delete_ruleset(self._handle)

    def _mend(self, offset: int, started: bool) -> None:
        with suppress(c.error):
            if started:
                c.abandon_action(self._handle, offset)
            c.delete_state(self._handle, "s")
        self._warm()

    def _warm(self) -> None:
        """Make the state node and let it come to rest: deleting one that never ran an action frees wild memory."""
        offset = c.assert_fact(self._handle, _WARM)[1]
        said: Any = c.start_action_for_state(self._handle, offset)
        while said is not None and (said if isinstance(said, str) else said[1]) is not None:
            said = c.complete_and_start_action(self._handle, offset)
        c.retract_fact(self._handle, '{"sid":"s","id":"w"}')
