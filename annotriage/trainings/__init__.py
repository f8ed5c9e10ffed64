"""Trainings on the disk: their plan, folder, states, progress, result and library; no Qt."""
