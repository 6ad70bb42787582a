"""Stands for Colab's own package: as there, a part of the namespace `google`, imported before any cell runs."""
