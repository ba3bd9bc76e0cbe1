"""Figures: what the toolkit costs, as ratios in one run."""
