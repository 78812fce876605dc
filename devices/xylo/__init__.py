"""The Xylo family: limits, integers, one recurrent layer of neurons, configuration."""
