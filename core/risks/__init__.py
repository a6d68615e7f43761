"""Risks: what may happen, how likely and how bad, what is done about it (docs/risks.md)."""
