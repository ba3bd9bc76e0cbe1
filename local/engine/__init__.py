"""The genuine Pulumi engine, and what it is asked to do."""
