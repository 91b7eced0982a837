"""L2: controls. Pure functions of frames; rules/controls says which, how strictly, in what words."""
