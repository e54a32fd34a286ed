"""All texts of the console that are to be translated: `python -m tests.unit.console.texts` lists what French lacks."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po

CONSOLE = Path(__file__).resolve().parents[3] / "engine" / "console"
ENGINE = CONSOLE.parent
# Rooms below that speak as well: to terminals in English, to pages in their language.
OTHERS = ("api/*.py", "model/**/*.py", "policy/**/*.py", "runtime/**/*.py", "report/**/*.py")
SAYS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "Words": None}
Text = str | tuple[str, ...]


def said() -> dict[Text, str]:
    """Every text of the pages -> where it stands first."""
    found: dict[Text, str] = {}
    for text, place in _said():
        found.setdefault(text, place)
    return found


def _headings() -> Iterator[tuple[Text, str]]:
    """The headings of the columns of reports, and what the doctor looks at: plain texts, since all of them are ours."""
    for path in [
        *sorted(CONSOLE.parent.glob("report/measures/*.py")),
        *sorted(CONSOLE.parent.glob("runtime/doctor/*.py")),
    ]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            first = node.args[0]
            texts: list[ast.expr | None] = [first] if node.func.id in ("Column", "ok", "warn", "bad") else []
            if node.func.id == "columns" and isinstance(first, ast.Dict):
                texts = list(first.keys)
            for each in texts:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value, f"{path.relative_to(CONSOLE.parent)}:{each.lineno}"


def _said() -> Iterator[tuple[Text, str]]:
    yield from _headings()
    for method, pattern in (("jinja2", "templates/**/*.html"), ("python", "**/*.py")):
        others = [path for each in OTHERS for path in sorted(CONSOLE.parent.glob(each))] if method == "python" else []
        for path in [*sorted(CONSOLE.glob(pattern)), *others]:
            options = {"newstyle_gettext": "true", "extensions": "jinja2.ext.do"} if method == "jinja2" else {}
            for line, text, _, _ in extract(method, io.BytesIO(path.read_bytes()), SAYS, options=options):
                plain = text if isinstance(text, str) else tuple(each for each in text if each)
                if plain:
                    yield plain, f"{path.relative_to(CONSOLE.parent)}:{line}"


def translated(locale: str) -> dict[Text, tuple[str, ...]]:
    """Every text of the language's files -> its translation, or its forms."""
    found: dict[Text, tuple[str, ...]] = {}
    for path in sorted((CONSOLE / "locales" / locale).glob("*.po")):
        for each in read_po(io.BytesIO(path.read_bytes()), locale, abort_invalid=True):
            if each.id:
                key = each.id if isinstance(each.id, str) else tuple(each.id)
                assert not each.fuzzy, f"{key!r} is fuzzy"
                forms = (each.string,) if isinstance(each.string, str) else tuple(each.string or ())
                assert found.setdefault(key, forms) == forms, f"{key!r} is translated in two ways"
    return found


if __name__ == "__main__":
    known = translated("fr")
    for text, place in said().items():
        if text not in known:
            one = text if isinstance(text, str) else text[0]
            print(f'\n#: {place}\nmsgid "{one}"')
            print('msgstr ""' if one == text else f'msgid_plural "{text[1]}"\nmsgstr[0] ""\nmsgstr[1] ""')
