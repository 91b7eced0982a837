"""L2: controls, pure functions of frames; rules/controls says which, how strictly, what is said."""
