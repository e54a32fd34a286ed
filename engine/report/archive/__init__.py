"""The archive: everything that happened, out of the log streams, once, for as long as you like."""
