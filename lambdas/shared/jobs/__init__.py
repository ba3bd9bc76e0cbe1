"""Work that is written once and runs where it fits: in a function, durably, or in a container."""
