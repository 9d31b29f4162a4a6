"""The network: names, connections, TLS and traced HTTP."""
