"""What was spent, what comes back, and what it will cost: the ledger and what is read from it."""
