"""What the bank sends back (pain.002, camt.053, camt.054, CODA) -> payroll.model.answers."""
