"""Trainings too long for a chapter: one folder a chapter, one module an experiment."""

import grubook  # noqa: F401  before TensorFlow, which it quietens
