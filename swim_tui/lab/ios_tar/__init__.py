"""Classic Catalyst switches: images in directories, `archive download-sw`, FlexStack and StackWise."""
