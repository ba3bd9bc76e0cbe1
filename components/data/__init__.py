"""Where data rests: tables."""
