"""What the components share: links, names, tags, policy documents, packages, checks."""
