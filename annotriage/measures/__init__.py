"""Measures of predicted Dice that training, comparison, scoring and screens share. Only numpy and scipy."""
