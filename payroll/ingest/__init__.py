"""L2: source files -> canonical frames, each row with its place; unreadable cells are findings."""
