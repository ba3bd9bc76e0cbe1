"""Front doors: HTTP APIs and the user pools that guard them."""
