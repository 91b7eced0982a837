"""The sample hospital: a synthetic, deterministic and deliberately messy workspace."""
