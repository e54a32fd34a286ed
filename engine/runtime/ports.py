"""A port to listen on, or a sentence that says who has it."""

from __future__ import annotations

import socket

from engine.model.errors import SetupError


def listen_on(host: str, port: int, choose: str = "PARCOURS_API_PORT", *, shared: bool = False) -> socket.socket:
    """A listening socket. Raises SetupError when the port is taken or the address is not ours; `choose` says with
    what another one is chosen. `shared`: others that say so listen there too, and the system gives each its part of
    the connections. A listener that forked processes have in common would leave it to whoever wakes first, who takes
    all that wait."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared and hasattr(socket, "SO_REUSEPORT"):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as fault:
        listener.close()
        raise SetupError(
            f"Port {port} on {host} cannot be used ({fault.strerror}): "
            f"stop what listens there, or choose another with {choose}."
        ) from None
    return listener
