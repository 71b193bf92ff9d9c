"""The pages a person walks through, one module each."""
