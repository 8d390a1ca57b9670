"""Tocsin: events of monitoring points and people in, alerts out."""
