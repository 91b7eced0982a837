"""The faults that scripts/plant_faults.py puts into a sample hospital, one function each."""
