"""L4: one small module per verb. Parse, call, print, exit code."""
