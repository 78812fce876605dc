"""The Speck family (DYNAP-CNN): limits, integers, cores, simulation, configuration."""
