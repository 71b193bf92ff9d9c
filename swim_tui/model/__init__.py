"""What things are: frozen dataclasses and StrEnums, standard library only. Import the module you need."""
