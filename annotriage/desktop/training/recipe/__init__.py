"""The wizard's page of recipes."""
