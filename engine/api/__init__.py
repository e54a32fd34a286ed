"""The HTTP interface: events in, health out. Errors are problem+json (RFC 9457)."""
