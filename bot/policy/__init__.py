"""What a workspace has decided: rules, budgets, presets. Pure, but for `book`."""
