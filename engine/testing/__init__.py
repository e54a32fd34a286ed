"""Virtual time: the same core as in production, with a clock that jumps and a store in memory."""
