"""Parcours: customer journeys and next best actions, written as YAML and templates."""

__version__ = "0.1.0"
