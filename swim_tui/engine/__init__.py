"""The engine: jobs in time. It owns the store, the schedule, the repository and the workers."""
