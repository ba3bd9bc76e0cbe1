"""The parts of the orders system, which `__main__` puts together."""
