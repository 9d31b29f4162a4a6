"""A domain's mail authentication: records fetched, parsed and judged."""
