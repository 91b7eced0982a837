"""Emergency payroll: rebuild, check and pay from the last exports that survived, offline."""

__version__ = "0.1.0"
