"""Build hook: the starter workspace travels inside the wheel, as engine/_starter.

Not in an editable install: there `parcours init` reads it from the repository root, always as it is now.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STARTER = {"journeys": "engine/_starter/journeys", "templates": "engine/_starter/templates"}


class StarterWorkspace(BuildHookInterface[Any]):
    """Adds the folders of STARTER to a wheel that will be shipped."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update(STARTER)
