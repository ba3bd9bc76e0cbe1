"""Function code of the tests of components."""
