"""The newest page of a workspace, made again whenever one of its files is saved."""

from __future__ import annotations

import threading
from html import escape
from pathlib import Path

from engine.define.folder import ENDINGS, compile_folder
from engine.define.starter import FOLDERS
from engine.model.errors import ParcoursError
from engine.render.preview.build import build
from engine.render.preview.page import page

LOOK_SECONDS = 0.3


class Watch:
    """Holds the page. `version` is raised by each change; who waits for a change is woken by it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = 0
        self.page = ""
        self._seen: dict[str, tuple[int, int]] = {}
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name="preview-watch", daemon=True)

    def start(self) -> None:
        """Make the first page and begin to look for changes."""
        self._seen = self._files()
        self._renew()
        self._thread.start()

    def stop(self) -> None:
        """Stop looking, and wake everybody who waits."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def wait(self, version: int, seconds: float) -> int:
        """The newest version: at once when it is another than `version`, else after at most `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != version or self.stopped, seconds)
            return self.version

    def _look(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            files = self._files()
            if files != self._seen:
                self._seen = files
                self._renew()

    def _files(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for top in FOLDERS:
            for file in (self.folder / top).rglob("*"):
                if file.suffix in ENDINGS:
                    try:
                        stat = file.stat()
                    except OSError:  # deleted since it was listed: editors save by renaming
                        continue
                    found[str(file)] = (stat.st_mtime_ns, stat.st_size)
        return found

    def _renew(self) -> None:
        version = self.version + 1
        try:
            compiled = compile_folder(self.folder)
            text = page(build(compiled.plan, compiled.renderer, compiled.problems), live=str(version))
        except ParcoursError as fault:
            text = _sorry(fault.sentence(), version)
        except OSError as fault:  # a file went away between listing and reading: the next look sees it
            text = _sorry(f"{fault.filename} cannot be read: {fault.strerror}.", version)
            self._seen = {}
        with self._changed:
            self.page, self.version = text, version
            self._changed.notify_all()


def _sorry(sentence: str, version: int) -> str:
    """A page that says why there is none, and comes back by itself."""
    return (
        f'<!doctype html><meta charset="utf-8"><title>Preview</title><body style="font:16px/1.5 system-ui;margin:3rem">'
        f"<h1>No preview</h1><p>{escape(sentence)}</p><script>new EventSource('/changes').onmessage = "
        f"(event) => {{ if (event.data !== '{version}') location.reload(); }}</script>"
    )
