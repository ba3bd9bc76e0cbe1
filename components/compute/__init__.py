"""Lambda functions and their layers."""
