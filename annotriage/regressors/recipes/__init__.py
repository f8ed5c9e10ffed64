"""Recipes: everything that decides how a regressor is trained."""
