"""Modal dialogs: confirm levels 1 to 3, errors, menus, forms of one line."""
