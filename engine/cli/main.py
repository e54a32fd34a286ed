"""The `parcours` command: finds the file of a command when it is called, and words every known fault."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec

import click

from engine import __version__
from engine.model.errors import DefinitionError, ParcoursError

# Name of a command -> where it is, and its line in `parcours --help` (which must not load them all:
# `parcours check` has no use for Celery). A command whose file does not exist is not offered.
COMMANDS = {
    "init": ("engine.cli.init:command", "Make a workspace with the starter journeys."),
    "check": ("engine.cli.check:command", "Say everything that is wrong with a workspace."),
    "preview": ("engine.cli.preview:command", "Show every message on every channel, on one page."),
    "test": ("engine.cli.test:command", "Run the stories that say what is expected of journeys."),
    "schema": ("engine.cli.schema:command", "Write JSON Schemas for completion in an editor."),
    "simulate": ("engine.cli.simulate:command", "Run a file of events through the journeys, in virtual time."),
    "up": ("engine.cli.up:command", "Run everything on this machine."),
    "console": ("engine.cli.console:command", "Print a link that signs in to the console."),
    "doctor": ("engine.cli.doctor:command", "Look at everything an installation rests on."),
    "explain": ("engine.cli.explain:command", "Tell the story of one customer: what happened, why, and what is next."),
    "profile": ("engine.cli.profile:command", "Look at a customer, export, merge or erase one."),
    "plan": ("engine.cli.plan:command", "Say what a deploy would change, and how many people stand where."),
    "deploy": ("engine.cli.deploy:command", "Publish a workspace to a running installation."),
    "pause": ("engine.cli.pause:command", "Let a journey stand still."),
    "resume": ("engine.cli.resume:command", "Let a paused journey go on, in one of three ways."),
    "kill": ("engine.cli.kill:command", "Let nothing of a journey leave any more."),
    "serve": ("engine.cli.serve:command", "Run the HTTP interface."),
    "worker": ("engine.cli.worker:command", "Run a worker that advances journeys or delivers messages."),
    "archive": ("engine.cli.archive:command", "Keep everything that happened, for reports; say how far that is."),
    "rebuild": ("engine.cli.rebuild:command", "Rebuild the state of a lost Redis from the archive."),
    "replay": ("engine.cli.replay:command", "Say what a draft would have made of what really happened."),
    "report": ("engine.cli.report:command", "Measure what customers did and what the engine did."),
    "decisions": ("engine.cli.decisions:command", "Measure next best actions, and what others would be worth."),
    "dead": ("engine.cli.dead:command", "Look into what was set aside, and take it up again."),
    "messages": ("engine.cli.messages:command", "Show what became of messages; bring their translations up to date."),
    "bounces": ("engine.cli.bounces:command", "Read e-mail that comes back."),
    "vouchers": ("engine.cli.vouchers:command", "Show the pools of voucher codes, and load new ones."),
    "catalog": ("engine.cli.catalog:command", "Show and set what lies over items of the catalogue."),
    "broadcast": ("engine.cli.broadcast:command", "Ask for a journey for every customer, in waves."),
    "redis": ("engine.cli.redis:command", "Run this workspace's own Redis."),
    "beat": ("engine.cli.beat:command", "Run the clock of the scheduled jobs."),
}


class LazyGroup(click.Group):
    """A group whose commands live in files named by COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table: as one first needs them."""
        return [name for name in COMMANDS if self._exists(name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; None when there is none of that name."""
        if cmd_name not in COMMANDS or not self._exists(cmd_name):
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            close = get_close_matches(name, self.list_commands(ctx), 1)
            hint = f"Did you mean '{close[0]}'?" if close else "See 'parcours --help'."
            raise click.UsageError(f"'{name}' is not a command. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        """Run a command. What the engine raises on purpose becomes one message and exit code 1."""
        try:
            return super().invoke(ctx)
        except DefinitionError as error:
            from engine.define.report import listing

            raise click.ClickException(f"the workspace has problems.\n{listing(error.problems)}") from None
        except ParcoursError as error:
            raise click.ClickException(error.sentence()) from None
        except OSError as error:
            if error.filename is None:  # not about a file: what was it?
                raise
            raise click.ClickException(f"{error.filename} cannot be used: {error.strerror}.") from None

    @staticmethod
    def _exists(name: str) -> bool:
        return find_spec(COMMANDS[name][0].partition(":")[0]) is not None


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="parcours %(version)s")
def main() -> None:
    """Customer journeys on every channel, written in YAML."""
