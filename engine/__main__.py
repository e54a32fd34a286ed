"""`python -m engine` is `parcours`."""

from engine.cli.main import main

main(prog_name="parcours")
