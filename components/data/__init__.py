"""Where data rests: tables and buckets."""
