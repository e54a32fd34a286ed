"""Between a channel app that asks and the pure answer: what is read on the way, and what is written behind it."""
