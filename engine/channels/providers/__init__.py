"""Providers' clients: each file one way to hand a message over. None of them raises for what a network does."""
