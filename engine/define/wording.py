"""The texts and catalogues of a workspace on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, UnknownLocaleError

from engine.define.folder import read_folder, workspace_of
from engine.model.errors import DefinitionError, SetupError
from engine.render.catalogue import read_catalogues
from engine.render.texts.extract import Text, texts_of
from engine.render.texts.pofile import Updated, compiled, updated

_LOCALES = "locales/"


@dataclass(frozen=True)
class Wording:
    """All `texts` of a workspace; `templates` are its files under templates/, the shared ones beneath its own."""

    folder: Path
    templates: dict[str, str]
    texts: list[Text]

    @classmethod
    def of(cls, path: Path) -> Wording:
        """The workspace at `path`. Raises SetupError, and DefinitionError for a template or catalogue at fault."""
        folder = workspace_of(path)
        sources = read_folder(folder)
        templates = {name.removeprefix("templates/"): text for name, text in sources.items() if name.startswith("temp")}
        _, problems = read_catalogues(templates)
        if problems:
            raise DefinitionError(problems)
        return cls(folder, templates, texts_of(templates))

    @property
    def locales(self) -> list[str]:
        """The languages that the workspace itself has a file for."""
        found = (name.removeprefix(_LOCALES) for name in self.templates if name.startswith(_LOCALES))
        return sorted(name.removesuffix(".po") for name in found if name.endswith(".po") and "/" not in name)

    def updated(self, locales: Iterable[str] = ()) -> Iterator[tuple[str, Path, str, Updated]]:
        """(name, file, its text now, what it should be) of each language, or of `locales`. Raises SetupError."""
        wanted = list(locales) or self.locales
        if not wanted:
            raise SetupError("There is no language in templates/locales yet. Begin one: --locale fr")
        own = _own(self.folder)
        shared_only = {text.key for text in self.texts if not any(file in own for file, _ in text.places)}
        catalogues, _ = read_catalogues({name: text for name, text in self.templates.items() if "/shared/" in name})
        for locale in wanted:
            name = f"templates/{_LOCALES}{_known(locale)}.po"
            before = self.templates.get(name.removeprefix("templates/"), "")
            behind = catalogues[locale].texts if locale in catalogues else frozenset()
            yield name, self.folder / name, before, updated(before, locale, self.texts, shared_only & behind)

    def compiled(self) -> Iterator[tuple[str, bytes, int]]:
        """(locale, .mo, number of texts) of each language."""
        for locale in self.locales:
            yield locale, *compiled(self.templates[f"{_LOCALES}{locale}.po"], locale)


def _own(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in (folder / "templates").rglob("*.j2")}


def _known(locale: str) -> str:
    try:
        return str(Locale.parse(locale))
    except (ValueError, UnknownLocaleError):
        raise SetupError(f"'{locale}' is not a language; write fr or fr_CA.") from None
