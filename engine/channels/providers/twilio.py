"""Text messages through Twilio's Messages API, or one of the same shape.

    twilio://SID:TOKEN@api.twilio.com?from=%2B33612345678
    twilio://SID:TOKEN@api.twilio.com?service=MG...

`twilio+http://` is for a stand-in on one's own machine. Without `from` and `service` the brand's sender stands.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from engine.channels.providers.answers import not_sure, object_of, quoted, wait_of
from engine.channels.providers.attempt import token
from engine.channels.providers.http_post import Answer, NoAnswer, NotSent, Poster
from engine.model.errors import SetupError
from engine.model.message import OutcomeKind, Outgoing, SendOutcome

LONGEST_VALIDITY = 36_000  # seconds that Twilio may keep a message in its queue

# Twilio's error codes, where the HTTP status alone does not say what they mean.
NO_SUCH_NUMBER = frozenset({21211, 21217, 21265, 21401, 21421, 21614, 30005, 30006})
HAS_REFUSED = 21610  # the recipient has answered STOP
LATER = frozenset({14107, 20005, 20429, 21611, 30001, 30022, 63038})


class TwilioSender:
    """A `Sender` for text messages. Threads may share it.

    url       as above; sender  the From where the URL says none: a number or a word of up to 11 letters
    callback  where Twilio reports what becomes of a message; '' for nowhere
    clock     seconds since the epoch
    Raises SetupError when the URL cannot be used, without showing it; connects on the first send.
    """

    idempotent = False

    def __init__(
        self,
        url: str,
        sender: str = "",
        *,
        clock: Callable[[], float],
        callback: str = "",
        timeout: float = 10.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        if not parts.username or not parts.password or not parts.hostname:
            raise SetupError("The URL of Twilio should read twilio://SID:TOKEN@api.twilio.com?from=%2B33612345678.")
        if odd := sorted(given.keys() - {"from", "service"}):
            raise SetupError(f"The URL of Twilio takes from= or service=, not {odd[0]}=.")
        self._from = {"MessagingServiceSid": given["service"]} if "service" in given else {}
        if not self._from:
            # a + that was not written %2B has become a space
            name = given.get("from", sender).replace(" ", "+", 1) if given.get("from", "").startswith(" ") else ""
            self._from = {"From": name or given.get("from", sender)}
        if not all(self._from.values()):
            raise SetupError(
                "Text messages need a sender: write ?from=%2B33612345678 or ?service=MG... behind the URL of Twilio, "
                "or `sender: {sms: ...}` in journeys/brand.yaml."
            )
        account, self.secret = unquote(parts.username), unquote(parts.password)
        self.name = f"twilio:{parts.hostname}"
        self._clock, self._callback = clock, callback
        secret = b64encode(f"{account}:{self.secret}".encode()).decode()
        self._headers = {
            "authorization": f"Basic {secret}",
            "content-type": "application/x-www-form-urlencoded",
            "user-agent": "parcours",
        }
        scheme = "http" if parts.scheme.endswith("+http") else "https"
        where = f"{scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        self._poster = Poster(f"{where}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json", timeout, tls)

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """POST one message; `provider_id` is its SID."""
        now = self._clock()
        form = {"To": outgoing.address, "Body": outgoing.rendered.parts["text"], **self._from}
        if outgoing.expires is not None and 0 < outgoing.expires - outgoing.at <= LONGEST_VALIDITY * 1000:
            form["ValidityPeriod"] = str(max(1, (outgoing.expires - outgoing.at) // 1000))
        if self._callback:
            form["StatusCallback"] = f"{self._callback}?message={quote(token(outgoing.attempt_id), safe='')}"
        try:
            answer = self._poster.post(urlencode(form, errors="replace").encode(), self._headers)
        except NotSent as fault:
            return SendOutcome("retry", str(fault))
        except NoAnswer as fault:
            return SendOutcome("unknown", str(fault))
        return outcome_of(answer, now)

    def close(self) -> None:
        """Close the kept connections; a later send opens a new one."""
        self._poster.close()


def outcome_of(answer: Answer, now: float) -> SendOutcome:
    """What Twilio's answer means; `now` in seconds since the epoch, for a Retry-After that is a date."""
    found = object_of(answer.body)
    if 200 <= answer.status < 300:
        return SendOutcome("accepted", provider_id=str(found.get("sid", ""))[:200], names="twilio")
    code = found.get("code")
    said = f"{code} {found.get('message', '')}" if isinstance(code, int) else ""
    kind = _kind(answer.status, code if isinstance(code, int) else 0)
    wait = wait_of(answer.retry_after, now) if kind == "retry" else None
    return SendOutcome(kind, quoted(answer, said), retry_after=wait, withdrawn=code == HAS_REFUSED)


def _kind(status: int, code: int) -> OutcomeKind:
    if code in NO_SUCH_NUMBER:
        return "bad_address"
    if not_sure(status):
        return "unknown"
    # 401 and 403 say that our account is at fault: the message is good, and waits for it to be put right
    if code in LATER or status in (401, 403, 408, 429) or status >= 500:
        return "retry"
    return "refused"
