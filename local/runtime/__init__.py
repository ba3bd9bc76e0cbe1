"""What runs the functions of the local stage."""
