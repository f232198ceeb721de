"""The drill of backup and restore: `python -m tests.drill`."""
