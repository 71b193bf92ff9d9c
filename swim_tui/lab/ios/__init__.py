"""IOS and IOS-XE devices that boot one image file: the CLI of routers and small switches."""
