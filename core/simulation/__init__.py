"""Numbers of risks and estimates: stated models, their Monte Carlo simulation, and trees of decisions."""
