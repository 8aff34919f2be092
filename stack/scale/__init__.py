"""A large world for measuring: set-based SQL in the order of its files, and the sizes of its tables in proportion."""
