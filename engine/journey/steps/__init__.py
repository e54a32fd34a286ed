"""The verbs. One file each; adding one is a file here and its class in this tuple."""

from engine.journey.steps.call import Call
from engine.journey.steps.emit import Emit
from engine.journey.steps.if_ import If
from engine.journey.steps.repeat import Repeat
from engine.journey.steps.send import Send
from engine.journey.steps.send_best import SendBest
from engine.journey.steps.split import Split
from engine.journey.steps.step import Verb
from engine.journey.steps.stop import Stop
from engine.journey.steps.suggest import Suggest
from engine.journey.steps.suppress import Suppress
from engine.journey.steps.update import Update
from engine.journey.steps.wait import Wait
from engine.journey.steps.wait_for import WaitFor
from engine.journey.steps.wait_until import WaitUntil

VERBS: tuple[Verb, ...] = (
    Send(),
    Wait(),
    WaitFor(),
    WaitUntil(),
    If(),
    Split(),
    SendBest(),
    Suggest(),
    Suppress(),
    Update(),
    Emit(),
    Call(),
    Repeat(),
    Stop(),
)
BY_NAME: dict[str, Verb] = {verb.name: verb for verb in VERBS}
