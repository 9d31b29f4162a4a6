"""The Sandbox page: the embedded servers, what they received, webhooks, and faults on order."""
