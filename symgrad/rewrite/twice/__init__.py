"""Results in twice the digits of doubles, where these are not enough."""
