"""The console: pages for people, drawn by the server; who may see them, and what they may do there."""
