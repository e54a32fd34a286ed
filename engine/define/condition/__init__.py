"""The condition language: one line of text, typed against the vocabulary, compiled to one function that never raises.

`parse_condition`, `parse_where` and `parse_match` each answer with what was read or with the problems found.
"""

from engine.define.condition.names import ENVELOPE, Names
from engine.define.condition.parse import parse_condition, parse_match, parse_where

__all__ = ["ENVELOPE", "Names", "parse_condition", "parse_match", "parse_where"]
