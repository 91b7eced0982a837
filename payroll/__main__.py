"""`python -m payroll`: the same as the `payroll` command."""

from payroll.cli.main import main

main()
