"""Orchestration: workflows, and the states that they go through."""
