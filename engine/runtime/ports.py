"""A port to listen on, or a sentence that says who has it."""

from __future__ import annotations

import socket

from engine.model.errors import SetupError


def listen_on(host: str, port: int, choose: str = "PARCOURS_API_PORT") -> socket.socket:
    """A listening socket. Raises SetupError when the port is taken or the address is not ours; `choose` says with
    what another one is chosen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
