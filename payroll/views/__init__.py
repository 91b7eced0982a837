"""What people are shown of a run: pure functions of a record and a language."""
