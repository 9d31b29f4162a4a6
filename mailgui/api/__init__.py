"""E-mail APIs: providers as data, drafts rendered to requests, the traced session."""
