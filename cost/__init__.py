"""What compute costs: a price book, and which form is cheapest for a load."""
