"""The asv suite; every parameter list comes from the registry, so a new activation is timed without a change here."""
