"""The DMP's public parameter file: fetched without a card, read, kept while it is good."""
