"""How fast is it, beside what it could be? `make bench` prints each figure with its reference, measured in the same run."""
