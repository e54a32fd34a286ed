"""Next best action: what to say to whom who asks, and why not all the rest."""
