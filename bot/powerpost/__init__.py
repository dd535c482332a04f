"""The PowerPost client: wire models, building requests, reading answers (pure), and one sender."""
