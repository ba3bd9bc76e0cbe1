"""Orders under injected faults: what becomes of them is counted."""
