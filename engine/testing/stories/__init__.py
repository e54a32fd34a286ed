"""Timed stories: what a marketer expects of journeys, as YAML, run by the simulator in virtual time."""
