"""The wizards: Distribute Images, Activate Images, Import Images, Upgrade Analysis."""
