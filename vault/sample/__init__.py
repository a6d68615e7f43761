"""The sample engagement: one story in each language, played through the domain as its people would have."""
