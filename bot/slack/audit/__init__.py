"""The audit, asked for in the Home tab: whether ledger and balance agree."""
