"""The run as a record: one type, as built or as read back; its files, identity and manifest."""
