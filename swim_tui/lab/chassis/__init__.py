"""What stacks and devices with several processors have in common: boot, show commands, long operations."""
