"""The physics of a training run: arrays in, arrays out, nothing else."""
