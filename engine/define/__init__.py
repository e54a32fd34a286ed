"""From files to a plan: reading, checking and compiling what marketers write."""
