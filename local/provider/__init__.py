"""The `aws` provider of the local stage."""
