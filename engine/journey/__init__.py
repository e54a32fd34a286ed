"""Starting, advancing and ending journeys. Pure: (plan, profile, event or timer, now) -> new state, rows, records."""
