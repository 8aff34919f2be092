"""Examples of frontends, run against the local stack."""
