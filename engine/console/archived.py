"""Where the archive of this installation is, for what the console asks of it."""

from __future__ import annotations

from engine.settings import Settings


def archive_of(settings: Settings) -> str:
    """The address of the archive, or its folder; '' when there is none."""
    if settings.archive_url is not None:
        return settings.archive_url.get_secret_value()
    own = settings.state_path / "archive"
    return str(own) if own.is_dir() else ""
