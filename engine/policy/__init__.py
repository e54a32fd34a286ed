"""Consent, suppression, quiet hours, caps, holdouts and wall-clock time. Pure: no clock, no input or output."""
