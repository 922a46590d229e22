"""Rim: the page and the API over a `Board`; renders, and computes no KPI."""
