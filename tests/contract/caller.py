"""Requests to an application in this process, without a server."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI


class Caller:
    """Sends one request at a time, each with `headers`; redirects are shown, not followed."""

    def __init__(self, app: FastAPI, client: str = "203.0.113.7", **headers: str) -> None:
        self.app, self.client = app, client
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def __call__(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def told() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.client, 4711))
            async with httpx.AsyncClient(transport=transport, base_url="http://links.example") as client:
                return await client.request(method, path, **{"headers": self.headers, **given})

        return asyncio.run(told())
