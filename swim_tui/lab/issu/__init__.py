"""In-service upgrades of chassis with two processors: 4500, ASR1000, ASR903, and their package commands."""
