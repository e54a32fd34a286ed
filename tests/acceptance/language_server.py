"""A YAML language server, run over stdio as an editor runs it."""

from __future__ import annotations

import json
import subprocess
from fcntl import LOCK_EX, flock
from pathlib import Path
from types import TracebackType
from typing import Any

VERSION = "1.18.0"


def install(folder: Path) -> Path:
    """Install the server into `folder` unless it is there; the path of its script."""
    script = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)  # tests run in several processes: one installs, the others wait
        if not script.exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--silent", f"yaml-language-server@{VERSION}"]
            (folder / "package.json").write_text("{}")
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=100)
    return script


class LanguageServer:
    """A session with one server. Positions are lines and characters from 0, as the protocol has them."""

    def __init__(self, script: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(script), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._count = 0
        self._told: dict[str, list[Any]] = {}

    def __enter__(self) -> LanguageServer:
        try:
            self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
            self._tell("initialized", {})
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def open(self, uri: str, text: str) -> list[str]:
        """Open a document; what is marked in it, as 'line: message' with lines from 1."""
        self._told.pop(uri, None)
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        while uri not in self._told:
            self._read()
        return [f"{each['range']['start']['line'] + 1}: {each['message']}" for each in self._told[uri]]

    def offered(self, uri: str, line: int, character: int) -> set[str]:
        """What is offered at a place of an open document."""
        where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        found = self._ask("textDocument/completion", where)
        return {item["label"] for item in (found["items"] if isinstance(found, dict) else found)}

    def hover(self, uri: str, line: int, character: int) -> str:
        """What is shown when the mouse rests there."""
        where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        found = self._ask("textDocument/hover", where)
        return json.dumps(found["contents"]) if found else ""

    def _ask(self, method: str, params: Any) -> Any:
        self._count += 1
        self._write({"id": self._count, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._count and "method" not in message:
                assert "error" not in message, message
                return message.get("result")

    def _tell(self, method: str, params: Any) -> None:
        self._write({"method": method, "params": params})

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """The next message; what the server asks of the editor is answered with nothing."""
        assert self._process.stdout is not None
        size = 0
        while (header := self._process.stdout.readline().strip()) or not size:
            assert header, "the language server has gone"
            if header.lower().startswith(b"content-length:"):
                size = int(header.split(b":")[1])
        message: dict[str, Any] = json.loads(self._process.stdout.read(size))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._told[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            many = len(message["params"].get("items", ())) if message["method"] == "workspace/configuration" else 0
            self._write({"id": message["id"], "result": [None] * many if many else None})
        return message
