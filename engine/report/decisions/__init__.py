"""What became of next best actions: measures, and what another way of choosing would have been worth."""
