"""What was released, what the bank answered, and who signed: nothing is paid twice."""
