"""IOS-XR devices: 32-bit with pies, 64-bit with RPMs and ISOs, and XR7 (LNT)."""
