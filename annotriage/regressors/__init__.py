"""Training: backbones, recipes, fitting, evaluation, export. torch lives here and nowhere else."""
