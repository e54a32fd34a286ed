"""The edges of the engine: everything that touches a server, a process or the clock."""
