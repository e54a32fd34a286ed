"""The shipped templates and brand, and a way to try one more message on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.define.brand import BrandFile
from engine.render.renderer import Renderer

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates"

Shop = Callable[..., Renderer]


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    files = [path for path in TEMPLATES.rglob("*") if path.suffix in (".j2", ".po")]
    return {path.relative_to(TEMPLATES).as_posix(): path.read_text("utf-8") for path in files}


@pytest.fixture(scope="session")
def brand() -> dict[str, Any]:
    text = (ROOT / "journeys" / "brand.yaml").read_text("utf-8")
    return BrandFile.model_validate(yaml.safe_load(text)["brand"]).model_dump()


@pytest.fixture(scope="session")
def shipped(templates: dict[str, str], brand: dict[str, Any]) -> Renderer:
    return Renderer(templates, brand)


@pytest.fixture
def shop(templates: dict[str, str], brand: dict[str, Any]) -> Shop:
    """A renderer whose message 'm' has the given blocks, over the shipped layouts; `files` replace others."""

    def make(files: dict[str, str] | None = None, /, **blocks: str) -> Renderer:
        blocks = {"headline": "Hello", "summary": "A line.", **blocks}
        text = "{% extends layout %}\n" + "\n".join(
            f"{{% block {name} %}}{body}{{% endblock %}}" for name, body in blocks.items()
        )
        return Renderer({**templates, "messages/m.j2": text, **(files or {})}, brand)

    return make


@pytest.fixture
def roots() -> dict[str, Any]:
    return {
        "customer": {"first_name": "Ana", "last_name": None, "city": "  "},
        "basket": {
            "total": 154.0,
            "lines": [
                {"name": "Trail boots", "price": 129.0, "quantity": 1},
                {"name": "Wool socks", "price": 12.5, "quantity": 2},
            ],
        },
        "journey": "abandoned_basket",
        "message_id": "m-1",
    }
