"""The archive in a warehouse: an example."""
