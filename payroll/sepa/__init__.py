"""L2: payments -> pain.001 bytes, and an independent reader of what was written."""
