"""What the console shows of one person: plain data for its pages, in the words of `parcours explain`."""
