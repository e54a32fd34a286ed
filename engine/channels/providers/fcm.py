"""Push through Firebase Cloud Messaging (HTTP v1), to Android, and to what else FCM reaches.

    fcm:///etc/parcours/service-account.json

The file is the service account's key as Google gives it. `?at=http://127.0.0.1:9099` is for a stand-in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from engine.channels.providers.answers import not_sure, object_of, quoted, wait_of
from engine.channels.providers.credentials import Kept, Signer, read_key
from engine.channels.providers.fitting import Fitting
from engine.channels.providers.http_post import Answer, NoAnswer, NotSent, Poster
from engine.channels.push import FCM, read_address
from engine.model.errors import SetupError
from engine.model.message import OutcomeKind, Outgoing, SendOutcome

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
WHAT = "The service account of FCM"
LONGEST_TTL = 28 * 86_400  # seconds
LEAST_QUOTA_WAIT = 60.0  # seconds, as its documentation asks where there is no Retry-After
EARLY = 60  # seconds before its end a token is replaced
DEAD = frozenset({"UNREGISTERED"})
STRANGE = "SENDER_ID_MISMATCH"  # a token of another project's app
# our own credentials, project or quota: the message is good, and waits
OURS = frozenset({"UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND", "QUOTA_EXCEEDED", "RESOURCE_EXHAUSTED"})


class FcmSender:
    """A `Sender` for push. Threads may share it. Raises SetupError when the URL or its file cannot be used."""

    name = FCM
    idempotent = False

    def __init__(self, url: str, *, clock: Callable[[], float], timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        if parts.netloc or not parts.path or given.keys() - {"at"}:
            raise SetupError("The URL of FCM should read fcm:///path/of/service-account.json.")
        account = _account(Path(unquote(parts.path)))
        self._email, self._token_uri = account["client_email"], account["token_uri"]
        self._signer = Signer(account["private_key"], "RS256", WHAT)
        self._clock = clock
        self._access = Kept(self._grant)
        self._tokens = Poster(self._token_uri, timeout)
        base = given.get("at", "https://fcm.googleapis.com").rstrip("/")
        self._fitting = Fitting(
            f"Set up is the service account of {account['project_id']}: it must be the project that the app registers "
            "its tokens with."
        )
        self._poster = Poster(f"{base}/v1/projects/{quote(account['project_id'], safe='')}/messages:send", timeout)

    def takes(self, address: str) -> bool:
        """Whether an address is one of FCM's."""
        found = read_address(address)
        return found is not None and found.service == FCM

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """POST one message; `provider_id` is its name at FCM."""
        found = read_address(outgoing.address)
        if found is None or found.service != FCM:
            return SendOutcome("bad_address", "this is no token of FCM")
        body = json.dumps(payload(outgoing, found.token), separators=(",", ":")).encode()
        # a token that is refused although its time is not over has been withdrawn: once more, with a new one
        again = SendOutcome("retry", "FCM refuses every access token")
        return self._send(body, found.token) or self._send(body, found.token) or again

    def close(self) -> None:
        """Close the kept connections; a later send opens new ones."""
        self._poster.close()
        self._tokens.close()

    def _send(self, body: bytes, device: str) -> SendOutcome | None:
        now = self._clock()
        try:
            token = self._access.get(now)
        except (NotSent, NoAnswer) as fault:  # the message itself has gone nowhere
            return SendOutcome("retry", f"no access token: {fault}")
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "user-agent": "parcours"}
        try:
            answer = self._poster.post(body, headers)
        except NotSent as fault:
            return SendOutcome("retry", str(fault))
        except NoAnswer as fault:
            return SendOutcome("unknown", str(fault))
        if answer.status == 401 and _code(object_of(answer.body))[0] != "THIRD_PARTY_AUTH_ERROR":
            old = self._access.made_at < now
            self._access.drop(token)
            if old:
                return None
        if _code(object_of(answer.body))[0] == STRANGE:
            return self._fitting.stranger(device, quoted(answer, STRANGE))
        if 200 <= answer.status < 300:
            self._fitting.accepted()
        return outcome_of(answer, now)

    def _grant(self, now: float) -> tuple[str, float]:
        """An access token for the service account. Raises NotSent or NoAnswer."""
        claims = {"iss": self._email, "scope": SCOPE, "aud": self._token_uri, "iat": int(now), "exp": int(now) + 3600}
        form = urlencode({"grant_type": GRANT, "assertion": self._signer.token(claims)}).encode()
        answer = self._tokens.post(form, {"content-type": "application/x-www-form-urlencoded"})
        found = object_of(answer.body)
        token, lasts = found.get("access_token"), found.get("expires_in", 0)
        if answer.status != 200 or not isinstance(token, str) or not isinstance(lasts, int | float):
            raise NotSent(quoted(answer, f"{found.get('error', '')} {found.get('error_description', '')}"))
        return token, now + max(0.0, lasts - EARLY)


def payload(outgoing: Outgoing, token: str) -> dict[str, Any]:
    """The body of `messages:send`. A message that comes again takes the place of itself on the screen."""
    parts, name = outgoing.rendered.parts, outgoing.message_id
    data = {"attempt_id": outgoing.attempt_id, **({"link": parts["link"]} if parts.get("link") else {})}
    android: dict[str, Any] = {"collapse_key": name, "notification": {"tag": name}}
    apns: dict[str, Any] = {"headers": {"apns-collapse-id": name[:64]}}
    if outgoing.expires is not None:
        seconds = min(max(0, (outgoing.expires - outgoing.at) // 1000), LONGEST_TTL)
        android["ttl"] = f"{seconds}s"
        apns["headers"]["apns-expiration"] = str(outgoing.expires // 1000)
    shown = {"title": parts.get("title", ""), "body": parts.get("body", "")}
    return {"message": {"token": token, "notification": shown, "data": data, "android": android, "apns": apns}}


def outcome_of(answer: Answer, now: float) -> SendOutcome:
    """What FCM's answer means; `now` in seconds since the epoch, for a Retry-After that is a date."""
    found = object_of(answer.body)
    if 200 <= answer.status < 300:
        return SendOutcome("accepted", provider_id=str(found.get("name", ""))[:200])
    code, said, about_token = _code(found)
    kind = _kind(answer.status, code, about_token)
    wait = wait_of(answer.retry_after, now) if kind == "retry" else None
    if kind == "retry" and wait is None and answer.status == 429:
        wait = LEAST_QUOTA_WAIT
    return SendOutcome(kind, quoted(answer, f"{code} {said}" if code else ""), retry_after=wait)


def _kind(status: int, code: str, about_token: bool) -> OutcomeKind:
    if code in DEAD or (code == "INVALID_ARGUMENT" and about_token):
        return "bad_address"
    if not_sure(status):
        return "unknown"
    if code == "THIRD_PARTY_AUTH_ERROR":  # Apple or a browser refuses the project's own key for this one device
        return "refused"
    return "retry" if code in OURS or status in (401, 403, 408, 429) or status >= 500 else "refused"


def _code(found: dict[str, Any]) -> tuple[str, str, bool]:
    """FCM's own code, else the general one; what it says; whether it is the token that is wrong."""
    error = found.get("error")
    if not isinstance(error, dict):
        return "", "", False
    listed = error.get("details")
    details = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    own = next((each["errorCode"] for each in details if isinstance(each.get("errorCode"), str)), "")
    said = str(error.get("message", ""))
    wrong = [field for each in details for field in each.get("fieldViolations") or [] if isinstance(field, dict)]
    token = "registration token" in said or any(field.get("field") == "message.token" for field in wrong)
    return own or str(error.get("status", "")), said, token


def _account(file: Path) -> dict[str, str]:
    try:
        found = json.loads(read_key(file, WHAT))
    except ValueError:
        found = None
    names = ("project_id", "client_email", "private_key", "token_uri")
    account = {name: found.get(name) for name in names} if isinstance(found, dict) else {}
    missing = [name for name in names if not isinstance(account.get(name), str)]
    if missing:
        raise SetupError(f"{file} is no key of a service account: it lacks {', '.join(missing)}.")
    return {name: str(value) for name, value in account.items()}
